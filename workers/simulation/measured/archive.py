"""ZIP archives from strangers: few entries, plain methods, and read as streams, never unpacked."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from workers.simulation.measured.source import Refusal

MAX_ENTRIES = 10_000


def opened_archive(stream: IO[bytes]) -> zipfile.ZipFile:
    """Read an archive's list; raise Refusal for one that is broken, has too many entries or the same name twice."""
    with _read():
        archive = zipfile.ZipFile(stream)
    names = archive.namelist()
    if len(names) > MAX_ENTRIES:
        raise Refusal("too-many-entries", f"The archive has {len(names)} entries, at most {MAX_ENTRIES} are read.")
    if len(set(names)) != len(names):
        raise Refusal("unreadable", "The archive has two entries of one name.")
    return archive


def member(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    """Open an entry; raise Refusal for an encrypted one, or a method that is unusual."""
    told = archive.getinfo(name)
    if told.flag_bits & 0x1 or told.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise Refusal("unreadable", f"{name} is encrypted, or compressed in an unusual way.")
    with _read():
        return archive.open(told)


@contextmanager
def _read() -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, OSError) as error:
        raise Refusal("unreadable", f"The archive cannot be read: {str(error)[:200]}") from error
