"""A batch into all stores, in an order in which it can break off anywhere and be taken up again.

    1 hidden in the corpus, and a BATCHES record `writing`: before any data
    2 documents: records, what it says of shared things, which passages speak of what; then the passages
    3 vectors of passages that had none, and of profiles
    4 the graph; of things that visible batches know already, no property yet
    5 the BATCHES record `written`, then one swap: seen, a new version, `pending`
    6 shared things get the properties that follow from all batches; BATCHES `visible`; not pending: a new version

Until the swap of 5 no reader sees anything of the batch. Between 5 and 6 its own things are all seen, and shared figures
are still those without it. That 6 is owed stands in the corpus (`pending`): whoever writes next does it, if the job does
not come back. A batch that replaces another one of its name is hidden from before the first is removed until 5: readers
see neither meanwhile, and never a mixture.
"""

from collections.abc import Callable
from typing import Any

from jobs.errors import InvalidInput, TooLarge
from jobs.knowledge import IngestResult
from jobs.model import Progress
from stores.knowledge import Shelf
from workers.query.batch import batch_body, put_batch, result_of
from workers.query.blocks import GROUP, graph_of
from workers.query.content import Content
from workers.query.corpus import Writing
from workers.query.corpus_changes import forget, hide, settle, show
from workers.query.refresh import refresh
from workers.query.remove import remove_parts
from workers.query.services import QueryServices
from workers.query.writer_steps import PORTION, merged, write_documents, write_graph, write_vectors

STEPS = ("documents", "vectors", "graph", "shared")

Report = Callable[[Progress], None]


def write(
    content: Content, *, digest: str, job: str, lease: Writing, services: QueryServices, report: Report
) -> IngestResult:
    """Write a batch; one that is there with the same digest stays, one with another digest is replaced.

    What a store refuses is taken away again; a job that is stopped leaves what it wrote, hidden (`left_over`).
    """
    batch, tenant = content.batch, lease.tenant
    if (there := unchanged(batch, digest, lease=lease, services=services)) is not None:
        return there
    body = batch_body(services.documents, tenant, batch)
    hidden = batch in lease.corpus.hidden
    resumed = hidden and body.get("digest") == digest and body.get("since") == lease.corpus.version
    if (body or hidden) and not (resumed and body["state"] in {"writing", "written"}):
        lease.change(hide(batch, seen=True))
        remove_parts(batch, lease=lease, services=services)
    lease.change(hide(batch, seen=False))
    begun = _begun(content, digest=digest, job=job, since=lease.corpus.version)
    put_batch(services.documents, tenant, batch, begun | {"state": "writing"}, at=services.clock())
    timings: dict[str, float] = {}
    try:
        counts = _write_all(content, timings, lease=lease, services=services, report=report)
    except (InvalidInput, TooLarge):
        # A store refuses it, and always will: nobody comes back for what is there by now.
        remove_parts(batch, lease=lease, services=services)
        lease.change(forget(batch))
        raise
    written = begun | {"counts": counts, "timings": timings, "state": "written"}
    put_batch(services.documents, tenant, batch, written, at=services.clock())
    lease.change(show(batch))
    report(Progress(len(STEPS) - 1, len(STEPS), STEPS[-1]))
    finish_pending(lease, services)
    return result_of(batch, batch_body(services.documents, tenant, batch), unchanged=False)


def unchanged(batch: str, digest: str, *, lease: Writing, services: QueryServices) -> IngestResult | None:
    """Return what is said of a batch that is there, seen and whole, with this digest; None if it has to be written."""
    finish_pending(lease, services)
    body = batch_body(services.documents, lease.tenant, batch)
    there = body.get("state") == "visible" and body["digest"] == digest and batch not in lease.corpus.hidden
    return result_of(batch, body, unchanged=True) if there else None


def finish_pending(lease: Writing, services: QueryServices) -> None:
    """Give shared things their properties, for all batches that are seen and have not done so."""
    for batch in lease.corpus.pending:
        began = services.timer()
        ids = things_of(batch, lease.tenant, services)
        stores = services.documents, services.graph, lease.tenant
        counted = refresh(*stores, ids, hidden=lease.corpus.hidden, hold=lease.hold, alone=batch)
        body = batch_body(services.documents, lease.tenant, batch)
        added = [version for version, name, what in lease.corpus.changes if (name, what) == (batch, "added")]
        timings = body.get("timings", {}) | {"shared": services.timer() - began}
        visible = body | {"state": "visible", "version": max(added, default=lease.corpus.version), "timings": timings}
        put_batch(services.documents, lease.tenant, batch, visible, at=services.clock())
        lease.change(settle(batch, changed=counted > 0))


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
    content: Content, timings: dict[str, float], *, lease: Writing, services: QueryServices, report: Report
) -> dict[str, int]:
    """Do steps 2 to 4 and return how much there was of each thing."""
    counts = {"nodes": len(content.nodes), "relations": len(content.relations), "records": 0}
    passages = merged(content)
    counts["passages"] = len(passages)
    parts: tuple[Callable[[], None], ...] = (
        lambda: counts.update(records=write_documents(content, passages, lease, services)),
        lambda: write_vectors(content, [passage for passage, _ in passages], lease, services),
        lambda: write_graph(content, lease, services),
    )
    for number, (name, part) in enumerate(zip(STEPS, parts, strict=False)):
        report(Progress(number, len(STEPS), name))
        began = services.timer()
        part()
        timings[name] = services.timer() - began
    return counts


def things_of(batch: str, tenant: str, services: QueryServices) -> list[str]:
    """Return the ids of what a batch brought, and of what it relates that to."""
    ids = {node.id for nodes, _ in graph_of(services.documents, tenant, batch) for node in nodes}
    after = None
    while page := services.documents.find(tenant, Shelf.GRAPH, batch=batch, after=after, limit=PORTION):
        ids |= {record.group for record in page if record.group != GROUP}
        after = (page[-1].at, page[-1].id)
    return sorted(ids)
