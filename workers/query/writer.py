"""A batch, or several small ones at once, into all stores, in an order in which it can break off anywhere and be taken up again.

    1 hidden in the corpus, and a BATCHES record `writing`: before any data
    2 documents: records, what it says of shared things, which passages speak of what; then the passages
    3 vectors of passages that had none, and of profiles
    4 the graph; of things that visible batches know already, no property yet
    5 the BATCHES record `written`, then one swap: seen, a new version, `pending`
    6 shared things get the properties that follow from all batches; BATCHES `visible`; not pending: a new version

Until the swap of 5 no reader sees anything of the batch. Between 5 and 6 its own things are all seen, and shared figures
are still those without it. That 6 is owed stands in the corpus (`pending`): whoever writes next does it, if the job does
not come back. A batch that replaces another one of its name is hidden from before the first is removed until 5: readers
see neither meanwhile, and never a mixture. Several that are written at once take each step together: all are seen in one
swap, and of a thousand small ones each costs little more than its rows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jobs.errors import InvalidInput, TooLarge
from jobs.ingestion import IngestResult
from jobs.model import Progress
from stores.documents import Shelf
from workers.query.batch import batch_bodies, put_batches, result_of
from workers.query.blocks import GROUP, graph_of
from workers.query.content import Content
from workers.query.corpus import Writing
from workers.query.corpus_changes import forget, hide, settle, show
from workers.query.refresh import ALONE, refresh
from workers.query.remove import remove_parts
from workers.query.services import QueryServices
from workers.query.writer_graph import write_graph
from workers.query.writer_steps import PORTION, merged, write_documents, write_vectors

STEPS = ("documents", "vectors", "graph", "shared")

Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is to be written, and the digest of all that decides what that is."""

    content: Content
    digest: str


def write(
    content: Content, *, digest: str, job: str, lease: Writing, services: QueryServices, report: Report
) -> IngestResult:
    """Write a batch; one that is there with the same digest stays, one with another digest is replaced.

    What a store refuses is taken away again; a job that is stopped leaves what it wrote, hidden (`left_over`).
    """
    [result] = write_all([Sealed(content, digest)], job=job, lease=lease, services=services, report=report)
    return result


def write_all(
    sealed: Sequence[Sealed], *, job: str, lease: Writing, services: QueryServices, report: Report
) -> list[IngestResult]:
    """Write several batches at once, as `write` does one; return their results in the order given.

    What a store refuses of one takes all of them away again.
    """
    tenant, documents = lease.tenant, services.documents
    there = unchanged({one.content.batch: one.digest for one in sealed}, lease=lease, services=services)
    fresh = [one for one in sealed if one.content.batch not in there]
    if fresh:
        contents = [one.content for one in fresh]
        names = [content.batch for content in contents]
        _make_room(fresh, lease=lease, services=services)
        lease.change(hide(*names, seen=False))
        since = lease.corpus.version
        begun = {one.content.batch: _begun(one.content, digest=one.digest, job=job, since=since) for one in fresh}
        _put({name: begun[name] | {"state": "writing"} for name in names}, tenant, services)
        timings: dict[str, float] = {}
        try:
            counts = _write_all(contents, timings, lease=lease, services=services, report=report)
        except (InvalidInput, TooLarge):
            # A store refuses it, and always will: nobody comes back for what is there by now.
            remove_parts(*names, lease=lease, services=services)
            lease.change(forget(*names))
            raise
        told = {name: {"counts": counts[name], "timings": timings, "state": "written"} for name in names}
        _put({name: begun[name] | told[name] for name in names}, tenant, services)
        lease.change(show(*names))
        report(Progress(len(STEPS) - 1, len(STEPS), STEPS[-1]))
        finish_pending(lease, services)
    bodies = batch_bodies(documents, tenant, [one.content.batch for one in fresh])
    written = {batch: result_of(batch, body, unchanged=False) for batch, body in bodies.items()}
    return [(there | written)[one.content.batch] for one in sealed]


def unchanged(digests: Mapping[str, str], *, lease: Writing, services: QueryServices) -> dict[str, IngestResult]:
    """Return what is said of batches that are there, seen and whole, with these digests; others have to be written."""
    finish_pending(lease, services)
    bodies = batch_bodies(services.documents, lease.tenant, list(digests))
    hidden = lease.corpus.hidden
    return {
        batch: result_of(batch, body, unchanged=True)
        for batch, body in bodies.items()
        if body.get("state") == "visible" and body["digest"] == digests[batch] and batch not in hidden
    }


