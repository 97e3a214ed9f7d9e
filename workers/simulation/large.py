"""Arrays larger than a process shall hold: they lie in a file, and take memory only while they are used."""

import math
import mmap
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from stores.writing import writing

HELD_BYTES = 64 * 2**20
"""Of one array that a merge holds in memory."""
SLICE = 4096
"""Samples of an array in a file that are worked on at once."""


class Large:
    """An array of zeros, in memory or in a file."""

    def __init__(self, shape: tuple[int, ...], dtype: npt.DTypeLike, folder: Path | None = None) -> None:
        """Lie in a file of `folder` that has no name and goes with the array; in memory where there is none.

        Raise StoreUnavailable where the file does not fit on the disk.
        """
        self._folder = folder
        self._mapped: mmap.mmap | None = None
        size = math.prod(shape) * np.dtype(dtype).itemsize
        if folder is None or not size:
            self.values: npt.NDArray[Any] = np.zeros(shape, dtype)
            """[shape] as any other array."""
            return
        with writing(), TemporaryFile(dir=folder) as file:
            os.posix_fallocate(file.fileno(), 0, size)  # whoever writes to a page that finds no room is killed
            self._mapped = mmap.mmap(file.fileno(), size)
        self.values = np.frombuffer(self._mapped, dtype).reshape(shape)

    def let_go(self) -> None:
        """Hand the memory of what lies in a file back; it is read again when it is used."""
        if self._mapped is not None:
            self._mapped.madvise(mmap.MADV_DONTNEED)

    def widened(self, dtype: npt.DTypeLike) -> Self:
        """Return an array [rows, values, samples] with the same values of a wider type."""
        out = type(self)(self.values.shape, dtype, self._folder)
        for row, span, values in self.pieces():
            out.values[row, :, span] = values
            out.let_go()
        return out

    def parts(self) -> Iterator[tuple[slice, slice]]:
        """Yield rows and samples of an array [rows, values, samples], each to be done with before the next; all at once in memory."""
        rows, samples = self.values.shape[0], self.values.shape[-1]
        if self._mapped is None:
            yield slice(0, rows), slice(0, samples)
            return
        for row in range(rows):
            for span in slices(samples):
                yield slice(row, row + 1), span
                self.let_go()

    def pieces(self) -> Iterator[tuple[int, slice, npt.NDArray[Any]]]:
        """Yield the parts of an array [rows, values, samples], each to be done with before the next.

        A part is a row, a slice of the samples, and what the array has there [values, slice].
        """
        for row, values in enumerate(self.values):
            for span in slices(self.values.shape[-1]):
                yield row, span, values[:, span]
                self.let_go()


def slices(samples: int) -> Iterator[slice]:
    """Yield slices that cover [0, samples), ascending."""
    for first in range(0, samples, SLICE):
        yield slice(first, min(first + SLICE, samples))


def name_of(array: str, row: int, span: slice) -> str:
    """Return what a part of an array, as `Large.pieces` gives it, is called in a file."""
    return f"{array}-{row:02d}-{span.start:07d}"


def narrowed(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return whole numbers in the narrowest type that holds them, of 16, 32 and 64 bits."""
    largest = max(abs(int(values.min(initial=0))), int(values.max(initial=0)))
    kind = next(kind for kind in (np.int16, np.int32, np.int64) if largest <= np.iinfo(kind).max)
    return values.astype(kind, copy=False)
