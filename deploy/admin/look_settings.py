"""The settings: names that nothing reads, doors that stand open, secrets that others may read."""

import stat
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel

from config.access import MARKER, SECRET, is_closed
from config.settings import Settings
from deploy.admin.finding import Finding, fail, ok, warn

PREFIX = "DASEIN_"
OTHERS = frozenset(
    {
        *("DASEIN_SECRETS_DIR", "DASEIN_REQUIRE"),
        *("DASEIN_URL", "DASEIN_API_KEY", "DASEIN_API_KEY_FILE", "DASEIN_CA_FILE", "DASEIN_MCP_TOKEN"),
    }
)
"""What is no setting of the farm: where its secrets lie, what tests may demand, what the client reads."""


def look_at_settings(settings: Settings, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what is found; `environment` is that of the process."""
    known = {*_names(type(settings), PREFIX), *OTHERS}
    strange = sorted(name for name in environment if name.startswith(PREFIX) and name not in known)
    for name in strange:
        near = get_close_matches(name, known, n=1)
        yield warn(
            "settings", f"{name} is no setting: nothing reads it.", f"Is {near[0]} meant?" if near else "Unset it."
        )
    if not strange:
        yield ok("settings", f"every {PREFIX}* variable is one.")
    yield _door(settings)
    yield from _secrets(settings)
    yield from _passwords(settings)


def _names(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        whole = f"{prefix}{name.upper()}"
        yield whole
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _names(field.annotation, f"{whole}__")


def _door(settings: Settings) -> Finding:
    if is_closed(settings):
        return ok("access", "only callers with a key or a token are served.")
    if _is_loopback(settings.host):
        return ok("access", f"no keys yet: the farm serves this machine alone, on {settings.host}.")
    return fail(
        "access",
        f"there are no keys, and web is to listen on {settings.host}: it refuses to start.",
        "Make the first key (`make key`), or set DASEIN_AUTH=required.",
    )


def _secrets(settings: Settings) -> Iterator[Finding]:
    readable = [path for path in (settings.data_dir / SECRET, settings.flower_password_file) if _others_may_read(path)]
    for path in readable:
        yield fail("secrets", f"{path} can be read by others.", f"chmod 600 {path}")
    closed, given = (settings.data_dir / MARKER).exists(), settings.secret is not None
    if closed and not given and not (settings.data_dir / SECRET).exists():
        yield fail(
            "secrets",
            f"{settings.data_dir / SECRET} is gone: no key that was made is known any more.",
            "Restore it from a backup, or make new keys.",
        )
    elif not readable:
        yield ok("secrets", "files with secrets are for their owner alone.")


def _passwords(settings: Settings) -> Iterator[Finding]:
    """Look at servers on other machines that let everyone in."""
    bare = [
        name
        for name, url in (("DASEIN_REDIS_URL", settings.redis), ("DASEIN_CACHE_URL", settings.cache))
        if (parts := urlsplit(url)).hostname and not _is_loopback(parts.hostname) and not parts.password
    ]
    for name in bare:
        yield warn(
            "passwords",
            f"the server of {name} is on another machine and asks for no password.",
            "Give it one (`requirepass`, or an ACL), and put it into the URL; or let only the farm reach it.",
        )


def _others_may_read(path: Path) -> bool:
    return path.exists() and bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
