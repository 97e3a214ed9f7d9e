"""A batch out of all stores. It is hidden at once; then everything goes, its record last, so that it can be taken up again.

What other batches say too stays, with the properties that follow from them. Between the moment it is hidden and the end,
shared figures may still count it in; the end is a new version. Only the cache of embeddings keeps what it has: it is
keyed by the content of texts, and knows of no batch.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from jobs.attempt import Attempt
from jobs.errors import NotFound
from jobs.knowledge import Space as Spaces
from stores.documents import Record, Shelf
from stores.rem_space import vector_of
from stores.vectors import Space
from workers.query.batch import batch_bodies, batch_body, put_batches
from workers.query.blocks import GROUP
from workers.query.corpus import Writing, writing
from workers.query.corpus_changes import forget, hide
from workers.query.refresh import refresh
from workers.query.services import QueryServices

PAGE = 2000
SHELVES = (
    Shelf.MEASUREMENTS,
    Shelf.ANALYSIS_RESULTS,
    Shelf.DOCUMENTS,
    Shelf.CHUNKS,
    Shelf.REMS,
    Shelf.MEMBERS,
    Shelf.PROFILES,
    Shelf.GRAPH,
)
"""Where records of batches are; what the other steps go by is last."""


def remove(batch: str, *, tenant: str, job_id: str, attempt: Attempt, services: QueryServices) -> dict[str, Any]:
    """Remove a batch; raise NotFound if there never was one. One that was removed lately is removed."""
    documents = services.documents
    with writing(tenant, job_id, services, check=attempt.check) as lease:
        if not batch_body(documents, tenant, batch) and batch not in lease.corpus.hidden:
            gone = [version for version, name, what in lease.corpus.changes if (name, what) == (batch, "removed")]
            if not gone:
                raise NotFound("There is no such batch.", field="batch")
            return {"batch": batch, "version": lease.corpus.version}
        lease.change(hide(batch, seen=True))
        remove_parts(batch, lease=lease, services=services)
        lease.change(forget(batch))
        return {"batch": batch, "version": lease.corpus.version}


def remove_parts(*batches: str, lease: Writing, services: QueryServices) -> None:
    """Remove all that hidden batches brought, and their records; they stay hidden."""
    documents, tenant = services.documents, lease.tenant
    # A batch that is hidden for another reason comes back; these do not.
    bodies = batch_bodies(documents, tenant, batches)
    removing = {batch: body | {"state": "removing"} for batch, body in bodies.items()}
    put_batches(documents, tenant, removing, at=services.clock())
    things: set[str] = set()
    for batch in batches:
        things |= {record.group for record in _own(Shelf.PROFILES, batch, lease, services)}
        things |= {record.group for record in _own(Shelf.GRAPH, batch, lease, services) if _says_something(record)}
    lease.hold()
    services.graph.remove(tenant, *batches)
    refresh(documents, services.graph, tenant, sorted(things), hidden=lease.corpus.hidden, hold=lease.hold)
    _remove_passages(batches, lease, services)
    _remove_profiles(batches, lease, services)
    _remove_rems(batches, lease, services)
    for batch in batches:
        for shelf in SHELVES:
            lease.hold()
            # To look is less work than to write that there was nothing.
            if documents.count(tenant, shelf, batch=batch):
                documents.remove(tenant, shelf, batch=batch)
    documents.remove(tenant, Shelf.BATCHES, ids=batches)


def _remove_passages(batches: Sequence[str], lease: Writing, services: QueryServices) -> None:
    """Remove the passages that speak of nothing in any other batch."""
    spaces = [space for space in lease.corpus.all_spaces() if space.name != Spaces.MEASUREMENTS]
    pages = (page for batch in batches for page in _pages(Shelf.MEMBERS, batch, lease, services))
    for records in _together(pages):
        passages = {record.group for record in records}
        alone = sorted(passages - _elsewhere(passages, batches, lease, services))
        if not alone:
            continue
        for space in spaces:
            services.vectors.remove(lease.tenant, space, alone)
        services.texts.remove(lease.tenant, alone)


def _together(pages: Iterable[list[Record]]) -> Iterator[list[Record]]:
    """Yield small pages joined, so that there are few."""
    held: list[Record] = []
    for page in pages:
        if held and len(held) + len(page) > PAGE:
            yield held
            held = []
        held = held + page
    if held:
        yield held


def _elsewhere(passages: set[str], batches: Sequence[str], lease: Writing, services: QueryServices) -> set[str]:
    found: set[str] = set()
    after = None
    while page := services.documents.find(
        lease.tenant, Shelf.MEMBERS, groups=sorted(passages), after=after, limit=PAGE
    ):
        found |= {record.group for record in page if record.batch not in batches}
        after = (page[-1].at, page[-1].id)
    return found


def _remove_profiles(batches: Sequence[str], lease: Writing, services: QueryServices) -> None:
    spaces = [space for space in lease.corpus.all_spaces() if space.name == Spaces.MEASUREMENTS]
    for page in (page for batch in batches for page in _pages(Shelf.PROFILES, batch, lease, services)):
        for space in spaces:
            services.vectors.remove(lease.tenant, space, [record.id for record in page])


def _remove_rems(batches: Sequence[str], lease: Writing, services: QueryServices) -> None:
    """Remove the vectors that records came with."""
    ids: dict[Space, list[str]] = {}
    for record in (record for batch in batches for record in _own(Shelf.REMS, batch, lease, services)):
        if (found := vector_of(record)) is not None:
            ids.setdefault(found[0], []).append(record.id)
    for space, names in ids.items():
        services.vectors.remove(lease.tenant, space, names)


def _says_something(record: Record) -> bool:
    """Say whether a thing may be another one without what a batch says of it: a plain relation goes with its batch."""
    if record.group == GROUP:
        return False
    return "label" in record.body or any(properties for *_, properties in record.body["relations"])


def _own(shelf: Shelf, batch: str, lease: Writing, services: QueryServices) -> Iterator[Record]:
    for page in _pages(shelf, batch, lease, services):
        yield from page


def _pages(shelf: Shelf, batch: str, lease: Writing, services: QueryServices) -> Iterator[list[Record]]:
    """Yield a batch's records, page by page."""
    after = None
    while page := services.documents.find(lease.tenant, shelf, batch=batch, after=after, limit=PAGE):
        lease.hold()
        yield page
        after = (page[-1].at, page[-1].id)
