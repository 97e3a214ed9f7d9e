"""When the nightly job is due, and that one of many processes starts it: its id is the day's, and a job is recorded once."""

from collections.abc import Callable
from datetime import datetime, time

import structlog

from jobs.identity import HOME
from jobs.model import NewJob
from jobs.queue import RETENTION, JobQueue
from jobs.tenancy import RetainRequest
from stores.ports import Jobs
from workers.lifecycle import send

log = structlog.get_logger(__name__)


class Nightly:
    """Starts the retention of a day once it is time; to be asked often."""

    def __init__(self, jobs: Jobs, queue: JobQueue, *, at: time, clock: Callable[[], datetime]) -> None:
        """Start it at a time of day, UTC, as the `clock` tells it. A process that begins later than that starts it, too."""
        self._jobs = jobs
        self._queue = queue
        self._at = at
        self._clock = clock
        self._done: str | None = None

    def look(self) -> None:
        """Start the job of today if it is due and nobody has; raise StoreUnavailable."""
        now = self._clock()
        day = f"{now:%Y-%m-%d}"
        if day == self._done or now.time() < self._at:
            return
        job = NewJob(f"retain-{day}", RETENTION.name, RetainRequest().model_dump(), HOME, priority=1)
        recorded, is_new = self._jobs.submit(job)
        if is_new:
            send(recorded, self._jobs, self._queue)
            log.info("retention_started", job_id=recorded.id)
        self._done = day
