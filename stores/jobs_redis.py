"""Job records in Redis: every transition is one Lua script (`jobs_lua/`), so it happens whole or not at all.

`jobs_redis_reader.py` says what lies where.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from redis import Redis

from jobs.errors import Cancelled, Conflict, NotFound, QuotaExceeded, TooLarge
from jobs.model import Batch, Failure, Job, NewJob, Progress, State
from jobs.queue import Envelope
from stores import outcomes
from stores.job_fields import error_of, fields_of, job_of, letter_of
from stores.jobs_redis_reader import RedisJobsReader
from stores.ports import ANY, MAX_LOST, RESULT_LIMIT_BYTES, Allowance, DeadLetter, Start
from stores.redis_client import pairs, translated

SCRIPTS = tuple(
    Path(__file__).parent / "jobs_lua" / f"{name}.lua"
    for name in ("records", "turns", "endings", "commands", "batches", "dispatch")
)
EVENTS_KEPT = 1000
CHANGES_KEPT = 100_000
ENDS_KEPT = 20_000
"""More than a farm has jobs that end between two looks of a worker that counts them."""
EXCEEDED = -2


class RedisJobs(RedisJobsReader):
    """Jobs, in Redis."""

    def __init__(self, redis: Redis, *, lease_s: float, retention_s: float, tombstone_s: float) -> None:
        """Keep jobs for `retention_s` after their end; send again what was not sent or claimed for `lease_s`."""
        super().__init__(redis)
        constants: dict[str, object] = {
            "LEASE_S": lease_s,
            "RETENTION_S": retention_s,
            "TOMBSTONE_S": tombstone_s,
            "MAX_LOST": MAX_LOST,
            "EVENTS_KEPT": EVENTS_KEPT,
            "CHANGES_KEPT": CHANGES_KEPT,
            "ENDS_KEPT": ENDS_KEPT,
            "CANCELLED": error_of(outcomes.CANCELLED),
            "LATE": error_of(outcomes.LATE),
            "EXHAUSTED": error_of(outcomes.EXHAUSTED),
        }
        # A JSON number or string in ASCII is one of Lua, too.
        head = "".join(f"local {name} = {json.dumps(value)}\n" for name, value in constants.items())
        # With this first line a server whose memory is full refuses a script whole, instead of the first write that takes some.
        self._script = redis.register_script("#!lua\n" + head + "".join(path.read_text() for path in SCRIPTS))

    def submit(
        self,
        job: NewJob,
        *,
        idempotency_key: str | None = None,
        fingerprint: str = "",
        envelope: Envelope | None = None,
        allowance: Allowance = ANY,
    ) -> tuple[Job, bool]:
        """Record a job as queued, once per id and per key; the queue is a list on the same server."""
        place, text = ("", "") if envelope is None else (envelope.place, envelope.text)
        fields, allowed = json.dumps(fields_of(job)), _allowed(allowance)
        answer = self._call("submit", fields, idempotency_key or "", fingerprint, place, text, allowed)
        return _submitted(answer), answer[1] == 1

    def repeated(self, idempotency_key: str, *, tenant: str, fingerprint: str) -> Job | None:
        """Return the job that was submitted with this key, if there is one."""
        answer = self._call("repeated", tenant, idempotency_key, fingerprint)
        return _submitted(answer) if answer else None

    def traces_today(self, tenant: str) -> int:
        """Return how many traces the tenant's jobs asked for since midnight, UTC."""
        return int(self._call("traces_today", tenant))

    def sent(self, job_id: str) -> None:
        """Note that the queue has the job's message."""
        self._call("sent", job_id)

    def post(self, job_id: str, envelope: Envelope) -> None:
        """Send a queued job's message, or hold it."""
        self._call("post", job_id, envelope.place, envelope.text)

    def open(self, queue: str, *, places: int) -> None:
        """Let so many messages lie in the list of `queue`."""
        self._call("open", queue, places)

    def held(self, queue: str) -> Mapping[str, int]:
        """Return how many jobs each tenant has held."""
        return {tenant: int(number) for tenant, number in pairs(self._call("held", queue)).items()}

    def astray(self, kind: str, *, queue: str, older_s: float, limit: int) -> Sequence[Job]:
        """Return queued jobs that are neither held nor in the list."""
        return self._jobs(self._call("astray", kind, queue, older_s, limit))

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
        """Record jobs, all of them or none, and the batch that they are; the queue is a list on the same server."""
        parts = json.dumps([fields_of(job) for job in jobs])
        posted = json.dumps([["", ""] if each is None else [each.place, each.text] for each in envelopes])
        allowed = _allowed(allowance)
        answer = self._call(
            "submit_batch", batch_id, jobs[0].tenant, parts, idempotency_key or "", fingerprint, posted, allowed
        )
        _check_quota(answer)
        found, known = answer
        return self.batch(_own(found, known)), known == 1

    def repeated_batch(self, idempotency_key: str, *, tenant: str, fingerprint: str) -> Batch | None:
        """Return the batch that was submitted with this key, if there is one."""
        answer = self._call("repeated_batch", tenant, idempotency_key, fingerprint)
        return self.batch(_own(*answer)) if answer else None

    def cancel_batch(self, batch_id: str) -> Batch:
        """Cancel every job of a batch that has not ended."""
        self._call("cancel_batch", batch_id)
        return self.batch(batch_id)

    def start(self, job_id: str, *, worker: str, lease_s: float) -> Start:
        """Try to take a job."""
        return Start[self._call("start", job_id, worker, lease_s)]

    def renew(self, job_id: str, *, worker: str, lease_s: float) -> bool:
        """Prolong the lease; return whether to go on."""
        return bool(self._call("renew", job_id, worker, lease_s))

    def progress(self, job_id: str, progress: Progress) -> None:
        """Publish how far a job is, and its parent with it."""
        self._call("progress", job_id, progress.done, progress.total, progress.message)

    def publish(self, job_id: str, partial: Mapping[str, Any]) -> None:
        """Append a `partial` event."""
        self._call("publish", job_id, json.dumps(partial))

    def release(self, job_id: str, *, worker: str, delay_s: float = 0, lost: bool = False) -> bool:
        """Give a job back."""
        return bool(self._call("release", job_id, worker, delay_s, int(lost)))

    def await_children(self, job_id: str, children: Sequence[NewJob], then: NewJob) -> Sequence[Job]:
        """Record the parts of a job; return what to send."""
        parts = json.dumps([fields_of(part) for part in (*children, then)])
        return self._jobs(self._call("await_children", job_id, parts))

    def finish(self, job_id: str, result: Mapping[str, Any]) -> Sequence[Job]:
        """End a job well; return what this made due."""
        body = json.dumps(result, allow_nan=False)
        if len(body) > RESULT_LIMIT_BYTES:
            raise TooLarge(f"A job's result has at most {RESULT_LIMIT_BYTES} bytes.")
        return self._jobs(self._call("finish", job_id, body))

    def fail(self, job_id: str, failure: Failure, *, dead: bool = False, worker: str | None = None) -> None:
        """End a job badly."""
        state = State.CANCELLED if failure.code == Cancelled.code else State.FAILED
        self._call("fail", job_id, state, error_of(failure), int(dead), worker or "")

    def cancel(self, job_id: str) -> Job:
        """Cancel a job and its parts."""
        self._call("cancel", job_id)
        return self.get(job_id)

    def lapsed(self, *, limit: int) -> Sequence[Job]:
        """Claim jobs to be sent again."""
        return self._jobs(self._call("lapsed", limit))

    def prune(self, *, limit: int) -> Sequence[str]:
        """Forget jobs whose retention has ended."""
        return cast("list[str]", self._call("prune", limit))

    def bury(self, job_id: str) -> DeadLetter:
        """Remove a dead letter."""
        with translated():
            fields = self._redis.hgetall(f"job:{job_id}")
            job = job_of(job_id, fields, now=0)
            removed = job is not None and self._redis.zrem(f"jobs:dead:{job.tenant}", job_id)
            self._redis.srem("jobs:dead", job_id)
        if not removed or job is None:
            raise NotFound("There is no such dead letter.")
        return letter_of(job)

    def _call(self, name: str, *arguments: str | float) -> Any:
        with translated():
            return self._script(args=[name, *arguments])


