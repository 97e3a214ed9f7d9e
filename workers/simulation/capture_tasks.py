"""The capture pool's door to Celery. It needs nothing that simulating takes."""

from jobs.attempt import Attempt, Outcome
from jobs.model import Job
from jobs.queue import CAPTURING
from workers.app import celery
from workers.simulation.capturing import capture
from workers.wiring_simulation import capture_services


@celery.task(name=CAPTURING.task)
def run_capture(job: Job, attempt: Attempt) -> Outcome:
    """Capture what the recorder in this machine's kernel says."""
    return capture(job, attempt, capture_services())
