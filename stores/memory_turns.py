"""Turns of jobs in memory: what is posted lies in lists of this process, for whoever looks there."""

from collections.abc import Mapping, Sequence

from jobs.model import Job, State
from jobs.queue import Envelope
from stores.memory_records import MOST_URGENT, Record, Records


class MemoryTurns(Records):
    """Records whose messages wait for their tenant's turn."""

    def post(self, job_id: str, envelope: Envelope) -> None:
        """Send a queued job's message, or hold it."""
        with self._lock:
            record = self._records.get(job_id)
            if record is not None and record.job.state is State.QUEUED:
                self._post(record, envelope)

    def open(self, queue: str, *, places: int) -> None:
        """Let so many messages lie in the list of `queue`."""
        with self._lock:
            self.line.open(queue, places)

    def held(self, queue: str) -> Mapping[str, int]:
        """Return how many jobs each tenant has held."""
        with self._lock:
            return self.line.held(queue)

    def astray(self, kind: str, *, queue: str, older_s: float, limit: int) -> Sequence[Job]:  # noqa: ARG002  # the port's
        """Return queued jobs that are neither held nor in the list."""
        with self._lock:
            before = self._now() - older_s
            old = sorted((at, job_id) for job_id, at in self._waiting.items() if at <= before)
            jobs = [self._records[job_id].job for _, job_id in old if self.line.is_astray(job_id, before=before)]
            return [job for job in jobs if job.kind == kind][:limit]

    def _post(self, record: Record, envelope: Envelope | None) -> None:
        """Post a queued job, or have it sent soon if it is not known how."""
        job = record.job
        if envelope is None:
            self._due[job.id] = self._now() + self._lease_s
            return
        self._waiting.setdefault(job.id, self._now())
        self._watch_deadline(record)
        rank = (MOST_URGENT - job.priority, record.sequence)
        self.line.post(job.id, share=(job.tenant, envelope.place), rank=rank, message=envelope.text)