def _own(found: str, known: int) -> str:
    """Return the id of what a key has submitted; raise Conflict where the key belongs to another request."""
    if known < 0:
        raise Conflict("The idempotency key was used for another request.", reason="idempotency-key")
    return found


def _allowed(allowance: Allowance) -> str:
    """Return what the scripts read of an allowance; what has no end is not said."""
    given = {"jobs_in_flight": allowance.jobs_in_flight, "traces_per_day": allowance.traces_per_day}
    said = {name: value for name, value in given.items() if value is not None}
    return json.dumps(said | ({"traces": allowance.traces} if allowance.traces else {}))


def _check_quota(answer: Sequence[Any]) -> None:
    """Raise QuotaExceeded if an answer says so."""
    if answer[1] == EXCEEDED:
        limit, used, wanted, left_s = answer[2]
        raise QuotaExceeded(
            answer[0], limit=limit, used=used, wanted=wanted, retry_after_s=left_s or outcomes.JOBS_END_S
        )


def _submitted(answer: tuple[str, int, list[str]]) -> Job:
    """Return the job of an answer to `submit`; raise Conflict where its key belongs to another request, or QuotaExceeded."""
    _check_quota(answer)
    found, known, flat = answer
    _own(found, known)
    recorded = job_of(found, pairs(flat), now=0)
    if recorded is None:
        raise ValueError(f"the record of {found} has no state")
    return recorded
