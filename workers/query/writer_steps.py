"""The steps of writing a batch: its documents, its vectors, its part of the graph. Each may happen twice."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from jobs.knowledge import Space as Spaces
from stores.knowledge import Node, Passage, Record, Relation, Row, Shelf, Space, Vectors
from workers.query.blocks import graph_records
from workers.query.content import Content
from workers.query.corpus import Writing
from workers.query.corpus_changes import note_space
from workers.query.profiles import DIMENSIONS, MODEL, rows_of
from workers.query.refresh import SHARED, combined, key_of, records_of, said_of
from workers.query.services import QueryServices

PORTION = 5000
"""Nodes, relations, rows and passages that are written at once; the lease is looked at in between."""
TEXTS = 64
"""Texts that are encoded at once: about half a second, after which the job may be told to stop."""

Item = TypeVar("Item")


def merged(content: Content) -> list[tuple[Passage, list[str]]]:
    """Return each passage once, with all things that it speaks of, in order."""
    texts: dict[str, Passage] = {}
    ids: dict[str, dict[str, None]] = {}
    for found in content.found:
        texts[found.passage.id] = found.passage
        ids.setdefault(found.passage.id, {}).update(dict.fromkeys(found.ids))
    return [(texts[key], sorted(ids[key])) for key in sorted(texts)]


def write_documents(
    content: Content, passages: Sequence[tuple[Passage, list[str]]], lease: Writing, services: QueryServices
) -> int:
    """Write a batch's records and passages; return how many raw measurements, or chunks, there are."""
    documents, tenant, batch = services.documents, lease.tenant, content.batch
    counted: Counter[Shelf] = Counter()
    for shelf, records in content.records.items():
        documents.put(tenant, shelf, _held(records, shelf, counted, batch, lease.hold))
    profiles, shared = records_of(content)
    documents.put(tenant, Shelf.GRAPH, _held(graph_records(content), Shelf.GRAPH, counted, batch, lease.hold))
    documents.put(tenant, Shelf.GRAPH, _held(shared, Shelf.GRAPH, counted, batch, lease.hold))
    documents.put(tenant, Shelf.PROFILES, _held(profiles, Shelf.PROFILES, counted, batch, lease.hold))
    # Before the passages: what a removal goes by must be there first.
    documents.put(
        tenant,
        Shelf.MEMBERS,
        (Record(f"{batch}|{passage.id}", {"ids": ids}, batch, passage.id) for passage, ids in passages),
    )
    texts = [passage for passage, _ in passages]
    settled = _settled(batch, texts, lease, services)
    for portion in portions([passage for passage in texts if passage.id not in settled], PORTION):
        lease.hold()
        services.texts.add(tenant, portion)
    return counted[Shelf.MEASUREMENTS] + counted[Shelf.CHUNKS]


def _held(
    records: Iterable[Record], shelf: Shelf, counted: Counter[Shelf], batch: str, hold: Callable[[], None]
) -> Iterator[Record]:
    """Yield records as the batch's own, count what is in them, and hold the lease while somebody takes them."""
    for number, record in enumerate(records):
        if number % 64 == 0:
            hold()
        counted[shelf] += int(record.body.get("rows", 1))
        yield record if record.batch == batch else replace(record, batch=batch)


def write_vectors(content: Content, passages: Sequence[Passage], lease: Writing, services: QueryServices) -> None:
    """Write vectors of the passages that have none, and of the batch's profiles."""
    encoder = services.encoder
    for name in (Spaces.INSTRUCTIONS, Spaces.CHUNKS):
        chosen = [passage for passage in passages if (passage.kind == "chunk") is (name is Spaces.CHUNKS)]
        if not chosen:
            continue
        space = Space(name.value, encoder.model, encoder.dimensions)
        lease.change(note_space(space))
        settled = _settled(content.batch, chosen, lease, services)
        for portion in portions(chosen, PORTION):
            # One that a visible batch has may be missing in the space of a new encoder.
            asked = [passage.id for passage in portion if passage.id in settled]
            there = services.vectors.vectors(lease.tenant, space, asked) if asked else {}
            missing = [passage for passage in portion if passage.id not in there]
            upsert(_encoded(missing, lease, services), space, lease.tenant, services.vectors, hold=lease.hold)
    if rows := rows_of({f"{content.batch}|{thing}": told for thing, told in content.profiles.items()}):
        space = Space(Spaces.MEASUREMENTS.value, MODEL, DIMENSIONS)
        lease.change(note_space(space))
        upsert(rows, space, lease.tenant, services.vectors, hold=lease.hold)


def _encoded(passages: Sequence[Passage], lease: Writing, services: QueryServices) -> list[Row]:
    rows: list[Row] = []
    for few in portions(passages, TEXTS):
        lease.hold()
        vectors = services.encoder.encode([passage.text for passage in few])
        rows += [Row(passage.id, vector) for passage, vector in zip(few, vectors, strict=True)]
    return rows


def upsert(rows: Sequence[Row], space: Space, tenant: str, vectors: Vectors, *, hold: Callable[[], None]) -> None:
    """Write vectors in portions."""
    for portion in portions(rows, PORTION):
        hold()
        vectors.upsert(tenant, space, portion)


def write_graph(content: Content, lease: Writing, services: QueryServices) -> None:
    """Merge nodes and relations; what visible batches know already keeps its properties until the batch is seen."""
    hidden, tenant = lease.corpus.hidden, lease.tenant
    for portion in portions(content.nodes, PORTION):
        lease.hold()
        said = said_of(services.documents, tenant, [node.id for node in portion if node.label in SHARED])
        nodes, unseen = [], []
        for node in portion:
            others = [one for one in said.get(node.id, []) if one.batch != content.batch and one.label is not None]
            if any(one.batch not in hidden for one in others):
                nodes.append(Node(node.label, node.id))
            else:
                nodes.append(node)
                if others:
                    # What a batch left that broke off must not be taken for this one's.
                    own = [one for one in said[node.id] if one.batch == content.batch]
                    unseen += [made for made in [combined(node.id, own)] if made is not None]
        services.graph.merge(tenant, nodes, [], batch=content.batch)
        if unseen:
            services.graph.revise(tenant, unseen)
    for few in portions(content.relations, PORTION):
        lease.hold()
        known = _known_relations(few, content.batch, lease, services)
        bare = [Relation(each.kind, each.source, each.target) if key_of(each) in known else each for each in few]
        services.graph.merge(tenant, [], bare, batch=content.batch)


def _known_relations(
    relations: Sequence[Relation], batch: str, lease: Writing, services: QueryServices
) -> set[tuple[str, str, str]]:
    """Return which relations with properties visible batches make, too."""
    sources = sorted({relation.source for relation in relations if relation.properties})
    said = said_of(services.documents, lease.tenant, sources) if sources else {}
    seen = {batch} | lease.corpus.hidden
    return {key_of(each) for all_ in said.values() for one in all_ if one.batch not in seen for each in one.relations}


def _settled(batch: str, passages: Sequence[Passage], lease: Writing, services: QueryServices) -> set[str]:
    """Return the passages that a visible batch has: only of these it is sure that they can be found."""
    hidden = {batch} | lease.corpus.hidden
    found: set[str] = set()
    for portion in portions(passages, PORTION):
        after, ids = None, [passage.id for passage in portion]
        while page := services.documents.find(lease.tenant, Shelf.MEMBERS, groups=ids, after=after, limit=PORTION):
            found |= {record.group for record in page if record.batch not in hidden}
            after = (page[-1].at, page[-1].id)
    return found


def portions(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Yield a sequence in pieces."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
