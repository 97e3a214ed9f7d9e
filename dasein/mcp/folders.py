"""Which files may be uploaded: those below the folders that the user allowed, and nothing else, whatever a path looks like."""

import stat
from collections.abc import Iterable
from pathlib import Path

from dasein.errors import BadFile

ELF = b"\x7fELF"


class Folders:
    """Folders below which files may be read. Symbolic links are followed first, so none leads out."""

    def __init__(self, allowed: Iterable[Path]) -> None:
        """Allow what lies below these; relative paths are meant from the first one. Raise BadFile for one that is none."""
        self._allowed = tuple(_folder(path) for path in allowed)

    @classmethod
    def here(cls) -> "Folders":
        """Allow the working directory; nothing where that is the root or somebody's home, which hosts may start us in."""
        here = Path.cwd().resolve()
        return cls([] if here in {Path(here.anchor), Path.home().resolve()} else [here])

    @property
    def allowed(self) -> tuple[str, ...]:
        """Return the folders."""
        return tuple(str(path) for path in self._allowed)

    def file(self, given: str) -> Path:
        """Return where a file really is; raise BadFile, alike for what is not there and for what may not be seen."""
        if not self._allowed:
            raise BadFile(given, "No folder is allowed; the user names one with `dasein mcp --files FOLDER`.")
        refusal = BadFile(given, f"There is no such file that may be read, below {' or '.join(self.allowed)}.")
        try:
            path = (self._allowed[0] / given).resolve(strict=True)
            # A pipe or a device would keep us waiting, or never end.
            regular = stat.S_ISREG(path.stat().st_mode)
        except (OSError, ValueError, RuntimeError) as error:
            raise refusal from error
        if not regular or not any(_shows(folder, path) for folder in self._allowed):
            raise refusal
        return path

    def firmware(self, given: str) -> Path:
        """Return where an ELF really is; raise BadFile."""
        path = self.file(given)
        try:
            with path.open("rb") as file:
                begins = file.read(len(ELF))
        except OSError as error:
            raise BadFile(given, "It cannot be read.") from error
        if begins != ELF:
            raise BadFile(given, "It is no ELF.")
        return path


def _folder(path: Path) -> Path:
    try:
        folder = path.expanduser().resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise BadFile(str(path), "There is no such folder.") from error
    if not folder.is_dir():
        raise BadFile(str(path), "It is no folder.")
    return folder


def _shows(folder: Path, path: Path) -> bool:
    """Say whether a path lies below a folder, and nothing on the way is hidden, as keys and settings are."""
    if not path.is_relative_to(folder):
        return False
    return not any(part.startswith(".") for part in path.relative_to(folder).parts)
