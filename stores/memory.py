"""Job records in this process's memory: for tests and for one process alone. Nothing survives it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from jobs.errors import Cancelled, Conflict, NotFound, TooLarge
from jobs.model import Failure, Job, NewJob, Progress, State
from jobs.queue import Envelope
from stores.memory_reader import MemoryReader
from stores.outcomes import CANCELLED
from stores.ports import ANY, RESULT_LIMIT_BYTES, Allowance, DeadLetter, Start


class MemoryJobs(MemoryReader):
    """Jobs, in memory. Safe for threads."""

    def submit(
        self,
        job: NewJob,
        *,
        idempotency_key: str | None = None,
        fingerprint: str = "",
        envelope: Envelope | None = None,
        allowance: Allowance = ANY,
    ) -> tuple[Job, bool]:
        """Record a job as queued, once per id and per key."""
        with self._lock:
            if idempotency_key is not None:
                first = self.repeated(idempotency_key, tenant=job.tenant, fingerprint=fingerprint)
                if first is not None:
                    return first, False
            if job.id in self._records:
                return self._records[job.id].job, False
            self._take(job.tenant, 1, allowance)
            self._create(job)
            self._post(self._records[job.id], envelope)
            if idempotency_key is not None:
                self._keys[job.tenant, idempotency_key] = (job.id, fingerprint)
            return self._records[job.id].job, True

    def repeated(self, idempotency_key: str, *, tenant: str, fingerprint: str) -> Job | None:
        """Return the job that was submitted with this key, if there is one."""
        with self._lock:
            first, print_ = self._keys.get((tenant, idempotency_key), ("", ""))
            if first not in self._records or self._expired(self._records[first]):
                return None
            if print_ != fingerprint:
                raise Conflict("The idempotency key was used for another request.", reason="idempotency-key")
            return self._records[first].job

    def sent(self, job_id: str) -> None:
        """Note that the queue has the job's message."""
        with self._lock:
            record = self._records.get(job_id)
            if record is None or record.job.state is not State.QUEUED:
                return
            self._waiting[job_id] = self._now()
            self._watch_deadline(record)

    def start(self, job_id: str, *, worker: str, lease_s: float) -> Start:
        """Try to take a job."""
        with self._lock:
            record = self._records.get(job_id)
            # Its message has left the list, whatever becomes of it.
            self.line.fill_for(job_id)
            if record is None or record.job.state.final or self._end_if_stopped(record):
                return Start.FINAL
            if record.then is not None:
                return Start.HELD
            if record.job.state is State.RUNNING:
                if record.holder == worker:
                    self._due[job_id] = self._now() + lease_s
                    return Start.STARTED
                if self._due[job_id] > self._now():
                    return Start.HELD
                if not self._lose(record):
                    return Start.EXHAUSTED
            record.holder = worker
            self._waiting.pop(job_id, None)
            self.line.begin(job_id)
            self._due[job_id] = self._now() + lease_s
            job = record.job
            self._set(
                record,
                state=State.RUNNING,
                attempts=job.attempts + 1,
                worker=worker,
                started_at=job.started_at or self._clock(),
                waited_s=max(0.0, self._now() - record.due_at),
            )
            self._emit_state(record)
            return Start.STARTED

    def renew(self, job_id: str, *, worker: str, lease_s: float) -> bool:
        """Prolong the lease; return whether to go on."""
        with self._lock:
            record = self._records.get(job_id)
            if record is None or record.job.state is not State.RUNNING or record.holder != worker:
                return False
            self._due[job_id] = self._now() + lease_s
            return not (record.job.cancel_requested or self._late(record))

    def progress(self, job_id: str, progress: Progress) -> None:
        """Publish how far a job is, and its parent with it."""
        with self._lock:
            record = self._records.get(job_id)
            if record is not None and not record.job.state.final:
                self._progress(record, progress)

    def publish(self, job_id: str, partial: Mapping[str, Any]) -> None:
        """Append a `partial` event."""
        with self._lock:
            record = self._records.get(job_id)
            if record is not None and not record.job.state.final:
                self._set(record)
                self._emit(record, "partial", partial)

    def release(self, job_id: str, *, worker: str, delay_s: float = 0, lost: bool = False) -> bool:
        """Give a job back."""
        with self._lock:
            record = self._records.get(job_id)
            if record is None or record.job.state is not State.RUNNING or record.holder is None:
                return False
            if worker not in {record.holder, record.holder.rpartition(":")[0]} or self._end_if_stopped(record):
                return False
            if lost:
                return self._lose(record)
            self._requeue(record, delay_s)
            return True

    def await_children(self, job_id: str, children: Sequence[NewJob], then: NewJob) -> Sequence[Job]:
        """Record the parts of a job; return what to send."""
        with self._lock:
            record = self._records.get(job_id)
            if record is None or record.job.state.final or record.then is not None:
                return []
            for role, part in [*(("child", child) for child in children), ("then", then)]:
                deadline = part.deadline_at or record.job.deadline_at
                self._create(replace(part, parent=job_id, deadline_at=deadline), role=role)
            record.children = tuple(child.id for child in children)
            record.pending = set(record.children)
            record.then = then.id
            record.holder = None
            # Its lease may have lapsed while it split, and a sweeper have queued it again: it is split all the same.
            self.line.quit(job_id)
            self._waiting.pop(job_id, None)
            if record.job.state is State.QUEUED:
                self._set(record, state=State.RUNNING)
                self._emit_state(record)
            self._watch_deadline(record)
            if record.job.cancel_requested:
                self._end(record, State.CANCELLED, error=CANCELLED)
                return []
            due = list(record.children) or [then.id]
            for part_id in due:
                self._due[part_id] = self._now() + self._lease_s
            return [self._records[part_id].job for part_id in due]

    def finish(self, job_id: str, result: Mapping[str, Any]) -> Sequence[Job]:
        """End a job well; return what this made due."""
        if len(json.dumps(result)) > RESULT_LIMIT_BYTES:
            raise TooLarge(f"A job's result has at most {RESULT_LIMIT_BYTES} bytes.")
        with self._lock:
            record = self._records.get(job_id)
            if record is None or record.job.state.final or record.then is not None:
                return []
            return [self._records[due].job for due in self._end(record, State.SUCCEEDED, result=result)]

    def fail(self, job_id: str, failure: Failure, *, dead: bool = False, worker: str | None = None) -> None:
        """End a job badly."""
        with self._lock:
            record = self._records.get(job_id)
            if record is None or record.job.state.final or (worker is not None and record.holder != worker):
                return
            state = State.CANCELLED if failure.code == Cancelled.code else State.FAILED
            self._end(record, state, error=failure, dead=dead)

    def cancel(self, job_id: str) -> Job:
        """Cancel a job and its parts."""
        with self._lock:
            record = self._record(job_id)
            self._stop(record)
            return record.job

    def lapsed(self, *, limit: int) -> Sequence[Job]:
        """Claim jobs to be sent again."""
        with self._lock:
            now = self._now()
            claimed = []
            for job_id in sorted((due for due, at in self._due.items() if at <= now), key=self._due.__getitem__)[
                :limit
            ]:
                record = self._records[job_id]
                if self._end_if_stopped(record):
                    continue
                if record.job.state is State.RUNNING and not self._lose(record):
                    continue
                self._due[job_id] = now + self._lease_s
                claimed.append(record.job)
            return claimed

    def prune(self, *, limit: int) -> Sequence[str]:
        """Forget jobs whose retention has ended."""
        with self._lock:
            now = self._now()
            old = [job_id for job_id, record in self._records.items() if self._expired(record)][:limit]
            for job_id in old:
                self._dead.pop(job_id, None)
                self.line.forget(job_id)
                self.deliveries.forget(job_id)
                self._tombstones[job_id] = self._records.pop(job_id).job.tenant, now + self._tombstone_s
            for job_id in [job_id for job_id, (_, until) in self._tombstones.items() if until <= now]:
                del self._tombstones[job_id]
            return old

    def bury(self, job_id: str) -> DeadLetter:
        """Remove a dead letter."""
        with self._lock:
            try:
                return self._dead.pop(job_id)
            except KeyError as error:
                raise NotFound("There is no such dead letter.") from error
