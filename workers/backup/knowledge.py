"""The knowledge of a tenant as lines, made while others write.

Documents are copied in an order in which nothing that is copied misses what it needs: heads of trails before what lies on
them, passages before who speaks of them; the records of batches and the corpus come last. A batch that changed meanwhile
may be copied in part: it is hidden in the copied corpus, as one is that is being written, and the next writer takes it
away, unless its job begins anew and writes it again. Batches that are hidden for another reason stay as they are.
"""

import base64
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from stores.copying import CopiedDocuments, CopiedGraph, Line
from stores.corpus import CORPUS
from stores.documents import Record, Shelf
from stores.graph import Node, Relation

PAGE = 1000
FIRST = (Shelf.HEADS, Shelf.VECTORS, Shelf.PASSAGES)
LAST = (Shelf.BATCHES, Shelf.CORPUS)
"""Read at both ends."""
VISIBLE = "visible"
"""The state of a batch that is whole."""
WRITING = "writing"
"""The state of a batch that nobody sees yet, and which may be taken away."""

Add = Callable[[Line], None]


@dataclass(frozen=True, slots=True)
class Standing:
    """A tenant's batches at a moment."""

    batches: dict[str, Record]
    corpus: Record | None

    def moved(self, later: "Standing") -> frozenset[str]:
        """Return the batches whose records changed, came or went since."""
        names = self.batches.keys() | later.batches.keys()
        return frozenset(name for name in names if self.batches.get(name) != later.batches.get(name))

    def settled(self, later: "Standing") -> bool:
        """Say whether a reader saw the same all the time."""
        same = (self.hidden, self.version) == (later.hidden, later.version)
        return same and not self.moved(later) and not self._is_made_again()

    @property
    def hidden(self) -> frozenset[str]:
        """Return the batches that nobody sees."""
        return frozenset(() if self.corpus is None else self.corpus.body.get("hidden", ()))

    @property
    def version(self) -> int:
        """Return the version of the data."""
        return 0 if self.corpus is None else int(self.corpus.body.get("version", 0))

    def _is_made_again(self) -> bool:
        """Say whether whole batches are hidden, as they are while a graph is made again from the documents."""
        hidden = (self.batches[name] for name in self.hidden if name in self.batches)
        return any(record.body.get("state") == VISIBLE for record in hidden)


def standing(documents: CopiedDocuments, tenant: str) -> Standing:
    """Return a tenant's batches as they are."""
    batches = {record.id: record for record in every(documents, tenant, Shelf.BATCHES)}
    return Standing(batches, documents.get(tenant, Shelf.CORPUS, [CORPUS]).get(CORPUS))


def shelves() -> Iterator[Shelf]:
    """Yield the shelves whose records are copied as they are, in their order."""
    yield from FIRST
    yield from (shelf for shelf in Shelf if shelf not in {*FIRST, *LAST})


def every(documents: CopiedDocuments, tenant: str, shelf: Shelf) -> Iterator[Record]:
    """Yield all records of a shelf."""
    after: tuple[float, str] | None = None
    while page := documents.find(tenant, shelf, after=after, limit=PAGE):
        yield from page
        if len(page) < PAGE:
            return
        after = (page[-1].at, page[-1].id)


def last_records(before: Standing, later: Standing) -> dict[Shelf, list[Record]]:
    """Return the records of batches and the corpus of a copy: with what changed meanwhile hidden."""
    moved = before.moved(later)
    batches = dict(later.batches)
    for name in moved:
        batches[name] = _with(later.batches.get(name) or before.batches[name], {"state": WRITING})
    corpus = later.corpus
    if corpus is not None:
        pending = [name for name in corpus.body.get("pending", ()) if name not in moved]
        # Who writes is nobody of the farm that this will be.
        corpus = _with(corpus, {"hidden": sorted(moved | later.hidden), "pending": pending, "writer": None})
    return {Shelf.BATCHES: list(batches.values()), Shelf.CORPUS: [] if corpus is None else [corpus]}


def copy_graph(graph: CopiedGraph, tenant: str, *, nodes: Add, relations: Add, check: Callable[[], None]) -> None:
    """Tell of all nodes and relations of a tenant."""
    place: int | None = -1
    while place is not None:
        check()
        piece = graph.copy(tenant, after=place, limit=PAGE)
        for node, batches in piece.nodes:
            nodes({"label": node.label, "id": node.id, "own": dict(node.properties), "batches": sorted(batches)})
        for one, batches in piece.relations:
            own = {"kind": one.kind, "source": one.source, "target": one.target, "own": dict(one.properties)}
            relations(own | {"batches": sorted(batches)})
        place = piece.place


def line_of(record: Record) -> Line:
    """Return a document as a line."""
    line: dict[str, Any] = {"id": record.id, "body": record.body}
    optional = {"batch": record.batch, "group": record.group, "at": record.at, "version": record.version}
    line |= {name: value for name, value in optional.items() if value}
    if record.blob:
        line["blob"] = base64.b64encode(record.blob).decode()
    if record.expires_at is not None:
        line["expires_at"] = record.expires_at
    return line


def record_of(line: Line) -> Record:
    """Return the document of a line."""
    return Record(
        id=line["id"],
        body=line["body"],
        batch=line.get("batch", ""),
        group=line.get("group", ""),
        at=line.get("at", 0.0),
        blob=base64.b64decode(line.get("blob", "")),
        expires_at=line.get("expires_at"),
        version=line.get("version", 0),
    )


def node_of(line: Line) -> tuple[Node, Collection[str]]:
    """Return the node of a line, and its batches."""
    return Node(line["label"], line["id"], line["own"]), line["batches"]


def relation_of(line: Line) -> tuple[Relation, Collection[str]]:
    """Return the relation of a line, and its batches."""
    return Relation(line["kind"], line["source"], line["target"], line["own"]), line["batches"]


def _with(record: Record, changes: dict[str, Any]) -> Record:
    return Record(
        id=record.id,
        body=dict(record.body) | changes,
        batch=record.batch,
        group=record.group,
        at=record.at,
        blob=record.blob,
        expires_at=record.expires_at,
        version=record.version,
    )
