"""The files of the farm's data folder that a backup takes: what `artifacts.py` lays there, and what closes the farm.

artifacts/ campaigns/ rems/   as `artifacts.py` says
closed, secret                as `config/access.py` says
Everything else there is a store's own, or made again when it is missing.
"""

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from stat import S_IMODE, S_ISREG
from tempfile import NamedTemporaryFile

import structlog

from jobs.errors import InvalidInput
from stores.copying import Kept
from stores.writing import writing

log = structlog.get_logger(__name__)

FOLDERS = ("artifacts", "campaigns", "rems")
FILES = ("closed", "secret")
INCOMING = "incoming"
SOME = 3
_PART = r"[A-Za-z0-9_][A-Za-z0-9._-]*"
PLACE = re.compile(rf"({'|'.join(FILES)})|({'|'.join(FOLDERS)})(/{_PART})+")


class DataFolder:
    """The files below one folder."""

    def __init__(self, root: Path) -> None:
        """Look below `root`."""
        self._root = root

    def every(self) -> Iterator[Kept]:
        """Yield the files, sorted."""
        for name in FOLDERS:
            yield from self._below(self._root / name)
        for name in FILES:
            yield from self._kept(self._root / name)

    def path(self, place: str) -> Path:
        """Return where a file lies."""
        if not PLACE.fullmatch(place) or ".." in place:
            raise InvalidInput(f"{place[:100]!r} is no place of a file of ours.", field="place")
        return self._root / place

    def anything(self) -> list[str]:
        """Return some places."""
        return [kept.place for kept in islice(self.every(), SOME)]

    def erase(self) -> None:
        """Remove all files."""
        with writing():
            for name in FOLDERS:
                if (folder := self._root / name).is_dir():
                    shutil.rmtree(folder)
            for name in FILES:
                (self._root / name).unlink(missing_ok=True)

    def put(self, kept: Kept, chunks: Iterable[bytes]) -> None:
        """Write a file, and put it into its place when all of it is there."""
        path = self.path(kept.place)
        incoming = self._root / INCOMING
        with writing():
            incoming.mkdir(parents=True, exist_ok=True)
            path.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=incoming, delete=False) as file:
                try:
                    for chunk in chunks:
                        file.write(chunk)
                    file.flush()
                    os.fsync(file.fileno())
                    # Who may read and write it is a file's own; under whose name it runs is nobody's to say.
                    Path(file.name).chmod(kept.mode & 0o777)
                    os.utime(file.name, ns=(kept.changed_ns, kept.changed_ns))
                    Path(file.name).replace(path)
                finally:
                    Path(file.name).unlink(missing_ok=True)

    def _below(self, folder: Path) -> Iterator[Kept]:
        for place, folders, names in os.walk(folder):
            folders.sort()
            for name in sorted(names):
                yield from self._kept(Path(place, name))

    def _kept(self, path: Path) -> Iterator[Kept]:
        with suppress(FileNotFoundError):
            told = path.lstat()
            place = path.relative_to(self._root).as_posix()
            if S_ISREG(told.st_mode) and PLACE.fullmatch(place):
                yield Kept(place, told.st_size, told.st_mtime_ns, S_IMODE(told.st_mode))
            else:
                # Nothing of the farm makes such names, or links.
                log.warning("file_left_out", place=place)
