"""Objects of backups in their vault: checked, encrypted where that was asked for, and never larger than memory allows."""

import json
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO

from jobs.errors import InvalidInput, NotFound
from stores.copying import Vault
from workers.backup.manifest import Manifest
from workers.backup.seal import PLAIN, Seal

BACKUPS = "backups/"
FILES = "files/"
MANIFEST = "manifest.json"
CONTENTS = "contents.json"
IN_MEMORY = 16 * 1024 * 1024
PIECE = 1024 * 1024
SEALED = ".age"


class BackupStore:
    """The objects of all backups in a vault."""

    def __init__(self, vault: Vault, seal: Seal | None) -> None:
        """Write with `seal` if it closes, else as it is; read with it what was sealed."""
        self._vault = vault
        self._opens = seal
        self._seal = seal if seal is not None and seal.closes else None
        self.files_under = PLAIN if self._seal is None else self._seal.folder
        self.stored = 0
        """Bytes written."""

    @property
    def _suffix(self) -> str:
        return "" if self._seal is None else self._seal.suffix

    def write(self, backup: str, name: str, source: IO[bytes]) -> None:
        """Write an object of a backup."""
        self._put(f"{BACKUPS}{backup}/{name}{self._suffix}", source)

    def write_bytes(self, backup: str, name: str, data: bytes) -> None:
        """Write a small object of a backup."""
        self.write(backup, name, BytesIO(data))

    def read(self, backup: str, name: str) -> IO[bytes]:
        """Return an object of a backup, decrypted; raise NotFound, or InvalidInput if it is damaged."""
        return self._get(f"{BACKUPS}{backup}/{name}")

    def write_file(self, digest: str, source: IO[bytes]) -> None:
        """Write the contents of a file."""
        self._put(self._file(digest, self.files_under) + self._suffix, source)

    def read_file(self, digest: str, under: str) -> IO[bytes]:
        """Return the contents of a file; raise as `read`."""
        return self._get(self._file(digest, under))

    def known_files(self, under: str) -> frozenset[str]:
        """Return the digests of the contents that are there."""
        names = self._vault.names(f"{FILES}{under}/")
        return frozenset(name.rpartition("/")[2].removesuffix(SEALED) for name in names)

    def write_contents(self, backup: str, digests: Iterable[str]) -> None:
        """Note which contents a backup needs; in the open, as their names are, so that no key is needed to tidy up."""
        told = json.dumps({"under": self.files_under, "needs": sorted(digests)}).encode()
        self._vault.put(f"{BACKUPS}{backup}/{CONTENTS}", BytesIO(told))

    def contents(self, backup: str) -> tuple[str, frozenset[str]]:
        """Return where the contents lie that a backup needs, and their digests."""
        told = json.loads(b"".join(self._vault.get(f"{BACKUPS}{backup}/{CONTENTS}")))
        return told["under"], frozenset(told["needs"])

    def file_folders(self) -> list[str]:
        """Return where there are contents."""
        return self._vault.folders(FILES)

    def manifest(self, backup: str) -> Manifest:
        """Return what a backup says of itself; raise NotFound for one that is none."""
        try:
            with self.read(backup, MANIFEST) as file:
                found = Manifest.opened(file.read())
        except NotFound as error:
            raise NotFound(f"There is no backup {backup}, or it was never finished.") from error
        if found.id != backup:
            raise InvalidInput(f"The manifest is that of {found.id}.")
        return found

    def every(self) -> list[str]:
        """Return the ids of what was begun, oldest first; what was not finished has no manifest."""
        return self._vault.folders(BACKUPS)

    def is_finished(self, backup: str) -> bool:
        """Say whether a backup has a manifest."""
        return any(f"/{MANIFEST}" in name for name in self._vault.names(f"{BACKUPS}{backup}/"))

    def remove(self, backup: str) -> None:
        """Remove a backup, its manifest first: nobody takes the rest for one."""
        names = sorted(self._vault.names(f"{BACKUPS}{backup}/"), key=lambda name: f"/{MANIFEST}" not in name)
        self._vault.delete(names[:1])
        self._vault.delete(names[1:])

    def remove_files(self, under: str, digests: frozenset[str]) -> None:
        """Remove contents."""
        there = self._vault.names(f"{FILES}{under}/")
        self._vault.delete([name for name in there if name.rpartition("/")[2].removesuffix(SEALED) in digests])

    def _put(self, name: str, source: IO[bytes]) -> None:
        if self._seal is None:
            self._vault.put(name, source)
            self.stored += source.tell()
            return
        with spooled() as whole:
            self._seal.close(source, whole)
            self.stored += whole.tell()
            whole.seek(0)
            self._vault.put(name, whole)

    def _get(self, name: str) -> IO[bytes]:
        try:
            pieces, sealed = self._pieces(name), False
        except NotFound:
            pieces, sealed = self._pieces(f"{name}{SEALED}"), True
        found = spooled()
        try:
            for piece in pieces:
                found.write(piece)
            found.seek(0)
            return self._opened(found) if sealed else found
        except BaseException:
            found.close()
            raise

    def _opened(self, sealed: IO[bytes]) -> IO[bytes]:
        if self._opens is None:
            raise InvalidInput("The backup is encrypted: give the secret key.", field="backup_identity")
        whole = spooled()
        try:
            self._opens.open(sealed, whole)
        except BaseException:
            whole.close()
            raise
        sealed.close()
        whole.seek(0)
        return whole

    def _pieces(self, name: str) -> Iterator[bytes]:
        """Return an object's bytes; raise NotFound here rather than at the first of them."""
        pieces = self._vault.get(name)
        first = next(pieces, b"")

        def all_of() -> Iterator[bytes]:
            yield first
            yield from pieces

        return all_of()

    @staticmethod
    def _file(digest: str, under: str) -> str:
        return f"{FILES}{under}/{digest[:2]}/{digest}"


def spooled() -> IO[bytes]:
    """Return a file that lies in memory while it is small, and is gone when it is closed."""
    return SpooledTemporaryFile(max_size=IN_MEMORY)


def copy(source: IO[bytes], write: Callable[[bytes], object]) -> None:
    """Read all of a file."""
    while piece := source.read(PIECE):
        write(piece)
