"""Vectors of texts that were encoded before: a few thousand in memory for questions, the rest in a file."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from threading import Lock

import numpy as np

from stores.vectors import FloatArray
from workers.encoders.encoder import Encoder
from workers.encoders.vector_file import VectorFile

IN_MEMORY = 4096
QUESTIONS = 16
"""A call with more texts than this takes in documents, which would push the questions out of memory."""
BLOCK = 256
"""Texts that are encoded between two writes: what a worker that dies has lost."""


class CachedEncoder:
    """An encoder that encodes a text once, for all processes that share the file."""

    def __init__(self, inner: Encoder, path: Path, *, limit_bytes: int, clock: Callable[[], float] = time.time) -> None:
        """Keep vectors in `path`, at most about `limit_bytes` of them; the longest unused go first."""
        self._inner = inner
        self._file = VectorFile(path, limit_bytes=limit_bytes, clock=clock)
        self._memory: OrderedDict[bytes, FloatArray] = OrderedDict()
        self._lock = Lock()

    @property
    def model(self) -> str:
        """Return the inner encoder's model."""
        return self._inner.model

    @property
    def dimensions(self) -> int:
        """Return the length of a vector."""
        return self._inner.dimensions

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return a row of unit length for each text; only texts that were never seen are encoded, each once."""
        model = self.model.encode()
        keys = [hashlib.sha256(model + b"\0" + text.encode("utf-8", "surrogatepass")).digest() for text in texts]
        wanted = dict(zip(keys, texts, strict=True))
        found = self._remembered(wanted.keys())
        unknown = [key for key in wanted if key not in found]
        kept = self._file.get(unknown, dimensions=self.dimensions)
        found |= kept
        unknown = [key for key in unknown if key not in kept]
        for start in range(0, len(unknown), BLOCK):
            block = unknown[start : start + BLOCK]
            vectors = dict(zip(block, self._inner.encode([wanted[key] for key in block]), strict=True))
            self._file.put(vectors)
            found |= vectors
        if len(texts) <= QUESTIONS:
            self._remember(found)
        return np.array([found[key] for key in keys], np.float32).reshape(len(keys), self.dimensions)

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        self._file.close()

    def _remembered(self, keys: Iterable[bytes]) -> dict[bytes, FloatArray]:
        with self._lock:
            found = {key: self._memory[key] for key in keys if key in self._memory}
            for key in found:
                self._memory.move_to_end(key)
            return found

    def _remember(self, vectors: Mapping[bytes, FloatArray]) -> None:
        with self._lock:
            self._memory.update({key: vector.copy() for key, vector in vectors.items()})
            while len(self._memory) > IN_MEMORY:
                self._memory.popitem(last=False)
