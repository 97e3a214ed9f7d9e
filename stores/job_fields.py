"""A job as the flat strings of a Redis hash, and back."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from jobs.errors import InvalidInput
from jobs.model import Batch, Event, Failure, Job, Member, NewJob, Progress, State
from stores.ports import DeadLetter

Fields = Mapping[str, str]


def fields_of(job: NewJob) -> dict[str, str]:
    """Return the fields that the submitter decides; absent where there is nothing."""
    fields = {
        "id": job.id,
        "kind": job.kind,
        "params": json.dumps(job.params, allow_nan=False),
        "tenant": job.tenant,
        "priority": str(job.priority),
        "tags": json.dumps(job.tags),
    }
    if job.deadline_at is not None:
        fields["deadline"] = f"{job.deadline_at.timestamp():f}"
    if job.parent is not None:
        fields["parent"] = job.parent
    if job.retry_of is not None:
        fields["retry_of"] = job.retry_of
    if job.callback_url is not None:
        fields["callback"] = job.callback_url
    if job.batch is not None:
        fields["batch"] = job.batch
    if job.traceparent is not None:
        fields["traceparent"] = job.traceparent
    return fields


def job_of(job_id: str, fields: Fields, *, now: float) -> Job | None:
    """Return the job; None if there is none, or if it has expired by `now`."""
    if "state" not in fields or ("expires" in fields and float(fields["expires"]) <= now):
        return None
    submitted_at = _time(fields, "submitted")
    if submitted_at is None:
        raise ValueError(f"the record of {job_id} has no time of submission")
    return Job(
        id=job_id,
        kind=fields["kind"],
        state=State(fields["state"]),
        params=json.loads(fields["params"]),
        tenant=fields["tenant"],
        priority=int(fields["priority"]),
        submitted_at=submitted_at,
        tags=tuple(json.loads(fields["tags"])),
        started_at=_time(fields, "started"),
        finished_at=_time(fields, "finished"),
        deadline_at=_time(fields, "deadline"),
        progress=Progress(int(fields["done"]), int(fields["total"]), fields["message"]),
        result=json.loads(fields["result"]) if "result" in fields else None,
        error=Failure(**json.loads(fields["error"])) if "error" in fields else None,
        attempts=int(fields["attempts"]),
        waited_s=float(fields["waited"]) if "waited" in fields else None,
        worker=fields.get("worker"),
        parent=fields.get("parent"),
        retry_of=fields.get("retry_of"),
        batch=fields.get("batch"),
        traceparent=fields.get("traceparent"),
        cancel_requested="cancel" in fields,
        callback_url=fields.get("callback"),
        version=int(fields["version"]),
    )


def batch_of(batch_id: str, fields: Fields, *, now: float) -> Batch | None:
    """Return the batch; None if it has expired by `now`."""
    submitted_at = _time(fields, "submitted")
    if submitted_at is None or ("expires" in fields and float(fields["expires"]) <= now):
        return None
    return Batch(
        id=batch_id,
        tenant=fields["tenant"],
        submitted_at=submitted_at,
        states={state: int(fields.get(state, 0)) for state in State},
        finished_at=_time(fields, "finished"),
        version=int(fields["version"]),
    )


def member_of(job_id: str, said: Sequence[str | None]) -> Member:
    """Return a job of a batch from its kind, state and error."""
    kind, state, error = said
    if kind is None or state is None:
        return Member(job_id)
    return Member(job_id, kind, State(state), None if error is None else Failure(**json.loads(error)))


def letter_of(job: Job) -> DeadLetter:
    """Return the dead letter of a job that was given up."""
    if job.error is None or job.finished_at is None:
        raise ValueError(f"the job {job.id} has not failed")
    at = job.finished_at.isoformat()
    return DeadLetter(job.id, job.kind, job.error.code, job.error.message, job.attempts, at, job.tenant, job.parent)


def is_birth(event: Event) -> bool:
    """Say whether this is the first event of a job's life: a job that is queued again has been attempted."""
    return event.name == "state" and event.data.get("state") == State.QUEUED and event.data.get("attempts") == 0


def error_of(failure: Failure) -> str:
    """Return a failure as JSON."""
    return json.dumps(asdict(failure))


def cursor_of(number: int) -> str:
    """Return the opaque cursor of a position in a listing."""
    return urlsafe_b64encode(str(number).encode()).decode().rstrip("=")


def number_of(cursor: str) -> int:
    """Return the position that a cursor stands for; raise InvalidInput for a cursor that is not ours."""
    try:
        return int(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError as error:
        raise InvalidInput("This is not a cursor of ours.", field="cursor") from error


def _time(fields: Fields, name: str) -> datetime | None:
    return datetime.fromtimestamp(float(fields[name]), UTC) if name in fields else None
