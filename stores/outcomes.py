"""How jobs end that no worker ends, in words that every adapter shares."""

from jobs.errors import Cancelled, DeadlineExceeded, WorkerLost
from jobs.model import Failure
from stores.ports import MAX_LOST

JOBS_END_S = 10
"""Who has as many jobs as they may should look again after so long."""
CANCELLED = Failure(Cancelled.code, "It was cancelled.")
LATE = Failure(DeadlineExceeded.code, "Its deadline passed before it ended.")
EXHAUSTED = Failure(WorkerLost.code, f"It lost its worker {MAX_LOST} times and is not tried again.")


def through(kind: str, job_id: str, failure: Failure) -> Failure:
    """Return the failure of a job whose part `job_id` ended with `failure`."""
    return Failure(failure.code, f"{kind} {job_id}: {failure.message}", failure.field, failure.reason)
