"""The record of a batch: where it came from, its state, what it brought."""

from collections.abc import Mapping, Sequence
from typing import Any

from jobs.ingestion import IngestResult
from stores.documents import Documents, Record, Shelf


def batch_body(documents: Documents, tenant: str, batch: str) -> dict[str, Any]:
    """Return what is recorded of a batch; empty if there is nothing."""
    return batch_bodies(documents, tenant, [batch]).get(batch, {})


def batch_bodies(documents: Documents, tenant: str, batches: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return what is recorded of batches, of those of which there is something."""
    return {name: dict(record.body) for name, record in documents.get(tenant, Shelf.BATCHES, batches).items()}


def put_batches(documents: Documents, tenant: str, bodies: Mapping[str, Mapping[str, Any]], *, at: float) -> None:
    """Record batches; `at`, when that was, orders the list of batches."""
    records = (Record(batch, body, batch, str(body["kind"]), at) for batch, body in bodies.items())
    documents.put(tenant, Shelf.BATCHES, records)


def result_of(batch: str, body: Mapping[str, Any], *, unchanged: bool) -> IngestResult:
    """Return what a job says of a batch that is visible."""
    return IngestResult(
        batch=batch,
        version=body["version"],
        unchanged=unchanged,
        warnings=tuple(body["warnings"]),
        **{name: body["counts"][name] for name in ("nodes", "relations", "passages", "records")},
    )
