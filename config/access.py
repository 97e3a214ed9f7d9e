"""Whether the farm is open to whoever reaches it, and the secret that its keys are hashed under.

Open is what a farm without keys is, on loopback. The first key closes it, for good: a file in the data folder says so,
which all its processes look for, so that a Redis that forgot the keys leaves the farm closed to all rather than open.
"""

import hmac
import os
import secrets
from hashlib import sha256
from pathlib import Path

from config.drawn import draw
from config.settings import Settings

MARKER = "closed"
SECRET = "secret"  # noqa: S105  # the name of a file
SECRET_BYTES = 32


def is_closed(settings: Settings) -> bool:
    """Say whether only known callers are served: cheap enough for every request."""
    return settings.auth == "required" or settings.takes_tokens or (settings.data_dir / MARKER).exists()


def close(settings: Settings) -> None:
    """Close the farm, in every process from its next request on; may be asked twice."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with (settings.data_dir / MARKER).open("a") as file:
        os.fsync(file.fileno())


def secret(settings: Settings, purpose: str) -> bytes:
    """Return the server's secret for one purpose; without a setting one is drawn once, for its owner's eyes."""
    given = settings.secret
    whole = _kept(settings.data_dir) if given is None else given.get_secret_value().encode()
    return hmac.digest(whole, purpose.encode(), sha256)


def _kept(folder: Path) -> bytes:
    path = folder / SECRET
    if not path.exists():
        draw(path, secrets.token_hex(SECRET_BYTES).encode(), mode=0o600)
    found = path.read_bytes().strip()
    if len(found) < SECRET_BYTES:
        raise ValueError(f"{path} is no secret of ours: it has {len(found)} bytes")
    return found
