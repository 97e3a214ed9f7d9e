"""What the API says of the knowledge, as models."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from pydantic import Field

from stores.corpus import Corpus, read_corpus
from stores.documents import Documents
from stores.graph import Graph, Node, Relation
from web.api_v2.answers import Shown
from web.caller import caller


class Knowledge(NamedTuple):
    """The stores that are read without a job."""

    documents: Documents
    graph: Graph

    def corpus(self) -> Corpus:
        """Return what the caller is to see."""
        return read_corpus(self.documents, caller().tenant)


class ThingView(Shown):
    """A thing of the knowledge graph."""

    id: str
    label: str
    properties: dict[str, str | int | float | bool | None] = Field(
        description="Units: energy uJ, temperature degC, latency us, power arbitrary units, times seconds."
    )

    @classmethod
    def of(cls, node: Node) -> Self:
        """Show a node."""
        return cls(id=node.id, label=node.label, properties=dict(node.properties))


class RelationView(Shown):
    """How two things relate."""

    kind: str
    source: str
    target: str
    properties: dict[str, str | int | float | bool | None]

    @classmethod
    def of(cls, relation: Relation) -> Self:
        """Show a relation."""
        return cls(
            kind=relation.kind,
            source=relation.source,
            target=relation.target,
            properties=dict(relation.properties),
        )


class ThingsView(Shown):
    """Things, by id."""

    things: tuple[ThingView, ...]
    cursor: str | None = Field(description="Ask for the next page with it; null on the last one.")
    data_version: int

    @classmethod
    def page(cls, nodes: list[Node], *, limit: int, version: int) -> Self:
        """Show up to `limit` nodes; one more than that says that there is another page."""
        shown = nodes[:limit]
        cursor = shown[-1].id if len(nodes) > limit else None
        return cls(things=tuple(map(ThingView.of, shown)), cursor=cursor, data_version=version)


class MeasuredView(Shown):
    """What one batch says of an instruction."""

    batch: str
    figures: dict[str, Any]


class InstructionView(Shown):
    """An instruction and what is known of it."""

    instruction: ThingView
    vulnerabilities: tuple[ThingView, ...] = Field(description="Worst first, at most 100.")
    measured: tuple[MeasuredView, ...] = Field(description="By batch, at most 100; they may contradict each other.")
    data_version: int


class NeighbourView(ThingView):
    """A thing and how far it is."""

    distance: int


class GraphView(Shown):
    """What lies around a thing."""

    things: tuple[NeighbourView, ...] = Field(description="Nearest first.")
    relations: tuple[RelationView, ...]
    truncated: bool = Field(description="Whether the limit or the time cut it short.")
    data_version: int


class BatchView(Shown):
    """Something that was taken in."""

    batch: str
    kind: str
    title: str
    state: str
    created_at: float | None = Field(description="Seconds since the epoch.")
    details: dict[str, Any]

    @classmethod
    def of(cls, batch: str, body: Mapping[str, Any]) -> Self:
        """Show a batch's record."""
        named = {"kind", "title", "state", "created_at"}
        return cls(
            batch=batch,
            kind=str(body.get("kind", "")),
            title=str(body.get("title", "")),
            state=str(body.get("state", "")),
            created_at=body.get("created_at"),
            details={name: value for name, value in body.items() if name not in named},
        )


class BatchesView(Shown):
    """What was taken in, oldest first."""

    documents: tuple[BatchView, ...]
    cursor: str | None
    data_version: int
