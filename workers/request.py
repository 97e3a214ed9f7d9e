"""What the parent process of a pool does when it sees that a job's process is gone.

The leases would find out by themselves, later: this only makes it quick.
"""

from signal import SIGKILL
from typing import Any

import structlog
from billiard.exceptions import WorkerLostError
from celery.worker.request import Request
from kombu.utils.encoding import safe_str

from jobs import tracing
from jobs.errors import DeadlineExceeded, StoreUnavailable
from jobs.model import Failure
from workers.lifecycle import send
from workers.wiring import job_services

GONE = (WorkerLostError, SystemExit, KeyboardInterrupt)

log = structlog.get_logger(__name__)


class JobRequest(Request):
    """A delivered message in the parent process."""

    def on_failure(self, exc_info: Any, send_failed_event: bool = True, return_ok: bool = False) -> None:
        """Send a job whose process died again, and count that against it."""
        super().on_failure(exc_info, send_failed_event=send_failed_event, return_ok=return_ok)
        # What the child's pickled exception comes wrapped in has it as `exc`.
        error = getattr(exc_info.exception, "exc", exc_info.exception)
        if isinstance(error, GONE):
            self._give_back(lost=True)

    def on_timeout(self, soft: bool, timeout: float) -> None:
        """Record a job that was killed at the pool's time limit."""
        super().on_timeout(soft, timeout)
        if not soft:
            try:
                job_services().jobs.fail(
                    self.id, Failure(DeadlineExceeded.code, f"It ran for {timeout:.0f} s, as long as any job may.")
                )
            except StoreUnavailable as error:
                log.warning("timeout_not_recorded", **self._ids(), error=error.message)

    def cancel(self, pool: Any, signal: Any = None, emit_retry: bool = True) -> None:
        """Give back what this worker cannot finish before it leaves; that does not count against the job."""
        # Only a process that is certainly dead gives up its job.
        super().cancel(pool, signal=signal or SIGKILL, emit_retry=emit_retry)
        self._give_back(lost=False)

    def _give_back(self, *, lost: bool) -> None:
        jobs, queue, _ = job_services()
        try:
            if jobs.release(self.id, worker=f"{safe_str(self.hostname)}:{self.worker_pid}", lost=lost):
                log.warning("job_given_back", **self._ids(), lost=lost)
                if lost:
                    send(jobs.get(self.id), jobs, queue)
        except StoreUnavailable as error:
            log.warning("job_not_given_back", **self._ids(), error=error.message)

    def _ids(self) -> dict[str, str]:
        """Return what lines about this message name."""
        place = tracing.read(self.request_dict.get(tracing.HEADER))
        return {"job_id": self.id} | ({} if place is None else {"trace_id": place.trace_id})
