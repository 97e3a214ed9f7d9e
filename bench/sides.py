"""What two overheads are measured with: servers of their own side by side, which do the same in turns.

A round of one is compared with that of another beside it, so that what else the machine does meets all. Processor time is
told beside the time by the clock: it is what others on the machine disturb least.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from bench.farm import free_port
from bench.web import HOST, PING_BODY, ROOT
from bench.web_load import Load
from config.queues import celery_settings
from config.settings import Settings
from deploy.redis_servers import jobs_server
from jobs.model import NewJob, State
from jobs.queue import PING
from stores.jobs_redis import RedisJobs
from stores.queue_celery import CeleryQueue
from stores.redis_client import connect

JOBS = 300
ROUND_S = 0.75
CONNECTIONS = 8
START_S = 60.0
WORKER = (
    "worker -I workers.simulation.tasks -Q simulation -P prefork -c 1 -n bench@here --without-gossip --without-mingle"
)
Work = Callable[[], tuple[int, float]]
"""Does something; returns how often, and how long that took."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A server that does what is measured, or one that does not."""

    process: psutil.Process
    redis_url: str
    port: int
    """Where it tells its numbers; of a web server, where it is asked."""

    def cpu_s(self) -> float:
        """Return the processor time of it and of its children."""
        each = [self.process, *self.process.children(recursive=True)]
        return sum(times.user + times.system for times in (one.cpu_times() for one in each))


@dataclass(frozen=True, slots=True)
class Round:
    """What one of them did in one turn."""

    per_s: float
    cpu_ms: float
    """Of one job or request."""


def in_turns(subjects: Mapping[str, Subject], doers: Mapping[str, Work], *, rounds: int) -> dict[str, list[Round]]:
    """Let all do the same, one after the other, and return what each did in every round."""
    turns: dict[str, list[Round]] = {name: [] for name in subjects}
    names = list(subjects)
    for number in range(rounds + 1):
        # None is always the first.
        for name in names[number % len(names) :] + names[: number % len(names)]:
            before = subjects[name].cpu_s()
            done, took_s = doers[name]()
            cpu_ms = 1000 * (subjects[name].cpu_s() - before) / done
            # The first turn warms up.
            if number:
                turns[name].append(Round(done / took_s, cpu_ms))
    return turns


def over(mine: Sequence[Round], others: Sequence[Round]) -> dict[str, dict[str, float]]:
    """Return by how much one is slower than the other beside it, and takes more of the processor."""
    return {
        "slower_percent": spread([100 * (b.per_s / a.per_s - 1) for a, b in zip(mine, others, strict=True)]),
        "more_cpu_percent": spread([100 * (a.cpu_ms / b.cpu_ms - 1) for a, b in zip(mine, others, strict=True)]),
    }


def spread(percents: Sequence[float]) -> dict[str, float]:
    """Return the quartiles over pairs of rounds."""
    low, middle, high = statistics.quantiles(percents, n=4)
    return {"p25": round(low, 1), "p50": round(middle, 1), "p75": round(high, 1)}


@contextmanager
def running_redis() -> Iterator[tuple[Path, str]]:
    """Start a Redis in a folder of its own, and lend both."""
    with TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        (folder / "redis").mkdir()
        url = f"redis://{HOST}:{port}/0"
        with started(jobs_server(folder / "redis", port), folder, url, {}):
            yield folder, url


@contextmanager
def started(
    command: Sequence[str], folder: Path, url: str, more: Mapping[str, str], *, root: Path = ROOT
) -> Iterator[psutil.Process]:
    """Run a program of the farm from the tree `root`."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("DASEIN_")}
    ours |= {"DASEIN_REDIS_URL": url, "DASEIN_DATA_DIR": str(folder), "DASEIN_QUEUE_LIMIT": "100000000"}
    ours |= {"REMAP_SIGTERM": "SIGQUIT", "PYTHONPATH": str(root), **more}
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, cwd=root, env=ours, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(START_S)


@contextmanager
def jobs_of(subject: Subject) -> Iterator[Work]:
    """Lend what has a worker do JOBS jobs, and returns how many they were and how long that took."""
    queue = CeleryQueue(celery_settings(Settings(redis_url=subject.redis_url)))
    with connect(subject.redis_url, patience_s=START_S) as redis:
        jobs = RedisJobs(redis, lease_s=600, retention_s=600, tombstone_s=600)

        def work() -> tuple[int, float]:
            before = jobs.counts().get((PING.name, State.SUCCEEDED), 0)
            names = [f"{number}" for number in range(before, before + JOBS)]
            envelopes = [queue.envelope(PING, name, priority=5) for name in names]
            batch = f"from-{before}"
            began = time.perf_counter()
            # All at once: it is the worker that is measured.
            jobs.submit_batch(batch, [NewJob(name, PING.name, {}, batch=batch) for name in names], envelopes=envelopes)
            while jobs.counts().get((PING.name, State.SUCCEEDED), 0) < before + JOBS:
                time.sleep(0.005)
            return JOBS, time.perf_counter() - began

        yield work
    queue.close()


def asking(subject: Subject, method: str, path: str, body: str, expect: int) -> Work:
    """Return what asks a web server for ROUND_S, and returns how many answers came in which time."""
    headers = {"Content-Type": "application/json"} if body else {}
    load = Load(HOST, subject.port, method, path, headers, body, CONNECTIONS, ROUND_S, expect)

    def work() -> tuple[int, float]:
        command = [sys.executable, "-m", "bench.web_load", load.as_json()]
        said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        per_s = float(json.loads(said)["per_s"])
        return round(per_s * ROUND_S), ROUND_S

    return work


def submitted(subject: Subject) -> str:
    """Submit a job and return its id."""
    connection = HTTPConnection(HOST, subject.port, timeout=START_S)
    connection.request("POST", "/api/v2/jobs", PING_BODY, {"Content-Type": "application/json"})
    return str(json.loads(connection.getresponse().read())["id"])


def told(port: int, path: str) -> bool:
    """Ask a server, and say whether it answered well."""
    connection = HTTPConnection(HOST, port, timeout=START_S)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return answer.status < 400


def until(holds: Callable[[], bool], process: psutil.Process, folder: Path) -> None:
    """Wait until something holds of a server that starts."""
    latest = time.monotonic() + START_S
    while not holds():
        if time.monotonic() > latest or not process.is_running():
            raise RuntimeError((folder / "log").read_text()[-2000:])
        time.sleep(0.05)
