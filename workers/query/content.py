"""What a source is made into before anything is stored. Plain data: adapters of sources make it, the writer stores it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from stores.documents import Record, Shelf
from stores.graph import Node, Relation
from stores.vectors import FloatArray, Passage, Space


@dataclass(frozen=True, slots=True)
class Found:
    """A passage, and the things of this batch that it speaks of."""

    passage: Passage
    ids: tuple[str, ...]
    """Ids of nodes; a chunk's passage has its own id."""


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that one batch brings."""

    batch: str
    kind: Literal["campaign", "measurements", "document", "rem"]
    title: str
    created_at: float
    """Seconds since the epoch."""
    source: Mapping[str, Any]
    """Provenance: artifact or job, digest of the bytes, version of the reader."""
    nodes: Sequence[Node]
    relations: Sequence[Relation]
    found: Sequence[Found]
    records: Mapping[Shelf, Iterable[Record]] = field(default_factory=dict)
    """What goes to the documents besides: measurements, profiles, analysis results, documents, chunks."""
    profiles: Mapping[str, FloatArray] = field(default_factory=dict)
    """Of instructions: mean 72-dimension records in their units, NaN where unavailable."""
    vectors: Mapping[Space, Mapping[str, FloatArray]] = field(default_factory=dict)
    """What came with its vector: unit rows by id, each in the space of the model that made it."""
    warnings: Sequence[str] = ()
