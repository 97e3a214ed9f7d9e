"""The last step of every submission: the job is recorded, and its message with it."""

import structlog

from jobs.errors import StoreUnavailable
from jobs.model import Job, NewJob
from jobs.queue import KINDS, JobQueue
from stores.ports import ANY, Allowance, Jobs

log = structlog.get_logger(__name__)


def recorded(
    new: NewJob, jobs: Jobs, queue: JobQueue, *, key: str | None, fingerprint: str, allowance: Allowance = ANY
) -> tuple[Job, bool]:
    """Record a job and send it; return it and whether it is new. Raise as `Jobs.submit`."""
    envelope = queue.envelope(KINDS[new.kind], new.id, priority=new.priority)
    job, is_new = jobs.submit(new, idempotency_key=key, fingerprint=fingerprint, envelope=envelope, allowance=allowance)
    if is_new and envelope is None:
        send(job, jobs, queue)
    return job, is_new


def send(job: Job | NewJob, jobs: Jobs, queue: JobQueue) -> None:
    """Send a recorded job where the store of jobs does not reach the queue itself."""
    try:
        queue.send(KINDS[job.kind], job.id, priority=job.priority)
        jobs.sent(job.id)
    except StoreUnavailable as error:
        # The record is there and says that its message was not confirmed: the sweeper sends it again.
        log.warning("send_uncertain", job_id=job.id, error=error.message)
