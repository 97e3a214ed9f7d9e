"""The first steps of writing batches: documents and vectors. Each may happen twice; meanwhile the batches are hidden."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from jobs.knowledge import Space as Spaces
from stores.documents import Record, Shelf
from stores.vectors import Passage, Row, Space, Vectors
from workers.query.blocks import graph_records
from workers.query.content import Content
from workers.query.corpus import Writing
from workers.query.corpus_changes import note_rem_space, note_space
from workers.query.profiles import DIMENSIONS, MODEL, rows_of
from workers.query.refresh import records_of
from workers.query.services import QueryServices
from workers.query.spaces import TEXTUAL, space_of

PORTION = 5000
"""Nodes, relations, rows and passages that are written at once; the lease is looked at in between."""
COUNTED = (Shelf.MEASUREMENTS, Shelf.CHUNKS, Shelf.REMS)
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
    contents: Sequence[Content],
    passages: Mapping[str, Sequence[tuple[Passage, list[str]]]],
    lease: Writing,
    services: QueryServices,
) -> dict[str, int]:
    """Write records and passages of batches; return how many raw measurements, chunks, or records of files each has."""
    documents, tenant = services.documents, lease.tenant
    counted: Counter[tuple[str, Shelf]] = Counter()

    def put(shelf: Shelf, records: Iterable[tuple[str, Iterable[Record]]]) -> None:
        documents.put(tenant, shelf, _held(records, shelf, counted, lease.hold))

    for shelf in dict.fromkeys(shelf for content in contents for shelf in content.records):
        put(shelf, ((content.batch, content.records.get(shelf, ())) for content in contents))
    said = {content.batch: records_of(content) for content in contents}
    put(Shelf.GRAPH, ((content.batch, graph_records(content)) for content in contents))
    put(Shelf.GRAPH, ((batch, shared) for batch, (_, shared) in said.items()))
    put(Shelf.PROFILES, ((batch, profiles) for batch, (profiles, _) in said.items()))
    # Before the passages: what a removal goes by must be there first.
    documents.put(
        tenant,
        Shelf.MEMBERS,
        (
            Record(f"{batch}|{passage.id}", {"ids": ids}, batch, passage.id)
            for batch, each in passages.items()
            for passage, ids in each
        ),
    )
    texts = [passage for each in passages.values() for passage, _ in each]
    settled = _settled(texts, lease, services)
    for portion in portions([passage for passage in texts if passage.id not in settled]):
        lease.hold()
        services.texts.add(tenant, portion)
    return {content.batch: sum(counted[content.batch, shelf] for shelf in COUNTED) for content in contents}


def _held(
    records: Iterable[tuple[str, Iterable[Record]]],
    shelf: Shelf,
    counted: Counter[tuple[str, Shelf]],
    hold: Callable[[], None],
) -> Iterator[Record]:
    """Yield records as their batch's own, count what is in them, and hold the lease while somebody takes them."""
    number = 0
    for batch, each in records:
        for record in each:
            if number % 64 == 0:
                hold()
            number += 1
            counted[batch, shelf] += int(record.body.get("rows", 1))
            yield record if record.batch == batch else replace(record, batch=batch)


def write_vectors(
    contents: Sequence[Content], passages: Sequence[Passage], lease: Writing, services: QueryServices
) -> None:
    """Write vectors of the passages that have none, of the batches' profiles, and those that came with them."""
    encoder = services.encoder
    for name in TEXTUAL:
        chosen = [passage for passage in passages if space_of(passage.kind) is name]
        if not chosen:
            continue
        space = Space(name.value, encoder.model, encoder.dimensions)
        lease.change(note_space(space))
        settled = _settled(chosen, lease, services)
        for portion in portions(chosen):
            # One that a visible batch has may be missing in the space of a new encoder.
            asked = [passage.id for passage in portion if passage.id in settled]
            there = services.vectors.vectors(lease.tenant, space, asked) if asked else {}
            missing = [passage for passage in portion if passage.id not in there]
            upsert(_encoded(missing, lease, services), space, lease.tenant, services.vectors, hold=lease.hold)
    told = {f"{content.batch}|{thing}": row for content in contents for thing, row in content.profiles.items()}
    if rows := rows_of(told):
        space = Space(Spaces.MEASUREMENTS.value, MODEL, DIMENSIONS)
        lease.change(note_space(space))
        upsert(rows, space, lease.tenant, services.vectors, hold=lease.hold)
    brought: dict[Space, list[Row]] = {}
    for content in contents:
        for space, vectors in content.vectors.items():
            brought.setdefault(space, []).extend(Row(key, vector) for key, vector in vectors.items())
    for space, rows in brought.items():
        lease.change(note_rem_space(space))
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
    for portion in portions(rows):
        hold()
        vectors.upsert(tenant, space, portion)


def _settled(passages: Sequence[Passage], lease: Writing, services: QueryServices) -> set[str]:
    """Return the passages that a visible batch has: only of these it is sure that they can be found."""
    found: set[str] = set()
    for portion in portions(passages):
        after, ids = None, [passage.id for passage in portion]
        while page := services.documents.find(lease.tenant, Shelf.MEMBERS, groups=ids, after=after, limit=PORTION):
            found |= {record.group for record in page if record.batch not in lease.corpus.hidden}
            after = (page[-1].at, page[-1].id)
    return found


def portions(items: Sequence[Item], size: int = PORTION) -> Iterator[Sequence[Item]]:
    """Yield a sequence in pieces of a size."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
