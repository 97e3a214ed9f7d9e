"""The ports of vectors and of texts; `knowledge.py` says what holds for all stores of knowledge."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from stores.knowledge import Store

FloatArray = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Space:
    """Vectors of one meaning, made by one version of one model: two of them never mix."""

    name: str
    """Such as `chunk_embeddings`."""
    model: str
    """The name and the digest of what made the vectors."""
    dimensions: int

    @property
    def key(self) -> str:
        """Return the name that stores keep it under."""
        return f"{self.name}__{self.model}"


@dataclass(frozen=True, slots=True)
class Row:
    """A vector of unit length and the thing it stands for."""

    id: str
    vector: FloatArray


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found; `score` is the cosine for vectors, BM25 for texts: more is better."""

    id: str
    score: float


class Vectors(Store, Protocol):
    """Vectors by tenant and space. What was upserted is found by the next call, in every process."""

    def upsert(self, tenant: str, space: Space, rows: Sequence[Row]) -> None:
        """Write vectors, replacing those of the same id."""

    def nearest(self, tenant: str, space: Space, vector: FloatArray, *, limit: int) -> list[Hit]:
        """Return at most `limit` hits, best first; equal scores by id. An unknown space has none."""

    def vectors(self, tenant: str, space: Space, ids: Sequence[str]) -> dict[str, FloatArray]:
        """Return the vectors that are there, by id."""

    def remove(self, tenant: str, space: Space, ids: Sequence[str]) -> None:
        """Remove vectors, if they are there."""

    def drop(self, tenant: str, space: Space) -> None:
        """Remove a tenant's space whole."""

    def count(self, tenant: str, space: Space) -> int:
        """Return how many vectors there are."""

    def held(self, tenant: str) -> int:
        """Return how many vectors of any space there are."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A text that can be found."""

    id: str
    kind: str
    """`instruction`, `vulnerability`, `entity`, `chunk` or `rem`."""
    text: str


class Texts(Store, Protocol):
    """Passages, found by their words (BM25). What was added is found by the next call, in every process."""

    def add(self, tenant: str, passages: Sequence[Passage]) -> None:
        """Write passages, replacing those of the same id."""

    def best(self, tenant: str, words: str, *, limit: int, kinds: Collection[str] | None = None) -> list[Hit]:
        """Return at most `limit` hits for a question in plain words, best first; equal scores by id."""

    def passages(self, tenant: str, ids: Sequence[str]) -> dict[str, Passage]:
        """Return the passages that are there, by id."""

    def remove(self, tenant: str, ids: Sequence[str]) -> None:
        """Remove passages, if they are there."""
