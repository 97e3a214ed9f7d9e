"""The ports of knowledge: documents, graph, vectors, texts, cache. Adapters raise StoreUnavailable, and nothing of their drivers.

Documents are the truth. Graph, vectors and texts are made from them and can be made again. What is written belongs to a
*batch* (a campaign, a measurement file, a document); one writer per tenant writes at a time. A batch that is being
written or removed is *hidden*: readers name the hidden batches and see nothing that belongs to them alone. Every call
names its tenant and sees nothing of another one. Every write may happen twice.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Value = str | int | float | bool | None
FloatArray = NDArray[np.float32]


class Store(Protocol):
    """What every store of knowledge can be asked."""

    def migrate(self) -> None:
        """Create what is missing: schema, indexes, constraints, versioned; may run twice and at the same time."""

    def ping(self) -> None:
        """Return if the store answers; raise StoreUnavailable."""

    def erase(self, tenant: str) -> None:
        """Remove everything of a tenant."""


# Documents


class Shelf(StrEnum):
    """The collections of documents."""

    CORPUS = "corpus"
    """One record a tenant: the version of its data, the hidden batches, the writer's lease."""
    BATCHES = "batches"
    """One record a batch: where it came from, its state, its counts."""
    MEASUREMENTS = "measurements"
    """Raw 72-dimension records, in blocks; they expire after 30 days."""
    PROFILES = "profiles"
    """What one batch says of one instruction; `group` is the instruction's id."""
    ANALYSIS_RESULTS = "analysis_results"
    """Campaign reports, as they were ingested."""
    DOCUMENTS = "documents"
    """Texts that were brought, whole."""
    CHUNKS = "chunks"
    """Parts of documents; `group` is the document's batch, `at` the position."""
    PASSAGES = "passages"
    """What can be found by words or by meaning, each text once: body {kind, text}; `at` is the segment it came in."""
    MEMBERS = "members"
    """Which things of a batch a passage speaks of: `group` is the passage, body {ids}."""
    VECTORS = "vectors"
    """Embeddings of passages and profiles: `group` is the space, `blob` little-endian float32; `at` as for passages."""
    HEADS = "heads"
    """For followers of passages and of each space of vectors: the newest segment, and the generation."""
    GRAPH = "graph"
    """What a batch brought to the graph: blocks of nodes and relations, and what it says of things that it may share."""
    REMS = "rems"
    """One record a file that REMForge read: `batch` is its id, `group` its modality, `at` when it was made; the body is
    the record, `blob` its vector, if it has one."""
    CHATS = "chats"
    """One record a session."""
    TURNS = "turns"
    """One record a turn; `group` is the session, `at` the position."""


@dataclass(frozen=True, slots=True)
class Record:
    """A document as a store keeps it."""

    id: str
    body: Mapping[str, Any]
    """JSON values."""
    batch: str = ""
    """The batch that it came with."""
    group: str = ""
    """What it is looked up by besides its id."""
    at: float = 0.0
    """What it is ordered by, ties by id."""
    blob: bytes = b""
    expires_at: float | None = None
    """Seconds since the epoch; an expired record is not seen, and is removed in time."""
    version: int = 0
    """Of records that are swapped."""


class Documents(Store, Protocol):
    """Records by tenant, shelf and id."""

    def put(self, tenant: str, shelf: Shelf, records: Iterable[Record]) -> int:
        """Write records, replacing those of the same id, and return how many; in bulk, not one by one."""

    def swap(self, tenant: str, shelf: Shelf, record: Record, *, expected: int) -> bool:
        """Write a record with the version `expected` + 1, if the stored one has `expected` (0: there is none); else False.

        Atomic: of two callers that expect the same version one succeeds.
        """

    def get(self, tenant: str, shelf: Shelf, ids: Sequence[str]) -> dict[str, Record]:
        """Return the records that are there, by id."""

    def find(
        self,
        tenant: str,
        shelf: Shelf,
        *,
        batch: str | None = None,
        groups: Sequence[str] | None = None,
        after: tuple[float, str] | None = None,
        descending: bool = False,
        limit: int = 1000,
    ) -> list[Record]:
        """Return records in the order of (`at`, `id`), beyond `after` in that order; blobs with them."""

    def count(self, tenant: str, shelf: Shelf, *, batch: str | None = None, groups: Sequence[str] | None = None) -> int:
        """Return how many records there are."""

    def remove(
        self,
        tenant: str,
        shelf: Shelf,
        *,
        ids: Sequence[str] | None = None,
        batch: str | None = None,
        groups: Sequence[str] | None = None,
    ) -> int:
        """Remove the records that meet all conditions given, at least one, and return how many."""


# Graph


@dataclass(frozen=True, slots=True)
class Node:
    """A thing. `id` is unique in its tenant over all labels; absent properties are absent, never null."""

    label: str
    id: str
    properties: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Relation:
    """How one thing relates to another; one relation of a kind between two nodes."""

    kind: str
    source: str
    target: str
    properties: Mapping[str, Value] = field(default_factory=dict)


Addition = tuple[Sequence[Node], Sequence[Relation]]
"""What one batch brings."""
Operator = Literal["=", "<>", "<", "<=", ">", ">=", "in", "contains", "starts"]


