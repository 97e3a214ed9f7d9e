"""Reads /dev/monje_virtual: maps the ring, checks every record it copies, and counts what it lost."""

import fcntl
import mmap
import os
import select
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from jobs.errors import InvalidInput
from kernel.abi import (
    ACKNOWLEDGE,
    DIMS,
    FRACTION_BITS,
    GET_STATUS,
    HEADER,
    MAGIC,
    OFFSETS,
    RECORD,
    SET_PERIOD,
    SET_WAKEUP,
    START,
    STATUS,
    STATUS_FIELDS,
    STOP,
    VERSION,
    State,
)

DEVICE = Path("/dev/monje_virtual")
Words = npt.NDArray[np.uint64]
TIMESTAMP_AT, DIMS_AT, AVAILABLE_AT, AGE_AT, CPU_AT = (
    OFFSETS[name] // 8 for name in ("timestamp_ns", "dim", "available", "energy_age_ns", "cpu")
)
"""Words of a record at which its fields lie; the CPU shares one with the flags."""


class Status(NamedTuple):
    """What the module says of itself and of this file."""

    state: State
    wakeup: int
    """Unread records that make the file readable."""
    period_ns: int
    head: int
    """Number of the next record."""
    tail: int
    """Number of the first record that was not acknowledged."""
    dropped: int
    """Records that were overwritten before they were acknowledged."""
    missed: int
    """Periods without a record, since the module was loaded."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive records, as far as none was lost among them."""

    number: npt.NDArray[np.uint64]
    """[N] of each record; a step of more than one is a loss."""
    timestamp_ns: npt.NDArray[np.uint64]
    """[N] CLOCK_MONOTONIC at the end of the period."""
    values: npt.NDArray[np.float64]
    """[N, 72] `8 * k + c` is channel c, k periods ago; NaN where nothing was measured."""
    energy_age_ns: npt.NDArray[np.uint64]
    """[N] how old the sensor's value was."""
    cpu: npt.NDArray[np.uint32]
    """[N]"""
    flags: npt.NDArray[np.uint32]
    """[N] `kernel.abi.Flag`."""

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.number)


