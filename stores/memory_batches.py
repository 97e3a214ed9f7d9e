"""Batches of jobs in memory: jobs that were submitted together, and how many of them stand where."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from jobs.errors import Conflict, Gone, NotFound
from jobs.model import Batch, Job, Member, NewJob, State
from jobs.queue import Envelope
from stores.memory_records import Record
from stores.memory_turns import MemoryTurns
from stores.ports import ANY, Allowance


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

    def members(self, batch_id: str) -> Sequence[Member]:
        """Return the jobs of a batch, as they were given."""
        with self._lock:
            found = [(job_id, self._records.get(job_id)) for job_id in self._members.get(batch_id, ())]
            return [Member(job_id) if record is None else _member(record.job) for job_id, record in found]

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


def _member(job: Job) -> Member:
    return Member(job.id, job.kind, job.state, job.error)
