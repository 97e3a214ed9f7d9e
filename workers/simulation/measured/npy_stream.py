"""NumPy arrays read row by row from any stream: nothing is unpickled, and no more is read than the head announces."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from tokenize import TokenError
from typing import IO
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from workers.simulation.measured.source import Refusal, rows_at_once

MAGIC = b"\x93NUMPY"
MAX_TURNED_BYTES = 256 * 2**20
"""Of an array in Fortran order, which has to be read whole."""
MAX_HEAD = 10_000
DAMAGED = (BadZipFile, zlib.error, EOFError)
"""What an entry of an archive raises while it is read."""


@dataclass(frozen=True, slots=True)
class Array:
    """An array whose head was read from `stream`."""

    name: str
    stream: IO[bytes]
    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]
    turned: bool
    """In Fortran order."""

    @property
    def row_bytes(self) -> int:
        """Return the bytes of a row."""
        return int(np.prod(self.shape[1:], dtype=object)) * self.dtype.itemsize

    def rows(self, at_once: int | None = None) -> Iterator[npt.NDArray[np.generic]]:
        """Yield all rows in order, `at_once` of them; raise Refusal where the file ends before them."""
        step = at_once or rows_at_once(self.row_bytes)
        if self.turned and len(self.shape) > 1:
            yield from self._turned(step)
            return
        for first in range(0, self.shape[0], step):
            count = min(step, self.shape[0] - first)
            yield self._array(self._read(count * self.row_bytes, first), (count, *self.shape[1:]))

    def whole(self, *, limit_bytes: int) -> npt.NDArray[np.generic]:
        """Return the whole array; raise Refusal above the limit."""
        count = int(np.prod(self.shape, dtype=object))
        if count * self.dtype.itemsize > limit_bytes:
            raise Refusal("too-large", f"{self.name} has {count} values, which is too many.")
        data = self._array(self._read(count * self.dtype.itemsize, 0), (count,))
        return data.reshape(self.shape, order="F" if self.turned else "C")

    def _turned(self, step: int) -> Iterator[npt.NDArray[np.generic]]:
        whole = self.whole(limit_bytes=MAX_TURNED_BYTES)
        for first in range(0, len(whole), step):
            yield np.ascontiguousarray(whole[first : first + step])

    def _array(self, data: bytes, shape: tuple[int, ...]) -> npt.NDArray[np.generic]:
        return np.frombuffer(data, self.dtype).reshape(shape)

    def _read(self, wanted: int, row: int) -> bytes:
        pieces = bytearray()
        try:
            while len(pieces) < wanted and (piece := self.stream.read(wanted - len(pieces))):
                pieces += piece
        except DAMAGED as error:
            raise Refusal("unreadable", f"{self.name} is damaged: {str(error)[:200]}") from error
        if len(pieces) < wanted:
            raise Refusal("cut", f"{self.name} ends after {len(pieces)} of {wanted} bytes from row {row} on.")
        return bytes(pieces)


def open_array(name: str, stream: IO[bytes]) -> Array:
    """Read the head of an array; raise Refusal for one of Python objects, or that is none."""
    try:
        version = np.lib.format.read_magic(stream)
        if version == (1, 0):
            shape, turned, dtype = np.lib.format.read_array_header_1_0(stream, max_header_size=MAX_HEAD)
        elif version == (2, 0):
            shape, turned, dtype = np.lib.format.read_array_header_2_0(stream, max_header_size=MAX_HEAD)
        else:
            raise Refusal("unreadable", f"{name} is of version {version} of NumPy's format; 1 and 2 are read.")
    except (ValueError, TokenError, SyntaxError, TypeError, RecursionError, MemoryError, *DAMAGED) as error:
        raise Refusal("unreadable", f"{name} is not a NumPy array: its head cannot be read.") from error
    if dtype.hasobject:
        raise Refusal("pickled", f"{name} holds Python objects, which are never loaded: store it as plain numbers.")
    if not all(isinstance(size, int) and 0 <= size < 2**40 for size in shape) or dtype.itemsize > 2**20:
        raise Refusal("unreadable", f"{name} has the shape {shape} of {dtype.itemsize} bytes each.")
    return Array(name, stream, tuple(shape), dtype, turned)
