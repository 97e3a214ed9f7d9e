"""Files of arrays (.npz), written one array after the other: they need not be in memory together."""

import io
from collections.abc import Iterable, Iterator
from typing import Any
from zipfile import ZipFile

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def written(arrays: Iterable[tuple[str, Array]]) -> Iterator[bytes]:
    """Yield the bytes of a file of these arrays, by name; each is asked for when those before it are written."""
    pipe = _Pipe()
    with ZipFile(pipe, "w") as archive:
        for name, array in arrays:
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
            yield from pipe.taken()
    yield from pipe.taken()


class _Pipe(io.RawIOBase):
    """Where an archive goes that is not written to a file: it is handed on in pieces."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self._pieces.append(bytes(data))
        return len(self._pieces[-1])

    def taken(self) -> Iterator[bytes]:
        """Yield what was written since this was last called."""
        pieces, self._pieces = self._pieces, []
        return iter(pieces)
