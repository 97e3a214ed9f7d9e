"""When nightly jobs are due, and that one of many processes starts each: its id is the day's, and a job is recorded once.

Where others have a beat, the farm has this: it is asked by the sweeper of every worker of the ingest pool.
"""

from collections.abc import Callable
from datetime import datetime, time

import structlog

from jobs.identity import HOME
from jobs.model import NewJob
from jobs.queue import BACKUP, RETENTION, JobQueue
from jobs.tenancy import BackupRequest, RetainRequest
from stores.ports import Jobs
from workers.lifecycle import send

log = structlog.get_logger(__name__)


Daily = Callable[[str], NewJob]
"""What makes the job of a day, `2026-01-31`; the same one each time."""


def retention_of(day: str) -> NewJob:
    """Return the job that removes what is over its age."""
    return NewJob(f"retain-{day}", RETENTION.name, RetainRequest().model_dump(), HOME, priority=1)


def backup_of(day: str) -> NewJob:
    """Return the job that makes a backup."""
    return NewJob(f"backup-{day}", BACKUP.name, BackupRequest().model_dump(), HOME, priority=1)


class Nightly:
    """Starts a day's job once it is time; to be asked often."""

    def __init__(self, jobs: Jobs, queue: JobQueue, job: Daily, *, at: time, clock: Callable[[], datetime]) -> None:
        """Start it at a time of day, UTC, as the `clock` tells it. A process that begins later than that starts it, too."""
        self._jobs = jobs
        self._queue = queue
        self._job = job
        self._at = at
        self._clock = clock
        self._done: str | None = None

    def look(self) -> None:
        """Start the job of today if it is due and nobody has; raise StoreUnavailable."""
        now = self._clock()
        day = f"{now:%Y-%m-%d}"
        if day == self._done or now.time() < self._at:
            return
        recorded, is_new = self._jobs.submit(self._job(day))
        if is_new:
            send(recorded, self._jobs, self._queue)
            log.info("nightly_started", job_id=recorded.id, kind=recorded.kind)
        self._done = day
