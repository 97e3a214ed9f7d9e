"""The last step of every submission: the job is recorded, and its message with it."""

from contextlib import AbstractContextManager
from dataclasses import replace

import structlog

from jobs import tracing
from jobs.errors import StoreUnavailable
from jobs.model import Job, NewJob
from jobs.queue import KINDS, JobQueue
from stores.ports import ANY, Allowance, Jobs

log = structlog.get_logger(__name__)


def recorded(
    new: NewJob, jobs: Jobs, queue: JobQueue, *, key: str | None, fingerprint: str, allowance: Allowance = ANY
) -> tuple[Job, bool]:
    """Record a job and send it; return it and whether it is new. Raise as `Jobs.submit`."""
    kind = KINDS[new.kind]
    with sending(kind.queue, {"dasein.kind": kind.name}) as span:
        new = replace(new, traceparent=str(span.place))
        envelope = queue.envelope(kind, new.id, priority=new.priority)
        job, is_new = jobs.submit(
            new, idempotency_key=key, fingerprint=fingerprint, envelope=envelope, allowance=allowance
        )
        span.note({"dasein.job_id": job.id, "dasein.new": is_new})
        if is_new and envelope is None:
            send(job, jobs, queue)
    return job, is_new


def sending(pool: str, attributes: tracing.Attributes) -> AbstractContextManager[tracing.Span]:
    """Return the span of what is sent to a pool, which the jobs that come of it continue."""
    told = {**attributes, "messaging.operation.type": "send", "messaging.destination.name": pool}
    return tracing.span(f"send {pool}", tracing.Kind.PRODUCER, told)


def send(job: Job | NewJob, jobs: Jobs, queue: JobQueue) -> None:
    """Send a recorded job where the store of jobs does not reach the queue itself."""
    try:
        queue.send(KINDS[job.kind], job.id, priority=job.priority)
        jobs.sent(job.id)
    except StoreUnavailable as error:
        # The record is there and says that its message was not confirmed: the sweeper sends it again.
        log.warning("send_uncertain", job_id=job.id, error=error.message)
