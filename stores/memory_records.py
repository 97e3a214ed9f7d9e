"""Job records in memory, and what every transition of theirs is made of.

Each record keeps the job as others see it and, beside it, who holds it and what it is a part of. `_due` says when to
look at a job again, `_waiting` since when a queued job was sent or posted; both as seconds of the clock.
"""

from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from math import ceil
from threading import Condition, RLock
from typing import Any

from jobs.errors import Gone, InvalidInput, NotFound, QuotaExceeded
from jobs.model import Event, Failure, Job, NewJob, Progress, State
from stores.memory_line import Line
from stores.memory_webhooks import MemoryDeliveries
from stores.outcomes import CANCELLED, EXHAUSTED, JOBS_END_S, LATE, through
from stores.ports import MAX_LOST, Allowance, DeadLetter, End

EVENTS_KEPT = 1000
ENDS_KEPT = 20_000
DAY_S = 86_400
MOST_URGENT = 9


@dataclass(slots=True)
class Record:
    """A job and what only the store knows of it."""

    job: Job
    sequence: int
    due_at: float = 0.0
    holder: str | None = None
    lost: int = 0
    role: str | None = None
    """Of a part: `child` or `then`."""
    children: tuple[str, ...] = ()
    pending: set[str] = field(default_factory=set)
    then: str | None = None
    """Set while the job waits for its parts."""
    parts_total: int = 0
    expires: float | None = None
    events: deque[Event] = field(default_factory=lambda: deque(maxlen=EVENTS_KEPT))


