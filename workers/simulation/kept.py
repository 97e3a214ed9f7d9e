"""Files of traces that a campaign keeps."""

import os
from pathlib import Path

import numpy as np

TRACES = ("traces.npy", "inputs.npy", "groups.npy")
"""What they are called: the traces, the inputs of each, and the group of each."""


def shorten(path: Path, rows: int) -> None:
    """Cut an .npy file after its first `rows` rows, in place; one that has no more is left alone."""
    with path.open("r+b") as file:
        version = np.lib.format.read_magic(file)
        shape, fortran_order, kind = np.lib.format.read_array_header_1_0(file)
        if version != (1, 0) or fortran_order:
            raise ValueError(f"{path.name} is not one of ours: version {version}")
        if shape[0] <= rows:
            return
        end = file.tell()
        row_bytes = int(np.prod(shape[1:], dtype=np.int64)) * kind.itemsize
        file.seek(0)
        header = {"shape": (rows, *shape[1:]), "fortran_order": False, "descr": np.lib.format.dtype_to_descr(kind)}
        np.lib.format.write_array_header_1_0(
            file, header
        )  # room for more digits is left, so it ends where the old one did
        if file.tell() != end:
            raise ValueError(f"{path.name}: the header has another length")
        file.flush()
        os.ftruncate(file.fileno(), end + rows * row_bytes)
