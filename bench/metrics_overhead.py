"""What it costs to count: `python -m bench.metrics_overhead [jobs] [requests]`.

Two of everything, one that counts and is scraped as our Prometheus does, one that does not, each with a Redis of its own. They do
the same in turns; a pair of rounds is compared with itself, so that what else the machine does meets both. Processor time
is told beside the time by the clock: it is what others on the machine disturb least. What one thing that is counted costs by
itself is measured by `python -m bench.metrics_calls`.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

import psutil

from bench.farm import free_port
from bench.rows import emit, end_in_order
from bench.web import HOST, LIMITS, PING_BODY, ROOT
from bench.web_load import Load
from config.queues import celery_settings
from config.settings import Settings
from deploy.redis_servers import jobs_server
from jobs.model import NewJob, State
from jobs.queue import PING
from stores.jobs_redis import RedisJobs
from stores.queue_celery import CeleryQueue
from stores.redis_client import connect

BENCH = "metrics-overhead"
ROUNDS = 30
JOBS = 300
ROUND_S = 0.75
CONNECTIONS = 8
SCRAPE_S = 15.0
START_S = 60.0
WORKER = (
    "worker -I workers.simulation.tasks -Q simulation -P prefork -c 1 -n bench@here --without-gossip --without-mingle"
)


@dataclass(frozen=True, slots=True)
class Subject:
    """A server that counts, or one that does not."""

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


def main(wanted: Sequence[str]) -> None:
    """Measure and print one row per case."""
    end_in_order()
    cases = {"jobs": of_jobs, "requests": of_requests}
    for name in wanted or cases:
        cases[name]()


def of_jobs() -> None:
    """Compare how many no-op jobs a worker of one process does in a second."""
    with ExitStack() as held:
        pair = [held.enter_context(worker(metered=metered)) for metered in (True, False)]
        doers = [held.enter_context(jobs_of(subject)) for subject in pair]
        compare("no-op-jobs", pair, doers)


def of_requests() -> None:
    """Compare how many requests a web server of one process answers in a second."""
    with ExitStack() as held:
        pair = [held.enter_context(web(metered=metered)) for metered in (True, False)]
        paths = [f"/api/v2/jobs/{submitted(subject)}" for subject in pair]
        compare("get-state", pair, [asking(one, "GET", path, "", 200) for one, path in zip(pair, paths, strict=True)])
        compare("post-job", pair, [asking(one, "POST", "/api/v2/jobs", PING_BODY, 202) for one in pair])


def compare(case: str, pair: Sequence[Subject], doers: Sequence[Callable[[], tuple[int, float]]]) -> None:
    """Let both do the same in turns, and print what counting has cost."""
    turns: list[list[Round]] = [[], []]
    for number in range(ROUNDS + 1):
        # Neither is always the first.
        for which in ((0, 1), (1, 0))[number % 2]:
            before = pair[which].cpu_s()
            done, took_s = doers[which]()
            cpu_ms = 1000 * (pair[which].cpu_s() - before) / done
            # The first turn warms up.
            if number:
                turns[which].append(Round(done / took_s, cpu_ms))
    counting, silent = turns
    emit(
        BENCH,
        case,
        rounds=ROUNDS,
        per_s=round(statistics.median(turn.per_s for turn in counting), 1),
        per_s_without=round(statistics.median(turn.per_s for turn in silent), 1),
        cpu_ms=round(statistics.median(turn.cpu_ms for turn in counting), 4),
        cpu_ms_without=round(statistics.median(turn.cpu_ms for turn in silent), 4),
        slower_percent=spread([100 * (b.per_s / a.per_s - 1) for a, b in zip(counting, silent, strict=True)]),
        more_cpu_percent=spread([100 * (a.cpu_ms / b.cpu_ms - 1) for a, b in zip(counting, silent, strict=True)]),
    )


def spread(percents: Sequence[float]) -> dict[str, float]:
    """Return the quartiles over pairs of rounds."""
    low, middle, high = statistics.quantiles(percents, n=4)
    return {"p25": round(low, 1), "p50": round(middle, 1), "p75": round(high, 1)}


@contextmanager
def worker(*, metered: bool) -> Iterator[Subject]:
    """Start a worker of one process."""
    with running_redis() as (folder, url):
        port = free_port()
        more = {"DASEIN_METRICS_PORT": str(port)} if metered else {}
        command = [sys.executable, "-m", "celery", "-q", "-A", "workers.app", *WORKER.split()]
        with started(command, folder, url, more) as process, scraped(port if metered else None):
            yield Subject(process, url, port)


@contextmanager
def web(*, metered: bool) -> Iterator[Subject]:
    """Start a web server of one process."""
    with running_redis() as (folder, url):
        port = free_port()
        app = "web.wsgi:app" if metered else "bench.unmetered:app"
        command = [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", app]
        with started(command, folder, url, {"DASEIN_PORT": str(port), **LIMITS}) as process:
            until(lambda: told(port, "/health/ready"), process, folder)
            with scraped(port):
                yield Subject(process, url, port)


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
def started(command: Sequence[str], folder: Path, url: str, more: Mapping[str, str]) -> Iterator[psutil.Process]:
    """Run a program of the farm."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("DASEIN_")}
    ours |= {"DASEIN_REDIS_URL": url, "DASEIN_DATA_DIR": str(folder), "DASEIN_LOG_LEVEL": "WARNING"}
    ours |= {"DASEIN_QUEUE_LIMIT": "100000000", "REMAP_SIGTERM": "SIGQUIT", "PYTHONPATH": str(ROOT), **more}
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=ours, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(START_S)


@contextmanager
def scraped(port: int | None) -> Iterator[None]:
    """Ask for the numbers once every SCRAPE_S, as our Prometheus does."""
    ended = Event()

    def scrape() -> None:
        while port is not None and not ended.wait(SCRAPE_S):
            told(port, "/metrics")

    thread = Thread(target=scrape)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextmanager
def jobs_of(subject: Subject) -> Iterator[Callable[[], tuple[int, float]]]:
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


def asking(subject: Subject, method: str, path: str, body: str, expect: int) -> Callable[[], tuple[int, float]]:
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


if __name__ == "__main__":
    main(sys.argv[1:])
