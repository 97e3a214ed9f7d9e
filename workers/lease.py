"""A held job: the attempt that domains see, and the thread that keeps the lease while they work."""

import os
import signal
from collections.abc import Callable, Mapping
from contextvars import copy_context
from datetime import UTC, datetime
from functools import partial
from threading import Event, Thread
from time import monotonic
from types import TracebackType
from typing import Any, Self

import structlog

from jobs.errors import Cancelled, DaseinError, DeadlineExceeded, Gone, NotFound, StoreUnavailable, WorkerLost
from jobs.model import Failure, Job, Progress
from stores.ports import Jobs

RENEW_S = 1.0
"""How often at least a lease is renewed, and so how soon a job learns that it should stop."""
GRACE_S = 2.5
"""How long a job that should stop may take to do so before its process is ended."""

log = structlog.get_logger(__name__)


def end_process() -> None:
    """Kill this process: native code that does not return leaves no other way. The pool starts another one."""
    os.kill(os.getpid(), signal.SIGKILL)


class Lease:
    """One attempt at a job, held for as long as the `with` block runs."""

    def __init__(
        self, job: Job, jobs: Jobs, *, worker: str, lease_s: float, abandon: Callable[[], None] = end_process
    ) -> None:
        """Hold `job` as `worker`; `abandon` is called when the job ignores that it should stop."""
        self.job_id = job.id
        self.worker = worker
        self._job = job
        self._jobs = jobs
        self._lease_s = lease_s
        self._abandon = abandon
        self._deadline_at = job.deadline_at
        self._stop: DaseinError | None = None
        self._ended = Event()
        # What it logs belongs to the job, too.
        keep = partial(copy_context().run, self._keep)
        self._keeper = Thread(target=keep, name=f"lease {job.id}", daemon=True)

    def check(self) -> None:
        """Raise Cancelled or DeadlineExceeded if the job should stop; cheap."""
        if self._stop is not None:
            raise self._stop

    def report(self, progress: Progress) -> None:
        """Publish how far this job is."""
        self._jobs.progress(self.job_id, progress)

    def publish(self, job_id: str, partial: Mapping[str, Any]) -> None:
        """Publish what is known so far of `job_id`: this job, or the one it is a part of."""
        self._jobs.publish(job_id, partial)

    def __enter__(self) -> Self:
        self._keeper.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._keeper.join()

    def _keep(self) -> None:
        every_s = min(RENEW_S, self._lease_s / 3)
        while not self._ended.wait(every_s):
            try:
                if not self._jobs.renew(self.job_id, worker=self.worker, lease_s=self._lease_s):
                    self._stop = self._reason()
                    break
            except StoreUnavailable as error:
                # The work goes on: once the store is back the job is still ours, or somebody else took it over.
                log.warning("lease_not_renewed", job_id=self.job_id, error=error.message)
        else:
            return
        self._wait_for_end(every_s)

    def _wait_for_end(self, every_s: float) -> None:
        """Give the job its grace, and end its process after that. A lease that lapses meanwhile ends the job, too."""
        latest = monotonic() + GRACE_S
        while (left := latest - monotonic()) > 0:
            if self._ended.wait(min(every_s, left)):
                return
        stop = self._stop or Cancelled("It was cancelled.")
        log.error("stop_ignored", job_id=self.job_id, code=stop.code, grace_s=GRACE_S)
        try:
            self._jobs.fail(self.job_id, Failure(stop.code, stop.message), worker=self.worker)
        except StoreUnavailable as error:
            log.warning("stop_not_recorded", job_id=self.job_id, error=error.message)
        if not self._ended.is_set():
            self._abandon()

    def _reason(self) -> DaseinError:
        try:
            job = self._jobs.get(self.job_id)
        except (NotFound, Gone):
            return Cancelled("Its record is gone.")
        if job.deadline_at is not None and job.deadline_at <= datetime.now(UTC) and not job.cancel_requested:
            return DeadlineExceeded("Its deadline passed before it ended.")
        if job.cancel_requested:
            return Cancelled("It was cancelled.")
        # Another one may even have finished it. What this attempt then says of its end is not heard.
        return WorkerLost("Another worker took it over.")
