"""Vectors of texts: the sentence encoder that the query pool uses, MiniLM on ONNX Runtime, on the CPU."""

from collections.abc import Sequence
from pathlib import Path

from jobs.errors import StoreUnavailable
from jobs.rem import Model
from stores.vectors import FloatArray
from workers.encoders.encoder_onnx import OnnxMiniLm
from workers.encoders.minilm import DIMENSIONS, NAME, digest, model_folder
from workers.remforge.inference import Card, Item, Output, Role
from workers.remforge.models.items import text_of
from workers.remforge.models.model import ModelUnavailable
from workers.remforge.models.wheels import SENTENCES, package_version

BATCH = 16
MEMORY_BYTES = 128 * 2**20
"""Weights, and what a text needs besides; measured."""


def sentences_card() -> Card:
    """Return what the model is; raise ModelUnavailable."""
    try:
        sha256 = digest(model_folder())
    except (StoreUnavailable, OSError) as error:
        raise ModelUnavailable(str(error)) from error
    model = Model(name=NAME, version=package_version(SENTENCES), sha256=sha256, licence="Apache-2.0")
    return Card(Role.SENTENCES, model, dimensions=DIMENSIONS)


class OnnxSentences:
    """Texts to vectors of unit length. Texts run one by one, as the encoder says."""

    bytes = MEMORY_BYTES

    def __init__(self, card: Card, *, folder: Path | None, threads: int) -> None:
        """Keep the built model in `folder`, if there is one."""
        self.card = card
        self._encoder = OnnxMiniLm(folder, threads=threads)
        self._encoder.encode([""])  # Built and loaded now rather than in the first batch.

    def bucket(self, item: Item) -> int:  # noqa: ARG002 - nothing is padded for its neighbours
        """Return the same for all texts."""
        return 0

    def cost(self, item: Item) -> int:  # noqa: ARG002 - the budget bounds how long a batch holds others up
        """Return how many texts it is."""
        return 1

    @property
    def budget(self) -> int:
        """Return how many texts a batch may have."""
        return BATCH

    def prepare(self, items: Sequence[Item]) -> list[str]:
        """Return the texts."""
        return [text_of(item) for item in items]

    def encode(self, prepared: Sequence[str]) -> FloatArray:
        """Return a row of unit length for each text: [n, 384]."""
        return self._encoder.encode(prepared)

    def finish(self, raw: FloatArray) -> list[Output]:
        """Return the rows."""
        return [Output(vector=row.copy()) for row in raw]

    def close(self) -> None:
        """Forget the session."""
        del self._encoder
