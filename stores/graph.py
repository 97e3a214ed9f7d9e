"""The port of the knowledge graph; `knowledge.py` says what holds for all stores of knowledge."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from stores.knowledge import Store

Value = str | int | float | bool | None


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
