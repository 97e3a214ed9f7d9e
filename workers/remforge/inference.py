"""The port of models: what the use cases ask of them, wherever they run."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from jobs.rem import Model
from stores.vectors import FloatArray
from workers.remforge.decoding import Pixels, Samples, View


class Role(StrEnum):
    """What a model is for. Level `lite` has the first three, from wheels; the others are set up by an operator."""

    LABELS = "labels"
    """A picture [h, w, 3] -> scores of names."""
    SPEECH = "speech"
    """Samples -> scores with one entry, ("speech", the share of time with speech)."""
    SENTENCES = "sentences"
    """A text -> a vector of unit length."""
    IMAGE = "image"
    """A picture -> a vector of unit length in the space that CAPTION shares."""
    CAPTION = "caption"
    """A text -> a vector of unit length in the space of pictures."""
    AFFECT = "affect"
    """A text -> scores of what the model's configuration calls its classes."""
    SOUND = "sound"
    """Samples -> a vector of unit length."""
    TRANSCRIPT = "transcript"
    """Samples -> a text."""


Item = str | Pixels | Samples


@dataclass(frozen=True, slots=True)
class Output:
    """What a model made of one item."""

    vector: FloatArray | None = None
    scores: tuple[tuple[str, float], ...] = ()
    """Highest first."""
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a model made nothing of one item, though it did of its neighbours."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Card:
    """A model that is set up for a role."""

    role: Role
    model: Model
    dimensions: int | None = None
    view: View | None = None
    """Of models that look at pictures."""
    test_only: bool = False
    scale: float | None = None
    """Of IMAGE and CAPTION, as they were trained: labels' shares are the softmax of scale * cosine."""
    bias: float | None = None
    """Where there is one, a label's score is the logistic function of scale * cosine + bias, whatever the other labels."""


class Models(Protocol):
    """Runs models. Raises StoreUnavailable where they are away for now."""

    def card(self, role: Role) -> Card | None:
        """Return the model of a role, or None where none is set up."""

    def why_not(self, role: Role) -> str:
        """Return why a role has no model, for people."""

    def run(self, role: Role, items: Sequence[Item], *, deadline_s: float) -> list[Output | Refused]:
        """Return a result for each item, in their order; DeadlineExceeded when that takes too long."""

    def degraded(self) -> tuple[str, ...]:
        """Return what runs otherwise than it was set up to, such as on the CPU for want of memory, and why."""
