"""What a model is to the process that holds it. `prepare` and `finish` use the processor, `encode` the device."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from workers.remforge.inference import Card, Item, Output, Role


class OutOfMemory(Exception):
    """A batch did not fit into the device's memory; a smaller one may."""


@dataclass(frozen=True, slots=True)
class Spec:
    """A model that an operator, or a wheel, sets up for a role."""

    role: Role
    source: str
    """`wheel:<name>`, a folder, or a hub id with an optional `@<revision>`."""
    pinned: bool = False
    """Never unloaded to make room."""


class LoadedModel(Protocol):
    """A model in memory. One thread calls `encode` at a time; items of one call come from one bucket.

    `prepare` is called by one thread at a time too, but maybe while another is in `encode`.
    """

    @property
    def card(self) -> Card:
        """Return what it is."""

    @property
    def bytes(self) -> int:
        """Return how much memory it takes."""

    def bucket(self, item: Item) -> int:
        """Return what an item may be batched with: items of one bucket cost about the same, padding included."""

    def cost(self, item: Item) -> int:
        """Return what an item takes of a batch's budget, in the model's own unit (tokens, pixels, samples)."""

    @property
    def budget(self) -> int:
        """Return how much a batch may cost."""

    def prepare(self, items: Sequence[Item]) -> Any:
        """Return the batch as arrays; raise InvalidInput for an item that no model could take."""

    def encode(self, prepared: Any) -> Any:
        """Run the batch on the device; raise OutOfMemory, with what the batch took given back to the device."""

    def finish(self, raw: Any) -> list[Output]:
        """Return one output for each item of the batch."""

    def close(self) -> None:
        """Give the memory back."""


class Loader(Protocol):
    """Finds and loads models."""

    def card(self, spec: Spec) -> Card:
        """Return what a model is, digest and licence too, without loading it; raise ModelUnavailable."""

    def needed_bytes(self, spec: Spec) -> int:
        """Return an estimate of the memory that it will take."""

    def load(self, spec: Spec, *, device: str) -> LoadedModel:
        """Load a model onto `cpu` or `cuda:<n>`; raise ModelUnavailable, or OutOfMemory."""


class ModelUnavailable(Exception):
    """A model cannot be had: it is not there, not safe, not for this role, or its libraries are not installed."""