class Records:
    """The records and their transitions; callers hold the lock."""

    def __init__(
        self,
        *,
        lease_s: float = 15,
        retention_s: float = 7 * 86_400,
        tombstone_s: float = 90 * 86_400,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        weight: Callable[[str], float] = lambda _tenant: 1.0,
    ) -> None:
        """Keep jobs for `retention_s` after their end; send again what was not sent or claimed for `lease_s`.

        `weight` says how much of a pool a tenant has, compared to others.
        """
        self._lease_s = lease_s
        self._retention_s = retention_s
        self._tombstone_s = tombstone_s
        self._clock = clock
        self._lock = RLock()
        self._changed = Condition(self._lock)
        self._records: dict[str, Record] = {}
        self._keys: dict[tuple[str, str], tuple[str, str]] = {}
        self._due: dict[str, float] = {}
        self._waiting: dict[str, float] = {}
        self._dead: dict[str, DeadLetter] = {}
        self._tombstones: dict[str, tuple[str, float]] = {}
        self._ends: deque[End] = deque(maxlen=ENDS_KEPT)
        self._changes: list[tuple[str, str | None]] = []
        self._traces: Counter[tuple[str, int]] = Counter()
        self._sequence = 0
        self.deliveries = MemoryDeliveries(clock=clock, lock=self._lock)
        self.line = Line(now=self._now, weight=weight)

    def _now(self) -> float:
        return self._clock().timestamp()

    def traces_today(self, tenant: str) -> int:
        """Return how many traces the tenant's jobs asked for since midnight, UTC."""
        return self._traces[tenant, int(self._now() // DAY_S)]

    def _take(self, tenant: str, number: int, allowance: Allowance) -> None:
        """Take new jobs' share of their tenant's quotas; raise QuotaExceeded."""
        jobs = (record.job for record in self._records.values())
        used = sum(job.tenant == tenant and job.parent is None and not job.state.final for job in jobs)
        limit = allowance.jobs_in_flight
        if limit is not None and used + number > limit:
            raise QuotaExceeded("jobs_in_flight", limit=limit, used=used, wanted=number, retry_after_s=JOBS_END_S)
        used, wanted, limit = self.traces_today(tenant), allowance.traces, allowance.traces_per_day
        if wanted and limit is not None and used + wanted > limit:
            left_s = ceil(DAY_S - self._now() % DAY_S)
            raise QuotaExceeded("traces_per_day", limit=limit, used=used, wanted=wanted, retry_after_s=left_s)
        self._traces[tenant, int(self._now() // DAY_S)] += wanted

    def _record(self, job_id: str, tenant: str | None = None) -> Record:
        record, tombstone = self._records.get(job_id), self._tombstones.get(job_id)
        owner = record.job.tenant if record is not None else tombstone[0] if tombstone is not None else None
        if owner is None or tenant not in {None, owner}:
            raise NotFound("There is no such job.")
        if record is None or self._expired(record):
            raise Gone("The job has expired.")
        return record

    def _expired(self, record: Record) -> bool:
        return record.expires is not None and record.expires <= self._now()

    def _late(self, record: Record) -> bool:
        deadline = record.job.deadline_at
        return deadline is not None and deadline <= self._clock()

    def _create(self, new: NewJob, *, role: str | None = None) -> None:
        self._sequence += 1
        job = Job(
            id=new.id,
            kind=new.kind,
            state=State.QUEUED,
            params=new.params,
            tenant=new.tenant,
            priority=new.priority,
            submitted_at=self._clock(),
            tags=new.tags,
            deadline_at=new.deadline_at,
            parent=new.parent,
            retry_of=new.retry_of,
            callback_url=new.callback_url,
            batch=new.batch,
            traceparent=new.traceparent,
        )
        record = self._records[new.id] = Record(job, self._sequence, role=role, due_at=self._now())
        self._set(record)
        self._emit_state(record)

    def _set(self, record: Record, **changes: Any) -> None:
        record.job = replace(record.job, version=record.job.version + 1, **changes)
        self._changes.append((record.job.id, record.events[-1].id if record.events else None))
        self._changed.notify_all()

    def _emit(self, record: Record, name: str, data: Mapping[str, Any]) -> None:
        last = number_of(record.events[-1].id) if record.events else 0
        record.events.append(Event(f"{last + 1}-0", name, data))

    def _emit_state(self, record: Record) -> None:
        self._emit(record, "state", {"state": record.job.state.value, "attempts": record.job.attempts})

    def _watch_deadline(self, record: Record) -> None:
        if record.job.deadline_at is None:
            self._due.pop(record.job.id, None)
        else:
            self._due[record.job.id] = record.job.deadline_at.timestamp()

    def _requeue(self, record: Record, delay_s: float) -> None:
        record.holder = None
        self.line.settle(record.job.id)
        record.due_at = self._now() + delay_s
        self._due[record.job.id] = record.due_at + self._lease_s
        self._set(record, state=State.QUEUED)
        self._emit_state(record)

    def _lose(self, record: Record) -> bool:
        """Count a lost worker; end the job if that was the last it may lose, else queue it; return whether it lives."""
        record.lost += 1
        if record.lost >= MAX_LOST:
            self._end(record, State.FAILED, error=EXHAUSTED, dead=True)
            return False
        self._requeue(record, 0)
        return True

    def _end_if_stopped(self, record: Record) -> bool:
        if record.job.cancel_requested:
            self._end(record, State.CANCELLED, error=CANCELLED)
        elif self._late(record):
            self._end(record, State.FAILED, error=LATE)
        return record.job.state.final

    def _stop(self, record: Record) -> None:
        if record.job.state.final:
            return
        if record.job.state is State.RUNNING and record.then is None:
            if not record.job.cancel_requested:
                self._set(record, cancel_requested=True)
            return
        self._end(record, State.CANCELLED, error=CANCELLED)

    def _end(
        self,
        record: Record,
        state: State,
        *,
        result: Mapping[str, Any] | None = None,
        error: Failure | None = None,
        dead: bool = False,
        kept: bool = False,
    ) -> list[str]:
        """End a job, stop its parts, tell its parent; return the ids that became due.

        With `dead` it becomes a dead letter; with `kept` it is kept for as long as one, because a part of it is one.
        """
        job = record.job
        told = job.progress
        if state is State.SUCCEEDED and 0 < told.total != told.done and record.role != "then":
            self._progress(record, replace(told, done=told.total))
        record.holder = None
        record.expires = self._now() + (self._tombstone_s if dead or kept else self._retention_s)
        self._due.pop(job.id, None)
        self._waiting.pop(job.id, None)
        self.line.quit(job.id)
        cancelled = state is State.CANCELLED
        self._set(
            record,
            state=state,
            finished_at=self._clock(),
            result=result,
            error=error,
            cancel_requested=job.cancel_requested or cancelled,
        )
        code = None if error is None else error.code
        self._ends.append(End(job.kind, state, self._now() - job.submitted_at.timestamp(), code))
        self.deliveries.note(record.job)
        self._emit_state(record)
        self._emit(record, "done", {"state": state.value, "error": asdict(error) if error else None})
        if dead and error is not None:
            at = self._clock().isoformat()
            self._dead[job.id] = DeadLetter(
                job.id, job.kind, error.code, error.message, job.attempts, at, job.tenant, job.parent
            )
        for part in (*record.children, record.then):
            if part in self._records:
                self._stop(self._records[part])
        parent = self._records.get(job.parent) if job.parent else None
        if parent is None or parent.job.state.final:
            return []
        if error is not None:
            self._end(parent, state, error=through(job.kind, job.id, error), kept=dead or kept)
            return []
        if record.role == "then":
            return self._end(parent, state, result=result)
        parent.pending.discard(job.id)
        if parent.pending or parent.then is None:
            return []
        self._records[parent.then].due_at = self._now()
        self._due[parent.then] = self._now() + self._lease_s
        return [parent.then]

    def _progress(self, record: Record, progress: Progress) -> None:
        before = record.job.progress
        self._set(record, progress=progress)
        self._emit(record, "progress", asdict(progress))
        parent = self._records.get(record.job.parent) if record.job.parent else None
        if parent is None or parent.job.state.final:
            return
        told = parent.job.progress
        if record.role == "child":
            parent.parts_total += progress.total - before.total
            done = told.done + progress.done - before.done
            told = Progress(done, max(told.total, parent.parts_total), progress.message)
        self._progress(parent, replace(told, message=progress.message or told.message))


def number_of(event_id: str) -> int:
    """Return the number of an id such as `12-0`."""
    head = event_id.partition("-")[0]
    if not head.isdecimal():
        raise InvalidInput("This is not an id of an event.")
    return int(head)
