"""Lines into the objects of a backup, and back: compressed, counted, and checked before anybody sees them."""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import IO

from jobs.errors import DaseinError, InvalidInput
from stores.copying import Line
from workers.backup.manifest import Component, Group, Part, Sum, text_of
from workers.backup.store import BackupStore, copy, spooled

PART_BYTES = 32 * 1024 * 1024
"""Of lines in one object, before they are compressed."""
LEVEL = 1
"""Of compression: more would cost three times the processor for a fifth of the bytes."""

LONGEST = 512 * 1024 * 1024
"""Of a line, more than any of ours has: what is small when it is compressed may be of any length."""


class Damaged(InvalidInput):
    """A backup is not what its manifest says; nothing of it is used."""

    code = "backup-damaged"


class Packer:
    """Packs one group of a component."""

    def __init__(self, store: BackupStore, backup: str, component: Component, group: str) -> None:
        """Write objects below the backup's folder, as many as the lines take."""
        self._store, self._backup = store, backup
        self._component, self._group = component, group
        self._held: list[bytes] = []
        self._weight = 0
        self._sum = Sum()
        self.parts: list[Part] = []

    def add(self, line: Line) -> None:
        """Pack a line."""
        text = text_of(line)
        self._sum.add_text(text)
        self._held.append(text)
        self._weight += len(text)
        if self._weight >= PART_BYTES:
            self._flush()

    def finish(self) -> Group:
        """Write what is left; return what the group came to."""
        self._flush()
        return Group(component=self._component, name=self._group, lines=self._sum.lines, content=self._sum.content)

    def _flush(self) -> None:
        if not self._held:
            return
        number = len(self.parts) + 1
        name = f"{self._component}/{self._group}-{number:05d}.jsonl.gz"
        with spooled() as file:
            with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=LEVEL, mtime=0) as packed:
                packed.write(b"\n".join([*self._held, b""]))
            size = file.tell()
            file.seek(0)
            digest = _digest(file)
            file.seek(0)
            self._store.write(self._backup, name, file)
        self.parts.append(
            Part(
                name=name,
                component=self._component,
                group=self._group,
                lines=len(self._held),
                bytes=size,
                sha256=digest,
            )
        )
        self._held, self._weight = [], 0


def lines_of(store: BackupStore, backup: str, parts: Iterable[Part]) -> Iterator[Line]:
    """Yield the lines of objects, each object only after its digest was found right; raise Damaged."""
    return map(json.loads, texts_of(store, backup, parts))


def texts_of(store: BackupStore, backup: str, parts: Iterable[Part], *, longest: int = LONGEST) -> Iterator[bytes]:
    """Yield the lines of objects as they were packed; raise as `lines_of`, and for a line of `longest` bytes."""
    for part in parts:
        yield from _texts(store, backup, part, longest)


def _texts(store: BackupStore, backup: str, part: Part, longest: int) -> Iterator[bytes]:
    try:
        file = store.read(backup, part.name)
    except DaseinError as error:
        if isinstance(error, InvalidInput) and error.field is not None:
            raise
        raise Damaged(f"{part.name}: {error.message}") from error
    with file:
        if _digest(file) != part.sha256 or file.tell() != part.bytes:
            raise Damaged(f"{part.name}: it is not what was written ({file.tell()} bytes of {part.bytes}).")
        file.seek(0)
        count = 0
        for text in _unpacked(file, part, longest):
            count += 1
            yield text
        if count != part.lines:
            raise Damaged(f"{part.name}: it has {count} lines, not {part.lines}.")


def _unpacked(file: IO[bytes], part: Part, longest: int) -> Iterator[bytes]:
    try:
        with gzip.GzipFile(fileobj=file, mode="rb") as packed:
            while text := packed.readline(longest):
                if len(text) == longest:
                    raise Damaged(f"{part.name}: a line is longer than any of ours.")
                yield text.rstrip(b"\n")
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise Damaged(f"{part.name}: it cannot be unpacked.") from error


def _digest(file: IO[bytes]) -> str:
    digest = sha256()
    copy(file, digest.update)
    return digest.hexdigest()
