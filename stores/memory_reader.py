"""Job records in memory, as readers see them."""

from collections.abc import Mapping, Sequence

from jobs.errors import InvalidInput
from jobs.model import Event, Job, State
from stores.job_fields import is_birth
from stores.memory_counts import MemoryCounts
from stores.memory_records import number_of
from stores.ports import DeadLetter, Look, Page


class MemoryReader(MemoryCounts):
    """Reads jobs, in memory."""

    def get(self, job_id: str, *, tenant: str | None = None) -> Job:
        """Return a job."""
        with self._lock:
            return self._record(job_id, tenant).job

    def find(
        self, *, tenant: str, kind: str | None, state: State | None, tag: str | None, cursor: str | None, limit: int
    ) -> Page:
        """Return a page of jobs without parents."""
        if cursor is not None and not cursor.isdecimal():
            raise InvalidInput("This is not a cursor of ours.", field="cursor")
        with self._lock:
            found = [
                record
                for record in sorted(self._records.values(), key=lambda record: -record.sequence)
                if record.job.parent is None
                and record.job.tenant == tenant
                and kind in {None, record.job.kind}
                and state in {None, record.job.state}
                and (tag is None or tag in record.job.tags)
                and (cursor is None or record.sequence < int(cursor))
                and not self._expired(record)
            ]
        page = found[:limit]
        return Page([record.job for record in page], str(page[-1].sequence) if len(found) > limit else None)

    def waiting(self, kind: str, *, older_s: float = 0, limit: int) -> Sequence[Job]:
        """Return queued jobs that were sent or posted, the longest waiting first."""
        with self._lock:
            before = self._now() - older_s
            old = sorted((at, job_id) for job_id, at in self._waiting.items() if at <= before)
            jobs = (self._records[job_id].job for _, job_id in old)
            return [job for job in jobs if job.kind == kind][:limit]

    def events(self, job_id: str, *, after: str | None, limit: int = 1000) -> Sequence[Event]:
        """Return a job's events, oldest first."""
        with self._lock:
            events = self._record(job_id).events
            first = 0 if after is None else number_of(after)
            return [event for event in events if number_of(event.id) > first][:limit]

    def many(self, job_ids: Sequence[str]) -> Mapping[str, Job]:
        """Return the jobs that there are among `job_ids`."""
        with self._lock:
            return {job_id: self._records[job_id].job for job_id in job_ids if job_id in self._records}

    def looks(self, after: Mapping[str, str | None], *, limit: int = 1000) -> Mapping[str, Look]:
        """Return jobs with their events after the ids given."""
        with self._lock:
            found: dict[str, Look] = {}
            for job_id, last in after.items():
                record = self._records.get(job_id)
                if record is None or self._expired(record):
                    continue
                first = 0 if last is None else number_of(last)
                later = [event for event in record.events if number_of(event.id) > first]
                whole = is_birth(record.events[0]) if last is None else any(event.id == last for event in record.events)
                found[job_id] = Look(record.job, later[:limit], gap=not whole)
            return found

    def changes(self, *, after: str | None, wait_s: float) -> tuple[str, Mapping[str, str | None]]:
        """Wait for changes of any job."""
        with self._changed:
            if after is None:
                return f"{len(self._changes)}-0", {}
            seen = number_of(after)
            self._changed.wait_for(lambda: len(self._changes) > seen, timeout=wait_s)
            changed: dict[str, str | None] = {}
            for job_id, last in self._changes[seen:]:
                changed.setdefault(job_id, last)
            return f"{len(self._changes)}-0", changed

    def dead_letters(self, *, tenant: str, limit: int) -> Sequence[DeadLetter]:
        """Return the newest dead letters of a tenant."""
        with self._lock:
            return [letter for letter in reversed(self._dead.values()) if letter.tenant == tenant][:limit]

    def owners(self, job_ids: Sequence[str]) -> Mapping[str, str]:
        """Return the tenants of those jobs that are recorded."""
        with self._lock:
            return {job_id: self._records[job_id].job.tenant for job_id in job_ids if job_id in self._records}

    def ping(self) -> None:
        """Return: memory answers."""
