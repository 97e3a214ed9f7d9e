"""The sweeper: a thread of every worker's parent process that finds what got stuck and sends it again.

It outlives the processes that run jobs, and any one of them is enough for the whole farm.
"""

from collections.abc import Callable, Collection, Mapping
from threading import Event, Thread

import structlog

from jobs.abilities import Abilities
from jobs.errors import StoreUnavailable
from jobs.model import Job
from jobs.queue import KINDS, JobQueue, Kind
from stores.ports import Jobs, Workers
from workers.lifecycle import about, send

AT_ONCE = 200
BEATS_MISSED = 3
LEAST_PLACES = 1
LEAVE_S = 10.0
"""A sweep that is under way when the worker stops is cut short, but a machine may be slow, or Redis away."""

log = structlog.get_logger(__name__)


class Sweeper:
    """Sweeps every `sweep_s`, and tells that this worker is alive."""

    def __init__(
        self,
        jobs: Jobs,
        queue: JobQueue,
        workers: Workers,
        *,
        worker: str,
        queues: Collection[str],
        sweep_s: float,
        lost_s: float,
        forget: Callable[[str], None],
        look: Callable[[], None] = lambda: None,
        processes: Callable[[], int | None] = lambda: None,
        busy: Callable[[], int | None] = lambda: None,
        abilities: Callable[[], Abilities | None] = lambda: None,
        is_elsewhere: Callable[[], bool] = lambda: False,
        kinds: Mapping[str, Kind] = KINDS,
    ) -> None:
        """Sweep for `worker`, which serves `queues`.

        A message that is out for `lost_s` and lies in no queue is lost. `forget` removes what an expired job has left,
        `look` is asked at every sweep whether something is due, `processes` says how many jobs this worker runs at once at most,
        `busy` how many it runs now, `abilities` what it can do beyond others, `is_elsewhere` whether it does not see the farm's files.
        """
        self._jobs = jobs
        self._queue = queue
        self._workers = workers
        self._worker = worker
        self._queues = queues
        self._sweep_s = sweep_s
        self._lost_s = lost_s
        self._forget = forget
        self._look = look
        self._processes = processes
        self._busy = busy
        self._abilities = abilities
        self._is_elsewhere = is_elsewhere
        self._kinds = [kind for kind in kinds.values() if kind.queue in queues]
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="sweeper", daemon=True)

    def start(self) -> None:
        """Sweep from now on."""
        self._thread.start()

    @property
    def is_stopping(self) -> bool:
        """Say whether it was told to stop."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """Let the present sweep be the last one, and wait a little for its end."""
        self._stopped.set()
        self._thread.join(LEAVE_S)

    def beat(self) -> None:
        """Tell that this worker is alive, how many jobs it runs at once, at most and now, and what it can do."""
        ttl_s, processes, busy = BEATS_MISSED * self._sweep_s + 1, self._processes(), self._busy()
        abilities = self._abilities()
        for queue in self._queues:
            self._workers.beat(
                self._worker, queue=queue, ttl_s=ttl_s, processes=processes, busy=busy, abilities=abilities
            )

    def sweep(self) -> None:
        """Give the places in the queues, send lapsed jobs and lost messages again, and forget what expired."""
        self.beat()
        for step in (self._open, self._send_lapsed, self._send_lost, self._prune, self._look):
            if self.is_stopping:
                return
            step()

    def _open(self) -> None:
        """Let as many messages lie in a queue as the pool runs jobs: each process finds its next one there."""
        alive = self._workers.alive()
        for queue in self._queues:
            processes = sum(self._workers.processes(alive.get(queue, ())).values())
            self._jobs.open(queue, places=max(processes, LEAST_PLACES))

    def _send_lapsed(self) -> None:
        for job in self._jobs.lapsed(limit=AT_ONCE):
            with about(job):
                log.warning("job_lapsed", kind=job.kind, attempts=job.attempts)
                send(job, self._jobs, self._queue)

    def _send_lost(self) -> None:
        for kind in self._kinds:
            lost = self._jobs.astray(kind.name, queue=kind.queue, older_s=self._lost_s, limit=AT_ONCE)
            # Records that do not reach the queue cannot tell what lies in it; that there is something explains why they wait.
            if lost and (self._reaches(lost[0]) or self._queue.depth(kind.queue) == 0):
                for job in lost:
                    with about(job):
                        log.warning("message_lost", kind=job.kind)
                        send(job, self._jobs, self._queue)

    def _reaches(self, job: Job) -> bool:
        return self._queue.envelope(KINDS[job.kind], job.id, priority=job.priority) is not None

    def _prune(self) -> None:
        if self._is_elsewhere():
            # It cannot remove what expired jobs have left: another worker does.
            return
        if pruned := self._jobs.prune(limit=AT_ONCE):
            for job_id in pruned:
                self._forget(job_id)
            log.info("jobs_pruned", jobs=len(pruned))

    def _run(self) -> None:
        while not self.is_stopping:
            try:
                self.sweep()
            except StoreUnavailable as error:
                log.warning("sweep_failed", error=error.message)
            self._stopped.wait(self._sweep_s)
        try:
            for queue in self._queues:
                self._workers.leave(self._worker, queue=queue)
        except StoreUnavailable as error:
            log.warning("leave_failed", error=error.message)
