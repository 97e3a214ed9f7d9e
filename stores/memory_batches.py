"""Batches of jobs in memory: jobs that were submitted together, and how many of them stand where."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from jobs.errors import Conflict, Gone, InvalidInput, NotFound
from jobs.model import Batch, Member, NewJob, State
from jobs.queue import Envelope
from stores.memory_records import Record
from stores.memory_turns import MemoryTurns
from stores.ports import ANY, Allowance, BatchPage


class MemoryBatches(MemoryTurns):
    """Records that belong together."""

    def __init__(self, **how: Any) -> None:
        """Keep records as `Records` does."""
        super().__init__(**how)
        self._batches: dict[str, Batch] = {}
        self._members: dict[str, tuple[str, ...]] = {}
        self._batch_keys: dict[tuple[str, str], tuple[str, str]] = {}

    def submit_batch(
        self,
        batch_id: str,
        jobs: Sequence[NewJob],
        *,
        idempotency_key: str | None = None,
        fingerprint: str = "",
        envelopes: Sequence[Envelope | None] = (),
        allowance: Allowance = ANY,
    ) -> tuple[Batch, bool]:
        """Record jobs, all of them or none, and the batch that they are."""
        tenant = jobs[0].tenant
        with self._lock:
            if idempotency_key is not None:
                first = self.repeated_batch(idempotency_key, tenant=tenant, fingerprint=fingerprint)
                if first is not None:
                    return first, False
            if batch_id in self._batches:
                return self._batches[batch_id], False
            self._take(tenant, len(jobs), allowance)
            if idempotency_key is not None:
                self._batch_keys[tenant, idempotency_key] = batch_id, fingerprint
            states = dict.fromkeys(State, 0) | {State.QUEUED: len(jobs)}
            self._batches[batch_id] = Batch(batch_id, tenant, self._clock(), states, version=len(jobs))
            self._members[batch_id] = tuple(job.id for job in jobs)
            for job, envelope in zip_longest(jobs, envelopes):
                self._create(job)
                self._post(self._records[job.id], envelope)
            return self._batches[batch_id], True

    def repeated_batch(self, idempotency_key: str, *, tenant: str, fingerprint: str) -> Batch | None:
        """Return the batch that was submitted with this key, if there is one."""
        with self._lock:
            first, print_ = self._batch_keys.get((tenant, idempotency_key), ("", ""))
            if first not in self._batches or self._is_over(self._batches[first]):
                return None
            if print_ != fingerprint:
                raise Conflict("The idempotency key was used for another request.", reason="idempotency-key")
            return self._batches[first]

    def batch(self, batch_id: str, *, tenant: str | None = None) -> Batch:
        """Return a batch."""
        with self._lock:
            batch = self._batches.get(batch_id)
            if batch is None or tenant not in {None, batch.tenant}:
                raise NotFound("There is no such batch.")
            if self._is_over(batch):
                raise Gone("The batch has expired.")
            return batch

    def batches(self, *, tenant: str, cursor: str | None, limit: int) -> BatchPage:
        """Return a page of the ids of a tenant's batches, newest first."""
        with self._lock:
            ids = [batch.id for batch in reversed(self._batches.values()) if batch.tenant == tenant]
        if cursor not in {None, *ids}:
            raise InvalidInput("This is not a cursor of ours.", field="cursor")
        found = ids if cursor is None else ids[ids.index(cursor) + 1 :]
        page = found[:limit]
        return BatchPage(page, page[-1] if len(found) > limit else None)

    def members(self, batch_ids: Sequence[str], *, limit: int | None = None) -> Mapping[str, Sequence[Member]]:
        """Return the jobs of each batch, as they were given."""
        with self._lock:
            known = {batch_id: self._members[batch_id][:limit] for batch_id in batch_ids if batch_id in self._members}
            return {
                batch_id: [_member(job_id, self._records.get(job_id)) for job_id in ids]
                for batch_id, ids in known.items()
            }

    def cancel_batch(self, batch_id: str) -> Batch:
        """Cancel every job of a batch that has not ended."""
        with self._lock:
            for job_id in self._members.get(batch_id, ()):
                if job_id in self._records:
                    self._stop(self._records[job_id])
            return self.batch(batch_id)

    def _is_over(self, batch: Batch) -> bool:
        finished = batch.finished_at
        return finished is not None and finished.timestamp() + self._retention_s <= self._now()

    def _set(self, record: Record, **changes: Any) -> None:
        before = record.job.state
        super()._set(record, **changes)
        job = record.job
        if job.batch is None or job.state is before:
            return
        batch = self._batches[job.batch]
        states = dict(batch.states)
        states[before] -= 1
        states[job.state] += 1
        batch = replace(batch, states=states, version=batch.version + 1)
        if batch.ended == batch.size:
            batch = replace(batch, finished_at=self._clock())
        self._batches[job.batch] = batch
        self._changes.append((job.batch, None))


def _member(job_id: str, record: Record | None) -> Member:
    return Member(job_id) if record is None else Member(job_id, record.job.kind, record.job.state, record.job.error)
