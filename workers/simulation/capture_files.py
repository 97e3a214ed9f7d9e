"""The files of a capture, written while it goes on: under other names until they are whole, and of any length.

A thread writes, so that the ring is emptied meanwhile. What waits for it is bounded: when it is full, taking waits, and
the ring has to hold what comes.
"""

import os
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from jobs.measurement import COLUMNS, HEADER
from renode.records import ROW, Records, csv_lines, header_of
from stores.writing import writing

PARTIAL = ".partial"
WAITING = 32
"""Pieces that wait to be written; a piece is what was taken at once."""
GROUP = 65_536
"""Records of a row group: 40 MB. Smaller ones would make what Parquet keeps of each large."""
NO_ROWS = np.zeros(0, ROW)
Rows = npt.NDArray[np.void]


class Writer(Protocol):
    """Writes one form to an open file."""

    def add(self, records: Records) -> None:
        """Write some more records."""

    def end(self, records: Records, count: int, notes: Mapping[str, str]) -> None:
        """Write what is known at the end: what `records` say but for their rows, of `count` of them.

        `notes` are what else is to be said of them, by name, where the form has a place for that.
        """

    def abandon(self) -> None:
        """Write nothing more: the file is not wanted."""


Begin = Callable[[BinaryIO], Writer]


class BinaryWriter:
    """The binary form, whose header is written last."""

    def __init__(self, file: BinaryIO) -> None:
        """Leave room for the header."""
        self._file = file
        file.write(bytes(HEADER.size))

    def add(self, records: Records) -> None:
        """Append rows."""
        self._file.write(records.rows.tobytes())

    def end(self, records: Records, count: int, notes: Mapping[str, str]) -> None:
        """Write the header, which has no place for notes, into its own."""
        del notes
        self._file.seek(0)
        self._file.write(header_of(records, count))

    def abandon(self) -> None:
        """Hold nothing back."""


class CsvWriter:
    """The CSV, which says nothing of the whole."""

    def __init__(self, file: BinaryIO) -> None:
        """Name the columns."""
        self._file = file
        file.write(f"{','.join(COLUMNS)}\n".encode("ascii"))

    def add(self, records: Records) -> None:
        """Append lines."""
        self._file.write("".join(csv_lines(records)).encode("ascii"))

    def end(self, records: Records, count: int, notes: Mapping[str, str]) -> None:
        """Leave it as it is."""

    def abandon(self) -> None:
        """Hold nothing back."""


class CaptureFiles:
    """Files of one capture in `folder`. Without `finish` nothing is left of them."""

    def __init__(self, folder: Path, writers: Mapping[str, tuple[str, Begin]], like: Records) -> None:
        """Begin a file for each form, of its name and its writer, for records like `like`.

        What an earlier attempt has left is removed.
        """
        self._like = like
        self._names = {form: name for form, (name, _) in writers.items()}
        self._digest = sha256()
        self._count = 0
        self._waiting: deque[Future[None]] = deque()
        own = uuid4().hex  # an attempt that was given up may still write
        self._places = {form: folder / f"{name}.{own}{PARTIAL}" for form, name in self._names.items()}
        self._files: dict[str, BinaryIO] = {}
        self._writers: dict[str, Writer] = {}
        with writing():
            for path in [*folder.glob(f"*{PARTIAL}"), *(folder / name for name in self._names.values())]:
                path.unlink(missing_ok=True)
            try:
                self._files = {form: path.open("xb") for form, path in self._places.items()}
                self._writers = {form: begin(self._files[form]) for form, (_, begin) in writers.items()}
            except BaseException:
                self._leave()
                raise
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="capture")

    def __enter__(self) -> Self:
        """Return the files."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Remove what was not finished."""
        self._thread.shutdown(cancel_futures=True)
        self._leave()

    def add(self, rows: Rows) -> None:
        """Have more rows written; raise StoreUnavailable, perhaps for earlier ones."""
        while self._waiting and (self._waiting[0].done() or len(self._waiting) >= WAITING):
            self._waiting.popleft().result()
        self._waiting.append(self._thread.submit(self._write, rows))

    def finish(self, dropped: int, notes: Mapping[str, str]) -> tuple[str, dict[str, dict[str, object]]]:
        """Make the files whole, with `notes` where there is a place for them; return the SHA-256 of all rows as bytes, and
        the files by form.
        """
        while self._waiting:
            self._waiting.popleft().result()
        whole = Records(NO_ROWS, self._like.period_ns, self._like.firmware, dropped, self._like.clock)
        told: dict[str, dict[str, object]] = {}
        with writing():
            for form, file in self._files.items():
                self._writers[form].end(whole, self._count, notes)
                file.flush()
                os.fsync(file.fileno())
                file.close()
            for form, path in self._places.items():
                path.chmod(0o644)
                path.replace(path.with_name(self._names[form]))
                told[form] = {"name": self._names[form], "bytes": path.with_name(self._names[form]).stat().st_size}
        return self._digest.hexdigest(), told

    def _write(self, rows: Rows) -> None:
        like = self._like
        with writing():
            self._digest.update(rows.tobytes())
            for writer in self._writers.values():
                writer.add(Records(rows, like.period_ns, like.firmware, 0, like.clock))
        self._count += len(rows)

    def _leave(self) -> None:
        for writer in self._writers.values():
            writer.abandon()
        for file in self._files.values():
            with suppress(OSError):
                file.close()
        for path in self._places.values():
            path.unlink(missing_ok=True)
