"""What `dasein login` keeps: the keys of farms by their URL, in a file that nobody else can read.

`$XDG_CONFIG_HOME/dasein/farms.json`, else in `~/.config`: {default, farms: {url: {key, ca_file}}}, mode 0600.
"""

import json
import os
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dasein.errors import BadCredential


@dataclass(frozen=True, slots=True)
class Profile:
    """What is kept of one farm."""

    key: str | None = field(default=None, repr=False)
    ca_file: str | None = None


@dataclass(frozen=True, slots=True)
class Profiles:
    """All farms that somebody has signed in to."""

    farms: Mapping[str, Profile] = field(default_factory=dict)
    default: str | None = None
    """The URL of the farm that is meant when none is named."""

    def of(self, url: str) -> Profile:
        """Return what is kept of the farm at exactly this URL: a key goes to no other one."""
        return self.farms.get(url, Profile())

    def with_farm(self, url: str, profile: Profile, *, default: bool) -> "Profiles":
        """Return these with a farm; the first one is the default."""
        farms = {**self.farms, url: profile}
        return replace(self, farms=farms, default=url if default or self.default is None else self.default)

    def without_farm(self, url: str) -> "Profiles":
        """Return these without a farm; a default that is gone is followed by the first of the others."""
        farms = {name: profile for name, profile in self.farms.items() if name != url}
        return Profiles(farms, self.default if self.default in farms else next(iter(farms), None))


def profiles_path() -> Path:
    """Return where profiles are kept."""
    given = os.environ.get("XDG_CONFIG_HOME", "")
    # By the specification of these directories, what is relative is not meant.
    base = Path(given) if given.startswith("/") else Path.home() / ".config"
    return base / "dasein" / "farms.json"


def read_profiles() -> Profiles:
    """Return what is kept, nothing where nobody has signed in; raise BadCredential for a file that others can read."""
    path = profiles_path()
    try:
        with path.open(encoding="utf-8") as file:
            if os.name == "posix" and stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise BadCredential(f"{path} holds keys and can be read by others: chmod 600 {path}")
            return _profiles(json.load(file), path)
    except FileNotFoundError:
        return Profiles()
    except (OSError, ValueError) as error:
        # Not the error's own words: those of JSON may quote the file.
        raise BadCredential(f"{path} cannot be read ({type(error).__name__}); sign in again without it.") from None


def write_profiles(profiles: Profiles) -> Path:
    """Keep profiles, whole or not at all; return where."""
    path = profiles_path()
    document = {
        "default": profiles.default,
        "farms": {
            url: {name: value for name, value in (("key", farm.key), ("ca_file", farm.ca_file)) if value is not None}
            for url, farm in profiles.farms.items()
        },
    }
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A file made so is nobody else's from its first byte on.
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".farms-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(document, file, indent=2)
                file.write("\n")
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise BadCredential(f"{path} cannot be written: {error.strerror}") from error
    return path


def _profiles(said: Any, path: Path) -> Profiles:
    try:
        farms = {str(url): Profile(farm.get("key"), farm.get("ca_file")) for url, farm in said["farms"].items()}
        return Profiles(farms, said["default"])
    except (KeyError, TypeError, AttributeError):
        raise BadCredential(f"{path} is not what `dasein login` writes; remove it and sign in again.") from None
