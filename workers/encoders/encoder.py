"""The port of sentence encoders: a text becomes a vector that lies near those of texts that mean the same."""

from collections.abc import Sequence
from typing import Protocol

from stores.vectors import FloatArray


class Encoder(Protocol):
    """Makes vectors of texts. Raises StoreUnavailable where it runs elsewhere and does not answer."""

    @property
    def model(self) -> str:
        """Return a name of what makes the vectors, [a-z0-9-] only: another name, another space."""

    @property
    def dimensions(self) -> int:
        """Return the length of a vector."""

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return a row of unit length for each text, in their order: [n, dimensions]."""