@dataclass(frozen=True, slots=True)
class Condition:
    """A property compared with a value; a node without the property does not meet it. Text is compared as it is."""

    property: str
    operator: Operator
    value: Value | tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Hop:
    """A step from one node of a chain to the next."""

    relation: str
    label: str
    forward: bool = True
    """Along the relation's direction, or against it."""
    where: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """Nodes at position `take` of all chains that begin with a `label` node and follow `hops`; each node once."""

    label: str
    where: tuple[Condition, ...] = ()
    hops: tuple[Hop, ...] = ()
    take: int = 0
    order_by: str | None = None
    """A property; nodes without it are left out; ties, and everything without it, are ordered by id."""
    descending: bool = False
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Summary:
    """Numbers over the nodes of a selection. Without values the figures are None."""

    key: Value
    """The value of the property that nodes were grouped by; None without one."""
    count: int
    """Nodes that have the property (all nodes, when none was asked for)."""
    total: float | None = None
    mean: float | None = None
    sd: float | None = None
    """Of a sample: divisor n - 1; None below two values."""
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class Subgraph:
    """Nodes with their distance in hops from the seeds, and the relations among them; both in a fixed order."""

    nodes: Sequence[Node]
    distances: Mapping[str, int]
    relations: Sequence[Relation]
    truncated: bool
    """Whether a limit of nodes or of time cut it short."""


@dataclass(frozen=True, slots=True)
class Way:
    """A path: nodes, and the relations between neighbours."""

    nodes: Sequence[Node]
    relations: Sequence[Relation]


class Graph(Store, Protocol):
    """Nodes and relations. `hidden` batches are as if they were not there. Past `budget_s` it raises OutOfBudget."""

    def merge(self, tenant: str, nodes: Sequence[Node], relations: Sequence[Relation], *, batch: str) -> None:
        """Add nodes and relations to what is there and to `batch`; properties given replace those of the same name.

        Both ends of a relation must be there or be among `nodes`; one that misses an end is not made.
        """

    def merge_all(self, tenant: str, parts: Mapping[str, Addition]) -> None:
        """Add what several batches bring, by batch, as `merge` does for each of them in turn: for many small ones."""

    def revise(self, tenant: str, nodes: Sequence[Node]) -> None:
        """Replace properties of nodes that are there, whatever their batches; a None removes the property."""

    def select(
        self, tenant: str, selection: Selection, *, hidden: Collection[str] = (), budget_s: float = 5
    ) -> list[Node]:
        """Return the nodes that a selection describes, in its order."""

    def summarise(
        self,
        tenant: str,
        selection: Selection,
        *,
        of: str | None = None,
        by: str | None = None,
        hidden: Collection[str] = (),
        budget_s: float = 5,
    ) -> list[Summary]:
        """Return figures of the property `of` over a selection, whatever its limit; one for each value of `by`, most first."""

    def nodes(self, tenant: str, ids: Sequence[str], *, hidden: Collection[str] = ()) -> dict[str, Node]:
        """Return the nodes that are there, by id."""

    def neighbourhood(
        self,
        tenant: str,
        ids: Sequence[str],
        *,
        hops: int,
        limit: int = 1000,
        hidden: Collection[str] = (),
        budget_s: float = 5,
    ) -> Subgraph:
        """Return what lies within `hops` of `ids` in any direction, nearest first; what time cuts short is truncated."""

    def ways(
        self,
        tenant: str,
        source: str,
        target: str,
        *,
        hops: int,
        limit: int = 10,
        hidden: Collection[str] = (),
        budget_s: float = 5,
    ) -> list[Way]:
        """Return shortest paths in any direction, in a fixed order; none longer than `hops`."""

    def remove(self, tenant: str, *batches: str) -> int:
        """Take batches away: relations and nodes that belong to them alone go, the others stay; return how many went."""

    def counts(self, tenant: str) -> Mapping[str, int]:
        """Return the number of nodes by label."""

    def page(self, tenant: str, *, after: int, limit: int) -> list[tuple[int, Node]]:
        """Return nodes with their places, beyond the place `after` (-1: from the first): all of a tenant, in the end.

        What is written meanwhile may be left out or come twice.
        """

    def relations(self, tenant: str, ids: Sequence[str]) -> list[Relation]:
        """Return all relations that leave nodes, in a fixed order."""


# Vectors and texts


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


# Cache


class Cache(Protocol):
    """Answers that were given before. Losing all of it costs time and nothing else. Keys are `<what>:<tenant>:<more>`."""

    def get(self, key: str) -> bytes | None:
        """Return a value that has not expired."""

    def set(self, key: str, value: bytes, *, ttl_s: float) -> None:
        """Keep a value for a while."""

    def lock(self, key: str, *, owner: str, ttl_s: float) -> bool:
        """Take a lock that nobody holds, or that is the owner's already; say whether it is held now."""

    def unlock(self, key: str, *, owner: str) -> None:
        """Give back a lock, if it is the owner's."""

    def note(self, tenant: str, request: str) -> None:
        """Count a request (its JSON) among the tenant's most frequent ones; the rarest of too many are forgotten."""

    def frequent(self, tenant: str, *, limit: int) -> list[str]:
        """Return the tenant's most frequent requests, most first."""

    def tenants(self) -> list[str]:
        """Return the tenants that have asked something, sorted."""

    def count(self, name: str, by: int = 1) -> None:
        """Add to a counter of the whole farm, such as `hit` or `miss`."""

    def counters(self) -> Mapping[str, int]:
        """Return the counters."""

    def erase(self, tenant: str) -> None:
        """Remove everything of a tenant."""

    def held(self, tenant: str) -> int:
        """Return how many values, locks and frequent requests of a tenant there are."""

    def ping(self) -> None:
        """Return if the cache answers; raise StoreUnavailable."""
