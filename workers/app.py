"""The Celery application of all pools: `celery -A workers.app worker -Q <queue> -I workers.<pool>.tasks`."""

import atexit
import os
import random
import time
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import structlog
from celery import Celery, Task, signals
from celery.exceptions import Reject, SoftTimeLimitExceeded
from celery.worker.state import active_requests
from structlog.contextvars import bound_contextvars

from config.logs import configure_logs
from config.queues import celery_settings
from config.version import VERSION
from jobs import tracing
from jobs.attempt import Attempt, Outcome
from jobs.errors import DeadlineExceeded, StoreUnavailable, Transient
from jobs.model import Job
from jobs.queue import INGEST
from workers.lifecycle import backoff_s, run_job
from workers.metering import wiring as metering
from workers.scaling import on_resize, processes_of
from workers.sweeper import Sweeper
from workers.wiring import (
    abilities,
    folder_id,
    forget,
    forget_files,
    job_services,
    misplaced,
    nightly,
    record_spans,
    settings,
)

MAX_RETRIES = 5
LOST_LEASES = 2
ELSEWHERE_S = 5.0
"""How long a worker with another data folder keeps a message before it gives it back: others take theirs meanwhile."""

log = structlog.get_logger(__name__)


class JobTask(Task):  # type: ignore[type-arg]  # generic in the stubs alone
    """A task whose message is a job's id, and whose function takes the job and the attempt."""

    Request = "workers.request:JobRequest"
    # The function's arguments are not the message's.
    typing = False
    max_retries = MAX_RETRIES

    def __call__(self, job_id: str) -> None:
        """Run one delivery; retries are decided here alone."""
        jobs, queue, _ = job_services()
        retries = self.request.retries
        retry_in_s = backoff_s(retries, random.SystemRandom()) if retries < MAX_RETRIES else None
        # Before it is compared: whatever happens to it from here on is seen.
        folder = folder_id()
        try:
            if is_elsewhere():
                # The job waits for a worker whose files are found: nothing of it was begun.
                time.sleep(ELSEWHERE_S)
                raise Reject("Another data folder than the farm's.", requeue=True)
            with self._span(job_id) as span, bound_contextvars(trace_id=span.place.trace_id):
                run_job(
                    job_id,
                    partial(self._work, folder),
                    jobs,
                    queue,
                    worker=f"{self.request.hostname}:{os.getpid()}",
                    lease_s=settings().lease_s,
                    retry_in_s=retry_in_s,
                )
        except Transient as error:
            if retry_in_s is None:
                raise
            if (metered := metering.meter()) is not None:
                metered.retried(self.name)
            raise self.retry(exc=error, countdown=retry_in_s) from error

    def _span(self, job_id: str) -> AbstractContextManager[tracing.Span]:
        """Return the span of this delivery, below the one that its message comes from."""
        parent = tracing.read((self.request.headers or {}).get(tracing.HEADER))
        told = {"messaging.operation.type": "process", "dasein.job_id": job_id, "messaging.message.id": job_id}
        return tracing.span(f"run {self.name}", tracing.Kind.CONSUMER, told, parent=parent)

    def _work(self, folder: str | None, job: Job, attempt: Attempt) -> Outcome:
        work, metered = partial(self._done, folder, job, attempt), metering.meter()
        return work() if metered is None else metered.measured(job, work)

    def _done(self, folder: str | None, job: Job, attempt: Attempt) -> Outcome:
        try:
            outcome: Outcome = self.run(job, attempt)
        except SoftTimeLimitExceeded as error:
            raise DeadlineExceeded("It ran for as long as any job may.") from error
        if folder is not None and folder_id() != folder:
            # What was written may lie where nobody looks.
            raise StoreUnavailable("The data folder went away while the job ran.")
        return outcome


# Each pool names its tasks on its command line: none needs what another one has installed.
celery = Celery("dasein", task_cls=JobTask)
celery.conf.update(celery_settings(settings()))


@signals.setup_logging.connect
def set_up_logs(**_: Any) -> None:
    """Keep Celery off the root logger."""
    configure_logs(settings().logs)


@signals.worker_init.connect
def begin_metering(sender: Any, **_: Any) -> None:
    """Serve the worker's numbers, if they are wanted; what counts has to be there before the pool's processes are."""
    host, port = settings().metrics_host, settings().metrics_port
    if port is None:
        return
    exposition = metering.begin(version=VERSION, pools=tuple(sender.app.amqp.queues.consume_from))
    try:
        exposition.serve(host, port)
    except OSError as error:
        raise SystemExit(f"DASEIN_METRICS_PORT: nothing can listen on {host}, port {port}: {error}") from error
    signals.worker_process_init.connect(lambda **_: exposition.let_go(), weak=False)


@signals.worker_process_init.connect
def begin_process(**_: Any) -> None:
    """Share no connection with the parent process, and record the spans of its own."""
    forget()
    record_spans(celery.amqp.queues.consume_from)


@signals.worker_process_shutdown.connect
def end_process(**_: Any) -> None:
    """Hand over what was recorded."""
    tracing.close()


@signals.task_prerun.connect
def bind_job(task_id: str, **_: Any) -> None:
    """Name the job in every line that is logged while it runs."""
    structlog.contextvars.bind_contextvars(job_id=task_id)


@signals.task_postrun.connect
def clear_job(**_: Any) -> None:
    """Forget the job."""
    structlog.contextvars.clear_contextvars()


def is_elsewhere() -> bool:
    """Say whether this worker has another data folder than the farm's, and log why; raise StoreUnavailable."""
    why = misplaced(celery.amqp.queues.consume_from)
    if why is not None:
        log.error("data_folder_differs", folder=str(settings().data_dir.absolute()), why=why)
    return why is not None


def look_nightly() -> None:
    """Start the nightly jobs that are due; raise StoreUnavailable."""
    for each in nightly():
        each.look()


@signals.worker_ready.connect
def begin_sweeping(sender: Any, **_: Any) -> None:
    """Sweep in the parent process, which outlives the processes that run jobs."""
    services = job_services()
    starts_nightly = INGEST in sender.app.amqp.queues.consume_from

    def look() -> None:
        if starts_nightly:
            look_nightly()
        if (metered := metering.meter()) is not None:
            metered.count_ends(services.jobs)

    sweeper = Sweeper(
        *services,
        worker=sender.hostname,
        queues=tuple(sender.app.amqp.queues.consume_from),
        sweep_s=settings().sweep_s,
        lost_s=LOST_LEASES * settings().lease_s,
        forget=forget_files,
        look=look,
        processes=lambda: processes_of(sender.pool),
        busy=lambda: len(active_requests),
        abilities=lambda: abilities(sender.app.amqp.queues.consume_from),
        is_elsewhere=is_elsewhere,
    )
    sweeper.start()
    on_resize(sweeper.beat)
    # At the exit, however it comes about: Celery's own signals leave one of its ways out untold.
    atexit.register(sweeper.stop)
