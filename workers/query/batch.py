"""The record of a batch: where it came from, its state, what it brought."""

from collections.abc import Mapping
from typing import Any

from jobs.knowledge import IngestResult
from stores.knowledge import Documents, Record, Shelf


def batch_body(documents: Documents, tenant: str, batch: str) -> dict[str, Any]:
    """Return what is recorded of a batch; empty if there is nothing."""
    record = documents.get(tenant, Shelf.BATCHES, [batch]).get(batch)
    return {} if record is None else dict(record.body)


def put_batch(documents: Documents, tenant: str, batch: str, body: Mapping[str, Any], *, at: float) -> None:
    """Record a batch; `at`, when that was, orders the list of batches."""
    documents.put(tenant, Shelf.BATCHES, [Record(batch, body, batch, str(body["kind"]), at)])


def result_of(batch: str, body: Mapping[str, Any], *, unchanged: bool) -> IngestResult:
    """Return what a job says of a batch that is visible."""
    return IngestResult(
        batch=batch,
        version=body["version"],
        unchanged=unchanged,
        warnings=tuple(body["warnings"]),
        **{name: body["counts"][name] for name in ("nodes", "relations", "passages", "records")},
    )