class Reader:
    """One open file of the device; a reader of its own, with its own place in the ring."""

    def __init__(self, device: Path = DEVICE, *, control: bool = False) -> None:
        """Map the ring of `device`; `control` is needed to start, stop and set the period.

        Raise OSError where the device cannot be opened or mapped, InvalidInput where it speaks another ABI.
        """
        self._file = os.open(device, (os.O_RDWR if control else os.O_RDONLY) | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            header = self._header_of(device)
            size = int(header["header_bytes"]) + int(header["records"]) * RECORD.itemsize
            self._map = mmap.mmap(self._file, size, mmap.MAP_SHARED, mmap.PROT_READ)
        except BaseException:
            os.close(self._file)
            raise
        self._header = np.frombuffer(self._map, HEADER, 1)
        # As words, since NumPy copies rows of those as memory and records field by field.
        words = np.frombuffer(self._map, np.uint64, offset=int(header["header_bytes"]))
        self._ring: Words = words.reshape(int(header["records"]), RECORD.itemsize // 8)
        self._next = self.status().tail
        self.lost = 0
        """Records that were overwritten before or while they were copied."""

    def _header_of(self, device: Path) -> Any:
        with mmap.mmap(self._file, mmap.PAGESIZE, mmap.MAP_SHARED, mmap.PROT_READ) as page:
            header = np.frombuffer(page[: HEADER.itemsize], HEADER)[0]
        expected = {"magic": MAGIC, "version": VERSION, "record_bytes": RECORD.itemsize, "dims": DIMS}
        for field, value in expected.items():
            if int(header[field]) != value:
                raise InvalidInput(
                    f"{device} has {field} {int(header[field])}, this reader knows {value}",
                    field="device",
                    reason=field,
                )
        return header

    def __enter__(self) -> Self:
        """Return the reader."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Unmap the ring and close the file; what was read stays."""
        # Views of the mapping keep it from being closed.
        del self._header, self._ring
        self._map.close()
        os.close(self._file)

    def fileno(self) -> int:
        """Return the descriptor, for a selector."""
        return self._file

    def start(self) -> None:
        """Start sampling; raise PermissionError without `control`."""
        fcntl.ioctl(self._file, START)

    def stop(self) -> None:
        """Stop sampling; raise PermissionError without `control`."""
        fcntl.ioctl(self._file, STOP)

    def set_period(self, ns: int) -> None:
        """Set the sampling period; raise OSError for one below 50 us or above 1 s."""
        fcntl.ioctl(self._file, SET_PERIOD, struct.pack("<Q", ns))

    def reserve(self) -> bool:
        """Say whether this file is the one that may record, among those that ask; until it is closed.

        It keeps away nobody who does not ask.
        """
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def set_wakeup(self, records: int) -> None:
        """Be woken when so many records are unread."""
        fcntl.ioctl(self._file, SET_WAKEUP, struct.pack("<I", records))

    def status(self) -> Status:
        """Return the status of the recorder and of this file."""
        told = dict(
            zip(STATUS_FIELDS, STATUS.unpack(fcntl.ioctl(self._file, GET_STATUS, bytes(STATUS.size))), strict=True)
        )
        return Status(**(told | {"state": State(told["state"])}))

    @property
    def header(self) -> dict[str, int]:
        """Return the fields of the header page, as they are now."""
        return {name: int(self._header[name][0]) for name in HEADER.names or ()}

    def take(self, most: int | None = None) -> Batch:
        """Return the records that are there, the oldest first and at most `most`, and acknowledge them."""
        head = int(self._header["head"][0])
        records = len(self._ring)
        if head - self._next > records:
            self.lost += head - records - self._next
            self._next = head - records
        count = head - self._next if most is None else min(head - self._next, most)
        numbers = np.arange(self._next, self._next + count, dtype=np.uint64)
        whole = np.uint64(2) * numbers + np.uint64(2)
        before, copied, after = self._sequences(count), self._copy(count), self._sequences(count)
        # A record is as it was written only if its number stood there before and after the copy.
        good = (before == whole) & (copied[:, 0] == whole) & (after == whole)
        self._next += count
        if count:
            fcntl.ioctl(self._file, ACKNOWLEDGE, struct.pack("<Q", self._next))
        if not good.all():
            self.lost += count - int(good.sum())
            numbers, copied = numbers[good], copied[good]
        return _batch(numbers, copied)

    def _slots(self, count: int) -> list[slice]:
        """Return where the next `count` records lie: one piece of the ring, or its end and its beginning."""
        first = self._next & (len(self._ring) - 1)
        at_end = min(count, len(self._ring) - first)
        return [slice(first, first + at_end), slice(0, count - at_end)]

    def _sequences(self, count: int) -> Words:
        return np.concatenate([self._ring[slots, 0] for slots in self._slots(count)])

    def _copy(self, count: int) -> Words:
        return np.concatenate([self._ring[slots] for slots in self._slots(count)])

    def batches(self, *, timeout_s: float, most: int | None = None) -> Iterator[Batch]:
        """Yield records as they come, at most `most` at once.

        End when sampling was stopped and all was read, or none came for `timeout_s`.
        """
        poll = select.poll()
        poll.register(self._file, select.POLLIN)
        while ready := poll.poll(timeout_s * 1000):
            batch = self.take(most)
            if len(batch):
                yield batch
            elif ready[0][1] & select.POLLHUP:
                return

    def __iter__(self) -> Iterator[tuple[int, npt.NDArray[np.float64]]]:
        """Yield the time in ns and the 72 values of each record that is there now."""
        batch = self.take()
        yield from zip((int(at) for at in batch.timestamp_ns), batch.values, strict=True)


def _batch(numbers: Words, copied: Words) -> Batch:
    """Make numbers of what was copied: [N, 80] words."""
    values: npt.NDArray[np.float64] = copied[:, DIMS_AT : DIMS_AT + DIMS].view(np.int64).astype(np.float64)
    values *= 1 / (1 << FRACTION_BITS)
    bitmaps = copied[:, AVAILABLE_AT : AVAILABLE_AT + 2]
    if len(bitmaps) and (bitmaps == bitmaps[0]).all():  # but for the first records, and after gaps
        values[:, _missing(bitmaps[:1])[0]] = np.nan
    else:
        values[_missing(bitmaps)] = np.nan
    cpu_and_flags = copied[:, CPU_AT]
    return Batch(
        number=numbers,
        timestamp_ns=copied[:, TIMESTAMP_AT].copy(),
        values=values,
        energy_age_ns=copied[:, AGE_AT].copy(),
        cpu=(cpu_and_flags & np.uint64(0xFFFFFFFF)).astype(np.uint32),
        flags=(cpu_and_flags >> np.uint64(32)).astype(np.uint32),
    )


def _missing(bitmaps: Words) -> npt.NDArray[np.bool_]:
    """Return which of the 72 values were not measured [N, 72], of their bitmaps [N, 2]."""
    bits = np.unpackbits(np.ascontiguousarray(bitmaps).view(np.uint8), axis=1, bitorder="little", count=DIMS)
    return np.asarray(bits == 0)
