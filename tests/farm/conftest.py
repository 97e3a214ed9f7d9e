"""A farm of real workers on a real Redis, with leases short enough to wait for."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from signal import SIGTERM

import psutil
import pytest
from pydantic import RedisDsn
from redis import Redis

from config.queues import celery_settings
from config.settings import Settings
from jobs.errors import NotFound
from jobs.model import Job, NewJob, State
from jobs.queue import CAPTURE, KINDS, SIMULATION, Kind
from stores.jobs_redis import RedisJobs
from stores.queue_celery import CeleryQueue
from stores.redis_client import connect
from stores.workers_redis import RedisWorkers
from tests.farm.kinds import TEST_KINDS
from tests.servers import RedisServer, eventually
from workers.lifecycle import send

ROOT = Path(__file__).parents[2]
LEASE_S = 3.0
TASKS = {SIMULATION: "workers.simulation.tasks", CAPTURE: "workers.simulation.capture_tasks"}


class Farm:
    """Workers in processes of their own, and what a client of them needs."""

    def __init__(self, server: RedisServer, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.data = folder
        """The data folder of workers that are started from now on."""
        self.redis: Redis = connect(server.url, patience_s=10)
        self.jobs = RedisJobs(self.redis, lease_s=LEASE_S, retention_s=3600, tombstone_s=7200)
        self.workers = RedisWorkers(self.redis)
        self.queue = CeleryQueue(celery_settings(Settings(redis_url=RedisDsn(server.url))))
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._queues: dict[str, str] = {}
        self.engine = "auto"
        """Of the simulations of workers that are started from now on."""
        self.renode = "/nowhere/renode"
        """The Renode of workers that are started from now on."""
        self.device = "/nowhere/monje_virtual"
        """The recorder of workers that are started from now on."""
        self.metrics_port: int | None = None
        """Where the next worker that is started serves its numbers."""

    def start(self, name: str, *, drain_s: float = 1, queue: str = SIMULATION) -> None:
        """Start a worker and wait until it says that it is there."""
        self.spawn(name, drain_s=drain_s, queue=queue)
        eventually(lambda: self.is_alive(name), within_s=90, what=f"{name} is alive")

    def spawn(self, name: str, *, drain_s: float = 1, queue: str = SIMULATION) -> None:
        """Start a worker, without waiting."""
        self._queues[name] = queue
        environment = os.environ | {
            "REMAP_SIGTERM": "SIGQUIT",
            "DASEIN_REDIS_URL": self.server.url,
            "DASEIN_DATA_DIR": str(self.data),
            "DASEIN_LEASE_S": str(LEASE_S),
            "DASEIN_SWEEP_S": "0.5",
            "DASEIN_DRAIN_S": str(drain_s),
            "DASEIN_SIMULATION_ENGINE": self.engine,
            "DASEIN_RENODE": self.renode,
            "DASEIN_CAPTURE_DEVICE": self.device,
            "PYTHONPATH": str(ROOT),
        }
        if self.metrics_port is not None:
            environment["DASEIN_METRICS_PORT"] = str(self.metrics_port)
        command = [
            "-m",
            "celery",
            "-q",
            "-A",
            "tests.farm.app",
            "worker",
            "-I",
            TASKS[queue],
            "-Q",
            queue,
            "-P",
            "prefork",
            "-c",
            "1",
        ]
        with (self.folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [sys.executable, *command, "-n", f"{name}@test", "--without-gossip", "--without-mingle"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def is_alive(self, name: str) -> bool:
        """Say whether a worker has told so lately."""
        return f"{name}@test" in self.workers.alive().get(self._queues[name], ())

    def said(self, name: str) -> str:
        """Return the end of a worker's log."""
        return (self.folder / f"{name}.log").read_text()[-2000:]

    def parent(self, name: str) -> int:
        """Return the process id of a worker."""
        return self._processes[name].pid

    def wait(self, name: str) -> int:
        """Wait until a worker has ended by itself, and return its exit status."""
        return self._processes[name].wait(30)

    def runs(self, name: str) -> bool:
        """Say whether a worker's parent process is there."""
        return name in self._processes and self._processes[name].poll() is None

    def terminate(self, name: str) -> int:
        """Ask a worker to stop, and return its exit status."""
        self._processes[name].send_signal(SIGTERM)
        return self._processes[name].wait(30)

    def kill(self, name: str) -> None:
        """End a worker's parent process at once; its children go with it."""
        self._processes[name].kill()
        self._processes[name].wait()

    def submit(self, kind: Kind, job_id: str = "job", *, priority: int = 5, **params: object) -> str:
        """Record and send a job."""
        job, _ = self.jobs.submit(NewJob(job_id, kind.name, params, priority=priority))
        send(job, self.jobs, self.queue)
        return job_id

    def running(self, job_id: str = "job") -> Job:
        """Wait until a job runs."""
        return self.until(job_id, State.RUNNING)

    def until(self, job_id: str, *states: State, within_s: float = 20) -> Job:
        """Wait until a job is in one of some states, and return it as it was then."""
        seen: list[Job] = []

        def there() -> bool:
            try:
                seen.append(self.jobs.get(job_id))
            except NotFound:
                return False
            return seen[-1].state in states

        eventually(there, within_s=within_s, what=f"{job_id} is one of {states}, not {seen[-1:]}")
        return seen[-1]

    def close(self) -> None:
        """End everything, all workers at once."""
        running = [process for process in self._processes.values() if process.poll() is None]
        family = [child for process in running for child in psutil.Process(process.pid).children(recursive=True)]
        for process in running:
            process.kill()
            process.wait()
        # Children go with their parents, in a second or two: whether they do is not asked here.
        for child in family:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        eventually(lambda: not any(_runs(child) for child in family), what="no process of a worker is left")
        self.queue.close()
        self.redis.close()


def _runs(process: psutil.Process) -> bool:
    """Say whether a process runs; one that has ended and that nobody has waited for does not."""
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def child_of(job: Job) -> int:
    """Return the process id of the process that runs a job."""
    assert job.worker is not None
    return int(job.worker.rpartition(":")[2])


def worker_of(job: Job) -> str:
    """Return the name under which the worker that runs a job was started."""
    assert job.worker is not None
    return job.worker.partition("@")[0]


@pytest.fixture
def farm(redis_server: RedisServer, tmp_path: Path) -> Iterator[Farm]:
    """Keep a farm without workers yet, on an empty Redis."""
    redis_server.flush()
    KINDS.update(TEST_KINDS)
    farm = Farm(redis_server, tmp_path)
    yield farm
    farm.close()
    for name in TEST_KINDS:
        del KINDS[name]
