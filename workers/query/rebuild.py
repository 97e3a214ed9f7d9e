"""Graph, texts and vectors made again from the documents.

Vectors and texts: all passages are written again, a portion at a time, while questions are answered as before. Where the
encoder has changed the vectors go to its own space; when all are there it serves from one swap on, and the old space is
dropped. Until then a process with the old encoder finds everything by meaning, one with the new encoder nothing.
A space that its store cannot read any more is dropped before.
Records of files bring vectors that no text gives back: they are taken from the documents, into the spaces of their models.
Graph: it is emptied, with all batches hidden, and they are seen again together when all of it is there. Documents and
records are then read again for names of things that were not known yet when they came.
What jobs that broke off for good have left is removed first.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from jobs.attempt import Attempt
from jobs.errors import StoreUnavailable
from jobs.ingestion import RebuildRequest
from jobs.knowledge import Space as Spaces
from jobs.model import Progress
from stores.documents import Record, Shelf
from stores.rem_space import vector_of
from stores.vectors import Row, Space
from workers.query.blocks import graph_of
from workers.query.corpus import Writing, writing
from workers.query.corpus_changes import forget_space, hide_all, note_rem_space, note_space, show_all, switch
from workers.query.left_over import sweep
from workers.query.profiles import DIMENSIONS, MODEL, rows_of
from workers.query.refresh import ALONE, refresh
from workers.query.relink import RELINKED, relink
from workers.query.services import QueryServices
from workers.query.spaces import TEXTUAL, space_of
from workers.query.writer import finish_pending, things_of

NAMED = 100
"""Batches that a result names."""
PORTION = 512
"""Passages, or profiles, that are written under one lease: others may write in between."""

Lease = Callable[[], Writing]


def rebuild(
    request: RebuildRequest, *, tenant: str, job_id: str, attempt: Attempt, services: QueryServices
) -> dict[str, Any]:
    """Make again what a request names, and return how much of each."""

    def lease() -> Writing:
        return writing(tenant, job_id, services, check=attempt.check)

    steps: dict[str, Callable[[str, Lease, QueryServices], int]] = {
        "graph": _graph,
        "texts": _texts,
        "vectors": _vectors,
    }
    wanted = [name for name in steps if name in request.what]
    done: dict[str, Any] = {"removed": _sweep(lease, services)}
    for number, name in enumerate(wanted):
        attempt.report(Progress(number, len(wanted), name))
        done[name] = steps[name](tenant, lease, services)
    with lease() as held:
        return done | {"version": held.corpus.version}


def _sweep(lease: Lease, services: QueryServices) -> list[str]:
    """Finish or remove what broken-off jobs have left, and return what was removed."""
    with lease() as held:
        finish_pending(held, services)
        return sweep(held, services, older_s=0)[:NAMED]


def _graph(tenant: str, lease: Lease, services: QueryServices) -> int:
    """Merge all batches into an empty graph; return how many."""
    documents = services.documents
    with lease() as held:
        records = [record for page in _pages(Shelf.BATCHES, tenant, services) for record in page]
        batches = [record.id for record in records if record.body["state"] == "visible"]
        held.go_on()
        held.change(hide_all(batches))
        services.graph.erase(tenant)
        for batch in batches:
            for nodes, relations in graph_of(documents, tenant, batch):
                held.hold()
                services.graph.merge(tenant, nodes, relations, batch=batch)
        there = frozenset(batches)
        hidden = held.corpus.hidden - there
        for batch in (record.id for record in records if record.id in there and record.body["kind"] not in ALONE):
            things = things_of(batch, tenant, services)
            refresh(documents, services.graph, tenant, things, hidden=hidden, hold=held.hold, alone=[batch])
        relink([batch for batch in batches if batch.startswith(RELINKED)], hidden, lease=held, services=services)
        held.change(show_all(batches))
    return len(batches)


def _texts(tenant: str, lease: Lease, services: QueryServices) -> int:
    """Add all passages again."""
    count = 0
    for ids in _passage_ids(tenant, services):
        with lease():
            there = services.texts.passages(tenant, ids)
            services.texts.add(tenant, [there[name] for name in sorted(there)])
        count += len(there)
    return count


def _vectors(tenant: str, lease: Lease, services: QueryServices) -> int:
    """Write all vectors again, in the space of this process's encoder, and let that space serve."""
    encoder = services.encoder
    _drop_unreadable(tenant, lease, services)
    spaces = {name: Space(name.value, encoder.model, encoder.dimensions) for name in TEXTUAL}
    count = 0
    for ids in _passage_ids(tenant, services):
        passages = services.texts.passages(tenant, ids)
        # Before the lease is taken, since it takes longest.
        vectors = dict(zip(passages, encoder.encode([passage.text for passage in passages.values()]), strict=True))
        with lease() as held:
            there = services.texts.passages(tenant, ids)
            for name, space in spaces.items():
                chosen = [key for key, passage in there.items() if space_of(passage.kind) is name and key in vectors]
                if chosen:
                    held.change(note_space(space))
                    services.vectors.upsert(tenant, space, [Row(key, vectors[key]) for key in sorted(chosen)])
                count += len(chosen)
    count += _profiles(tenant, lease, services) + _rems(tenant, lease, services)
    with lease() as held:
        old = [space for space in held.corpus.all_spaces() if space.name in spaces and space.model != encoder.model]
        if old:
            held.change(switch([spaces[Spaces(name)] for name in sorted({space.name for space in old})]))
        for space in old:
            services.vectors.drop(tenant, space)
            held.change(forget_space(space))
    return count


