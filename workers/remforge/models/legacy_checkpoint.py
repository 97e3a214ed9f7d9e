"""Reads tensors from a checkpoint in torch's format of before 2020, without torch and without running what is in it.

Five pickles (a magic number, a version, the machine, the tensors as names of storages, the order of the storages), then
each storage: its length as 64 bits, its numbers, little-endian. A pickle may call what it names, so nothing that it names
is looked up: four names stand for what is made here, and every other one is refused.
"""

import pickle
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

import numpy as np
from numpy.typing import NDArray

MAGIC = 0x1950A86A20F9469CFC6C
VERSION = 1001
DTYPES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


class NotACheckpoint(ValueError):
    """The file is no checkpoint, or holds more than tensors."""


@dataclass(frozen=True, slots=True)
class _Storage:
    key: str
    dtype: np.dtype[Any]
    length: int


@dataclass(frozen=True, slots=True)
class _Tensor:
    """Where a tensor's numbers will be, once they are read."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]

    @classmethod
    def rebuilt(cls, storage: object, offset: int, shape: tuple[int, ...], stride: tuple[int, ...], *_: object) -> Self:
        """Take what torch's _rebuild_tensor_v2 takes; a tensor must lie within its storage."""
        if len(shape) != len(stride) or min((offset, *shape, *stride)) < 0:
            raise NotACheckpoint("a tensor has no possible shape")
        last = offset + sum((size - 1) * step for size, step in zip(shape, stride, strict=True))
        if not isinstance(storage, _Storage) or 0 in shape or last >= storage.length:
            raise NotACheckpoint("a tensor is not part of its storage")
        return cls(storage, offset, shape, stride)

    def of(self, storages: dict[str, NDArray[Any]]) -> NDArray[Any]:
        """Return the tensor, once its storage is read."""
        numbers = storages[self.storage.key][self.offset :]
        steps = [step * numbers.itemsize for step in self.stride]
        return np.ascontiguousarray(np.lib.stride_tricks.as_strided(numbers, self.shape, steps, writeable=False))


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        match module, name:
            case "collections", "OrderedDict":
                return OrderedDict
            case "torch._utils", "_rebuild_tensor_v2":
                return _Tensor.rebuilt
            case "torch", storage if storage in DTYPES:
                return DTYPES[storage]
        message = f"it names {module}.{name}, which a file of weights has no need of"
        raise NotACheckpoint(message)

    def persistent_load(self, pid: Any) -> _Storage:
        match pid:
            case ("storage", np.dtype() as dtype, str() as key, "cpu", int() as length, None) if length >= 0:
                return _Storage(key, dtype, length)
        raise NotACheckpoint("it refers to something that is no storage")


def read_checkpoint(path: Path) -> dict[str, NDArray[Any]]:
    """Return every tensor by its name; raise NotACheckpoint, or OSError."""
    with path.open("rb") as file:
        try:
            return _read(file)
        except (pickle.UnpicklingError, EOFError, TypeError, AttributeError, LookupError) as error:
            message = f"it cannot be read: {error}"
            raise NotACheckpoint(message) from error


def _read(file: IO[bytes]) -> dict[str, NDArray[Any]]:
    if _Reader(file).load() != MAGIC or _Reader(file).load() != VERSION:
        raise NotACheckpoint("it does not begin as one")
    _Reader(file).load()
    tensors = _Reader(file).load()
    keys = _Reader(file).load()
    if not isinstance(tensors, dict) or not all(isinstance(one, _Tensor) for one in tensors.values()):
        raise NotACheckpoint("it is not a table of tensors")
    wanted = {tensor.storage.key: tensor.storage for tensor in tensors.values()}
    storages = {}
    for key in keys:
        storage = wanted[key]
        length = int.from_bytes(file.read(8), "little")
        numbers = file.read(storage.length * storage.dtype.itemsize)
        if length != storage.length or len(numbers) != length * storage.dtype.itemsize:
            raise NotACheckpoint("a storage is not as long as it should be")
        storages[key] = np.frombuffer(numbers, storage.dtype)
    return {name: tensor.of(storages) for name, tensor in tensors.items()}
