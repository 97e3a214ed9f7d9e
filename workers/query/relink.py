"""Documents that were there before what they speak of: their mentions of things that are known by now."""

import zlib
from collections.abc import Collection, Sequence

from jobs.knowledge import Link
from jobs.rem import Rem
from stores.documents import Record, Shelf
from stores.graph import Relation
from workers.query.batch import batch_body
from workers.query.corpus import Writing
from workers.query.entities import Extraction, mentions
from workers.query.from_rem import mentioned_things
from workers.query.known_names import Known
from workers.query.services import QueryServices

RELINKED = ("document:", "rem:")
"""How the ids of batches begin that speak of things by their names."""
LARGEST = 64 * 1024 * 1024
"""Of a text, unpacked."""
PAGE = 2000


def relink(batches: Sequence[str], hidden: Collection[str], *, lease: Writing, services: QueryServices) -> int:
    """Relate the chunks of documents, and records, with the things they name, other than those in `hidden`; return how many relations.

    What is related already stays as it is, as if the thing had been known from the beginning.
    """
    documents, tenant = services.documents, lease.tenant
    known = Known(tenant, services, check=lease.hold, hidden=frozenset(hidden))
    count = 0
    for batch in batches:
        lease.hold()
        by_thing = _mentioned(batch, known, lease, services)
        there = (
            documents.find(tenant, Shelf.GRAPH, batch=batch, groups=sorted(by_thing), limit=len(by_thing) + 1)
            if by_thing
            else []
        )
        fresh = {thing: by_thing[thing] for thing in sorted(by_thing.keys() - {record.group for record in there})}
        if not fresh:
            continue
        told = batch_body(documents, tenant, batch)
        about = {"kind": told["kind"], "created_at": told["created_at"]}
        rows = {thing: [[each.kind, each.source, each.target, {}] for each in fresh[thing]] for thing in fresh}
        documents.put(
            tenant,
            Shelf.GRAPH,
            [Record(f"{batch}|{thing}", {**about, "relations": rows[thing]}, batch, thing) for thing in fresh],
        )
        relations = [each for thing in fresh for each in fresh[thing]]
        services.graph.merge(tenant, [], relations, batch=batch)
        count += len(relations)
    return count


def _mentioned(batch: str, known: Known, lease: Writing, services: QueryServices) -> dict[str, list[Relation]]:
    """Return the mentions of a document by the thing that they end in."""
    documents = services.documents
    if batch.startswith("rem:"):
        return _mentioned_by_record(batch, known, lease, services)
    record = documents.get(lease.tenant, Shelf.DOCUMENTS, [batch]).get(batch)
    if record is None:
        return {}
    text = zlib.decompressobj().decompress(record.blob, LARGEST).decode()
    found = Extraction({}, mentions(text, known), ())
    by_thing: dict[str, list[Relation]] = {}
    after = None
    while page := documents.find(lease.tenant, Shelf.CHUNKS, batch=batch, after=after, limit=PAGE):
        for chunk in page:
            for thing in found.within((chunk.body["start"], chunk.body["end"])):
                by_thing.setdefault(thing, []).append(Relation(Link.MENTIONS, chunk.id, thing))
        after = (page[-1].at, page[-1].id)
    return by_thing


def _mentioned_by_record(
    batch: str, known: Known, lease: Writing, services: QueryServices
) -> dict[str, list[Relation]]:
    record = services.documents.get(lease.tenant, Shelf.REMS, [batch]).get(batch)
    things = [] if record is None else mentioned_things(Rem.model_validate(record.body), known, known.mitigations)
    return {thing: [Relation(Link.MENTIONS, batch, thing)] for thing in things}
