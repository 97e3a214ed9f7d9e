"""What a safetensors file says of its tensors, read from its header alone.

The format: 8 bytes with the header's length, the header as JSON (name -> dtype, shape, where it lies), then the numbers.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np

MAX_HEADER = 100_000_000
"""Bytes: the limit of the format itself."""
FLOATS = {"F32": "<f4", "F16": "<f2", "F64": "<f8"}


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """A tensor, and where its numbers lie in the file."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    first: int
    last: int


def tensors(path: Path) -> Iterator[TensorInfo]:
    """Yield what there is; raise ValueError where it is no such file, or OSError."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 0 < length <= MAX_HEADER:
            raise ValueError("its header has no possible length")
        header = json.loads(file.read(length))
    if not isinstance(header, dict):
        raise TypeError("its header is no table")
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        try:
            first, last = (8 + length + int(offset) for offset in entry["data_offsets"])
            yield TensorInfo(name, str(entry["dtype"]), tuple(int(size) for size in entry["shape"]), first, last)
        except (TypeError, KeyError) as error:
            raise ValueError("its header is not complete") from error


def count_numbers(paths: Sequence[Path], *, parts: Sequence[str] = ("",)) -> int:
    """Return how many numbers the tensors have whose names begin with one of `parts`."""
    return sum(prod(tensor.shape) for path in paths for tensor in tensors(path) if tensor.name.startswith(tuple(parts)))


def read_number(paths: Sequence[Path], name: str) -> float | None:
    """Return the one number of a tensor, or None where there is no such tensor."""
    for path in paths:
        for tensor in tensors(path):
            if tensor.name == name and prod(tensor.shape) == 1:
                with path.open("rb") as file:
                    file.seek(tensor.first)
                    return _number(file.read(tensor.last - tensor.first), tensor.dtype)
    return None


def _number(content: bytes, dtype: str) -> float:
    if dtype == "BF16":  # The upper half of a float32.
        content, dtype = b"\0\0" + content, "F32"
    if dtype not in FLOATS:
        message = f"{dtype} is no number with a point"
        raise ValueError(message)
    return float(np.frombuffer(content, FLOATS[dtype])[0])
