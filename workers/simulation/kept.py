"""Files of traces that a campaign keeps."""

import os
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from stores.writing import writing

TRACES = ("traces.npy", "inputs.npy", "groups.npy")
"""What they are called: the traces, the inputs of each, and the group of each."""


class Rows:
    """An .npy file of ours that is there, whose rows are written one after the other or in any order.

    They go through no map of the file: its pages would count as memory of the process, and a full disk would kill it.
    """

    def __init__(self, path: Path) -> None:
        """Look where rows begin; raise ValueError for a file of another kind."""
        self._path = path
        with path.open("rb") as file:
            shape, self._kind = _head(file, path.name)
            self._begin, self._row_bytes = file.tell(), _row_bytes(shape, self._kind)

    def write(self, first: int, rows: npt.NDArray[Any]) -> None:
        """Write `rows` [n, ...] from row `first` on; raise StoreUnavailable where the disk is full."""
        with writing(), self._path.open("r+b") as file:
            file.seek(self._begin + first * self._row_bytes)
            file.write(np.ascontiguousarray(rows, self._kind).reshape(-1).data)


def shorten(path: Path, rows: int) -> None:
    """Cut an .npy file after its first `rows` rows, in place; one that has no more is left alone."""
    with path.open("r+b") as file:
        shape, kind = _head(file, path.name)
        if shape[0] <= rows:
            return
        end = file.tell()
        file.seek(0)
        header = {"shape": (rows, *shape[1:]), "fortran_order": False, "descr": np.lib.format.dtype_to_descr(kind)}
        np.lib.format.write_array_header_1_0(
            file, header
        )  # room for more digits is left, so it ends where the old one did
        if file.tell() != end:
            raise ValueError(f"{path.name}: the header has another length")
        file.flush()
        os.ftruncate(file.fileno(), end + rows * _row_bytes(shape, kind))


def _head(file: IO[bytes], name: str) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Return the shape and the type that a file says, and stand behind that."""
    version = np.lib.format.read_magic(file)
    shape, fortran_order, kind = np.lib.format.read_array_header_1_0(file)
    if version != (1, 0) or fortran_order:
        raise ValueError(f"{name} is not one of ours: version {version}")
    return shape, kind


def _row_bytes(shape: tuple[int, ...], kind: np.dtype[Any]) -> int:
    return int(np.prod(shape[1:], dtype=np.int64)) * kind.itemsize
