"""What surrounds every job, written once and without Celery."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol

import structlog
from structlog.contextvars import bound_contextvars

from jobs import tracing
from jobs.attempt import Attempt, Followed, Outcome, Split
from jobs.errors import DaseinError, StoreUnavailable, Transient
from jobs.model import Failure, Job, NewJob, State
from jobs.queue import KINDS, JobQueue
from stores.ports import Jobs, Start
from workers.lease import Lease, end_process

BACKOFF_FIRST_S = 1.0
BACKOFF_LONGEST_S = 60.0

log = structlog.get_logger(__name__)


class Work(Protocol):
    """What a kind of job does."""

    def __call__(self, job: Job, attempt: Attempt, /) -> Outcome:
        """Do one job; raise a DaseinError if it fails, a Transient one if it is worth another try."""


def run_job(
    job_id: str,
    work: Work,
    jobs: Jobs,
    queue: JobQueue,
    *,
    worker: str,
    lease_s: float,
    retry_in_s: float | None,
    abandon: Callable[[], None] = end_process,
) -> None:
    """Run one delivery of a job to an end that is recorded; a delivery too many does nothing.

    Raise the Transient error of a job that was given back, to be sent again in `retry_in_s`; with None there is no
    other try. Raise what we did not expect, after recording it.
    """
    match jobs.start(job_id, worker=worker, lease_s=lease_s):
        case Start.STARTED:
            job = jobs.get(job_id)
        case refused:
            log.info("job_not_started", reason=refused.name.lower())
            return
    _note({"dasein.kind": job.kind, "dasein.tenant": job.tenant, "dasein.attempt": job.attempts})
    with (
        bound_contextvars(tenant=job.tenant),
        Lease(job, jobs, worker=worker, lease_s=lease_s, abandon=abandon) as lease,
    ):
        log.info("job_started", kind=job.kind, attempt=job.attempts)
        try:
            _conclude(job, work(job, lease), jobs, queue)
        except Transient as error:
            if retry_in_s is not None:
                log.warning("job_retried", code=error.code, error=error.message, in_s=round(retry_in_s, 3))
                jobs.release(job_id, worker=worker, delay_s=retry_in_s)
                raise
            _fail(job, error, jobs, worker)
        except DaseinError as error:
            _fail(job, error, jobs, worker)
        except Exception:
            failure = Failure("internal", "The fault is ours and has been logged.")
            jobs.fail(job_id, failure, dead=True, worker=worker)
            raise


def send(job: Job, jobs: Jobs, queue: JobQueue) -> None:
    """Send a recorded job when it is its tenant's turn; one whose sending is uncertain is left to the sweeper."""
    try:
        with tracing.at(tracing.read(job.traceparent)):
            envelope = queue.envelope(KINDS[job.kind], job.id, priority=job.priority)
            if envelope is None:
                queue.send(KINDS[job.kind], job.id, priority=job.priority)
        if envelope is not None:
            jobs.post(job.id, envelope)
        else:
            jobs.sent(job.id)
    except StoreUnavailable as error:
        log.warning("send_uncertain", sent_job_id=job.id, error=error.message)


@contextmanager
def about(job: Job) -> Iterator[None]:
    """Have what is logged meanwhile name a job, its tenant and its trace."""
    place = tracing.read(job.traceparent)
    trace = {} if place is None else {"trace_id": place.trace_id}
    with bound_contextvars(job_id=job.id, tenant=job.tenant, **trace):
        yield


def is_held(job_id: str, jobs: Jobs) -> bool:
    """Say whether a worker holds a job now, as far as the records know."""
    job = jobs.many([job_id]).get(job_id)
    return job is not None and job.state is State.RUNNING


def backoff_s(retries: int, rng: random.Random) -> float:
    """Return how long to wait before another try: doubling, at most BACKOFF_LONGEST_S, the upper half by chance."""
    longest = min(BACKOFF_FIRST_S * 2.0**retries, BACKOFF_LONGEST_S)
    return longest * (0.5 + rng.random() / 2)


def _conclude(job: Job, outcome: Outcome, jobs: Jobs, queue: JobQueue) -> None:
    if isinstance(outcome, Split):
        children = [_continued(child) for child in outcome.children]
        due = jobs.await_children(job.id, children, _continued(outcome.then))
        log.info("job_split", parts=len(outcome.children))
    else:
        followers: list[Job] = []
        if isinstance(outcome, Followed):
            # Recorded before the job ends: a fault in between repeats the job, which finds them recorded, and leaves
            # those whose message was not sent to the sweeper.
            recorded = [jobs.submit(_continued(new)) for new in outcome.jobs]
            followers = [follower for follower, is_new in recorded if is_new]
            outcome = outcome.result
        due = [*jobs.finish(job.id, outcome), *followers]
        log.info("job_succeeded")
    for part in due:
        send(part, jobs, queue)


def _fail(job: Job, error: DaseinError, jobs: Jobs, worker: str) -> None:
    if (span := tracing.current()) is not None:
        span.failed(error.code)
    log.warning("job_failed", code=error.code, error=error.message, reason=error.reason)
    jobs.fail(job.id, Failure(error.code, error.message, error.field, error.reason), worker=worker)


def _continued(new: NewJob) -> NewJob:
    """Return a job that belongs to the trace of the present one."""
    return replace(new, traceparent=tracing.header())


def _note(attributes: tracing.Attributes) -> None:
    if (span := tracing.current()) is not None:
        span.note(attributes)