def _drop_unreadable(tenant: str, lease: Lease, services: QueryServices) -> None:
    """Drop the spaces whose files are damaged: what is there can be neither searched nor replaced."""
    with lease() as held:
        for space in [*held.corpus.all_spaces(), *held.corpus.rem_spaces()]:
            try:
                services.vectors.count(tenant, space)
            except StoreUnavailable:
                # A store that is away is waited for.
                services.vectors.ping()
                services.vectors.drop(tenant, space)


def _profiles(tenant: str, lease: Lease, services: QueryServices) -> int:
    """Write the vectors of all profiles again."""
    space = Space(Spaces.MEASUREMENTS.value, MODEL, DIMENSIONS)
    count = 0
    for page in _pages(Shelf.PROFILES, tenant, services):
        measured = [record.id for record in page if record.blob]
        if not measured:
            continue
        with lease() as held:
            there = services.documents.get(tenant, Shelf.PROFILES, measured)
            profiles = {key: np.frombuffer(there[key].blob, "<f4") for key in sorted(there)}
            held.change(note_space(space))
            services.vectors.upsert(tenant, space, rows_of(profiles))
        count += len(profiles)
    return count


def _rems(tenant: str, lease: Lease, services: QueryServices) -> int:
    """Write the vectors that records came with again, from the documents; drop spaces that no record has one in."""
    used: set[Space] = set()
    count = 0
    for page in _pages(Shelf.REMS, tenant, services):
        with lease() as held:
            rows: dict[Space, list[Row]] = {}
            for record in services.documents.get(tenant, Shelf.REMS, [record.id for record in page]).values():
                if (found := vector_of(record)) is not None:
                    rows.setdefault(found[0], []).append(Row(record.id, found[1]))
            for space in sorted(rows, key=lambda space: space.key):
                held.change(note_rem_space(space))
                services.vectors.upsert(tenant, space, sorted(rows[space], key=lambda row: row.id))
                count += len(rows[space])
            used |= rows.keys()
    with lease() as held:
        for space in held.corpus.rem_spaces():
            if space not in used:
                services.vectors.drop(tenant, space)
                held.change(forget_space(space))
    return count


def _passage_ids(tenant: str, services: QueryServices) -> Iterator[list[str]]:
    """Yield the ids of all passages that speak of something, in portions."""
    ids = sorted({record.group for page in _pages(Shelf.MEMBERS, tenant, services) for record in page})
    for start in range(0, len(ids), PORTION):
        yield ids[start : start + PORTION]


def _pages(shelf: Shelf, tenant: str, services: QueryServices) -> Iterator[list[Record]]:
    after = None
    while page := services.documents.find(tenant, shelf, after=after, limit=PORTION):
        yield page
        after = (page[-1].at, page[-1].id)
