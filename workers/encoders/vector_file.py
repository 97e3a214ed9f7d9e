"""A bounded file of vectors that processes share.

A `DigestFile` of little-endian float32. Losing it costs time and nothing else.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from stores.vectors import FloatArray
from workers.encoders.digest_file import DigestFile

UNIT_TOLERANCE = 1e-3


class VectorFile:
    """Vectors by digest, those used last."""

    def __init__(self, path: Path, *, limit_bytes: int, clock: Callable[[], float]) -> None:
        """Use the file at `path`; `clock` gives seconds since the epoch."""
        self._file = DigestFile(path, limit_bytes=limit_bytes, clock=clock)

    def get(self, keys: Sequence[bytes], *, dimensions: int) -> dict[bytes, FloatArray]:
        """Return the vectors that are there; one that is not of unit length is damaged, and is not."""
        read = self._file.get(keys)
        vectors = {key: np.frombuffer(value, "<f4") for key, value in read.items() if len(value) == 4 * dimensions}
        return {key: vector for key, vector in vectors.items() if abs(float(vector @ vector) - 1) < UNIT_TOLERANCE}

    def put(self, vectors: Mapping[bytes, FloatArray]) -> None:
        """Keep vectors, if that is possible."""
        self._file.put({key: vector.astype("<f4").tobytes() for key, vector in vectors.items()})

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        self._file.close()
