"""Which farm is meant, and who we are to it: what a call says goes before the environment, that before a login."""

import os
from dataclasses import dataclass
from pathlib import Path

import httpx

from dasein.credentials import Credential, FileCredential
from dasein.profiles import Profiles, read_profiles

DEFAULT_URL = "http://127.0.0.1:8080"


@dataclass(frozen=True, slots=True)
class FarmAddress:
    """A farm's URL, and how to speak to it."""

    url: str
    credential: Credential | None
    ca_file: str | None
    """Certificates to trust instead of the system's."""


def normal_url(url: str) -> str:
    """Return a farm's URL as it is kept and compared; raise ValueError for what is none, or holds a password."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(f"{url!r} is not a URL: {error}") from error
    if parsed.userinfo:
        # Not shown: it is a secret.
        raise ValueError("a URL may hold no user and no password; sign in with a key: dasein login")
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise ValueError(f"{url!r} is not an http or https URL")
    return str(parsed.copy_with(query=None, fragment=None)).rstrip("/")


def farm_address(
    url: str | None = None,
    *,
    api_key: str | None = None,
    api_key_file: str | os.PathLike[str] | None = None,
    ca_file: str | os.PathLike[str] | None = None,
) -> FarmAddress:
    """Return what is meant; None stands for what was not said. Raise ValueError, BadCredential."""
    profiles = read_profiles()
    wanted = normal_url(url or os.environ.get("DASEIN_URL") or profiles.default or DEFAULT_URL)
    trusted = ca_file or os.environ.get("DASEIN_CA_FILE") or profiles.of(wanted).ca_file
    return FarmAddress(
        wanted, _credential(wanted, profiles, api_key, api_key_file), None if trusted is None else os.fspath(trusted)
    )


def _credential(
    url: str, profiles: Profiles, api_key: str | None, api_key_file: str | os.PathLike[str] | None
) -> Credential | None:
    if api_key:
        return Credential(api_key, source="the call")
    if api_key_file:
        return FileCredential(Path(api_key_file))
    if key := os.environ.get("DASEIN_API_KEY", "").strip():
        return Credential(key, source="DASEIN_API_KEY")
    if file := os.environ.get("DASEIN_API_KEY_FILE"):
        return FileCredential(Path(file))
    if kept := profiles.of(url).key:
        return Credential(kept, source="`dasein login`")
    return None