def finish_pending(lease: Writing, services: QueryServices) -> None:
    """Give shared things their properties, for all batches that are seen and have not done so."""
    pending = lease.corpus.pending
    if not pending:
        return
    began = services.timer()
    bodies = batch_bodies(services.documents, lease.tenant, pending)
    sharing = [batch for batch, body in bodies.items() if body["kind"] not in ALONE]
    ids = sorted({thing for batch in sharing for thing in things_of(batch, lease.tenant, services)})
    stores = services.documents, services.graph, lease.tenant
    counted = refresh(*stores, ids, hidden=lease.corpus.hidden, hold=lease.hold, alone=pending)
    took = (services.timer() - began) / len(pending)
    added = {name: version for version, name, what in lease.corpus.changes if what == "added"}
    for batch, body in bodies.items():
        version = added.get(batch, lease.corpus.version)
        timings = body.get("timings", {}) | {"shared": took}
        bodies[batch] = body | {"state": "visible", "version": version, "timings": timings}
    _put(bodies, lease.tenant, services)
    lease.change(settle(*pending, changed=counted > 0))


def _make_room(sealed: Sequence[Sealed], *, lease: Writing, services: QueryServices) -> None:
    """Remove what is there of batches of these names, but for what these very contents have left and can go on from."""
    bodies = batch_bodies(services.documents, lease.tenant, [one.content.batch for one in sealed])
    left = {one.content.batch: one.digest for one in sealed}
    # A removal is a new version, with which nothing that was left before may go on.
    while stale := [name for name, digest in left.items() if _in_the_way(name, digest, bodies.get(name, {}), lease)]:
        lease.change(hide(*stale, seen=True))
        remove_parts(*stale, lease=lease, services=services)
        for name in stale:
            del left[name]


def _in_the_way(batch: str, digest: str, body: Mapping[str, Any], lease: Writing) -> bool:
    hidden = batch in lease.corpus.hidden
    resumed = hidden and body.get("digest") == digest and body.get("since") == lease.corpus.version
    return bool(body or hidden) and not (resumed and body["state"] in {"writing", "written"})


def _put(bodies: Mapping[str, Mapping[str, Any]], tenant: str, services: QueryServices) -> None:
    put_batches(services.documents, tenant, bodies, at=services.clock())


def _begun(content: Content, *, digest: str, job: str, since: int) -> dict[str, Any]:
    return {
        "kind": content.kind,
        "title": content.title,
        "created_at": content.created_at,
        "source": dict(content.source),
        "warnings": list(content.warnings),
        "digest": digest,
        "job": job,
        "since": since,
    }


def _write_all(
    contents: Sequence[Content],
    timings: dict[str, float],
    *,
    lease: Writing,
    services: QueryServices,
    report: Report,
) -> dict[str, dict[str, int]]:
    """Do steps 2 to 4 and return how much there was of each thing, by batch."""
    passages = {content.batch: merged(content) for content in contents}
    counts = {
        content.batch: {
            "nodes": len(content.nodes),
            "relations": len(content.relations),
            "passages": len(passages[content.batch]),
        }
        for content in contents
    }

    def documents() -> None:
        for batch, records in write_documents(contents, passages, lease, services).items():
            counts[batch]["records"] = records

    parts: tuple[Callable[[], None], ...] = (
        documents,
        lambda: write_vectors(contents, [one for each in passages.values() for one, _ in each], lease, services),
        lambda: write_graph(contents, lease, services),
    )
    for number, (name, part) in enumerate(zip(STEPS, parts, strict=False)):
        report(Progress(number, len(STEPS), name))
        began = services.timer()
        part()
        timings[name] = (services.timer() - began) / len(contents)
    return counts


def things_of(batch: str, tenant: str, services: QueryServices) -> list[str]:
    """Return the ids of what a batch brought, and of what it relates that to."""
    ids = {node.id for nodes, _ in graph_of(services.documents, tenant, batch) for node in nodes}
    after = None
    while page := services.documents.find(tenant, Shelf.GRAPH, batch=batch, after=after, limit=PORTION):
        ids |= {record.group for record in page if record.group != GROUP}
        after = (page[-1].at, page[-1].id)
    return sorted(ids)
