"""The way of a job through the farm, against bare Celery on the same Redis in the same run: `make bench-farm`."""

import asyncio
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from bench.rows import emit
from config.queues import celery_settings
from config.settings import Settings
from deploy.daemon import Daemon
from deploy.procfile import ROOT, arguments, environment
from deploy.programs import own_ports
from jobs.model import NewJob
from jobs.queue import PING, Kind
from stores.jobs_redis import RedisJobs
from stores.queue_celery import CeleryQueue
from stores.redis_client import connect

BENCH = "farm"
ROUNDS = 10
PER_ROUND = 50
ENQUEUED = 2000
WAITERS = 2000
WOKEN = 400
BARE = "env REMAP_SIGTERM=SIGQUIT celery -q -A bench.bare_celery worker -Q bare -P prefork -c 1 -n bare@%h --without-gossip --without-mingle -l WARNING"


def main() -> None:
    """Measure and print one row per case."""
    with farm() as settings:
        round_trips(settings)
        enqueueing(settings)
        asyncio.run(waking(settings))


@contextmanager
def farm() -> Iterator[Settings]:
    """Start a farm of one worker and a bare Celery worker, in a folder and on ports of their own."""
    with TemporaryDirectory() as folder:
        os.environ |= own_ports() | {
            "DASEIN_DATA_DIR": folder,
            "DASEIN_SIMULATION_WORKERS": "1",
            "DASEIN_LOG_LEVEL": "WARNING",
        }
        os.environ["DASEIN_QUEUE_LIMIT"] = "1000000"
        os.environ["DASEIN_LIMITS__LOCAL"] = "0"
        os.environ.pop("DASEIN_REDIS_URL", None)
        settings = Settings()
        try:
            embedded("up")
            # Flower would switch task events on, for both alike.
            flower = Daemon("flower", Path(folder))
            flower.ask_to_stop()
            flower.end(within_s=10)
            os.environ["DASEIN_REDIS_URL"] = settings.redis
            Daemon("bare", Path(folder)).start(arguments(BARE), folder=ROOT, environment=environment(os.environ))
            yield settings
        finally:
            embedded("down")


def embedded(verb: str) -> None:
    """Start or stop the farm."""
    subprocess.run([sys.executable, "-m", "deploy.embedded", verb], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def round_trips(settings: Settings) -> None:
    """Time no-op jobs one after the other: over HTTP in one call and in two, and by bare Celery."""
    from bench.bare_celery import echo

    connection = HTTPConnection(settings.host, settings.port, timeout=60)

    def one_call() -> None:
        job = ask(connection, "POST", "/api/v2/jobs", {"Prefer": "wait=30"})
        assert job["state"] == "succeeded", job  # noqa: S101 - a wrong answer is no measurement

    def two_calls() -> None:
        job = ask(connection, "POST", "/api/v2/jobs", {})
        while job["state"] != "succeeded":
            job = ask(connection, "GET", f"/api/v2/jobs/{job['id']}?wait=30", {})

    def bare() -> None:
        echo.delay("x").get(timeout=30)

    cases: dict[str, Callable[[], None]] = {
        "http-submit-and-wait": one_call,
        "http-submit-then-long-poll": two_calls,
        "bare-celery-result": bare,
    }
    taken: dict[str, list[float]] = {name: [] for name in cases}
    for work in cases.values():
        for _ in range(20):
            work()
    # In turns, so that what else the machine does meets all of them.
    for _ in range(ROUNDS):
        for name, work in cases.items():
            taken[name] += [timed_ms(work) for _ in range(PER_ROUND)]
    base = statistics.median(taken["bare-celery-result"])
    for name, times in taken.items():
        emit(
            BENCH, name, **quantiles(times), jobs=len(times), over_bare_p50_ms=round(statistics.median(times) - base, 3)
        )


def enqueueing(settings: Settings) -> None:
    """Count messages and whole submissions a second, from one process."""
    from bench.bare_celery import echo

    queue = CeleryQueue(celery_settings(settings))
    redis = connect(settings.redis, patience_s=5)
    jobs = RedisJobs(redis, lease_s=60, retention_s=60, tombstone_s=60)
    numbers = count()

    def submit() -> None:
        # No worker reads this queue: recording and sending alone are measured.
        job, _ = jobs.submit(NewJob(f"enqueue-{next(numbers)}", "nobody", {}))
        queue.send(nobody, job.id, priority=5)
        jobs.sent(job.id)

    nobody = Kind("nobody", "nobody.runs", "nobody")
    cases: dict[str, Callable[[], object]] = {
        "send": lambda: queue.send(nobody, "x", priority=5),
        "record-and-send": submit,
        "bare-celery-delay": lambda: echo.apply_async(("x",), queue=nobody.queue),
    }
    for name, work in cases.items():
        work()
        start = time.perf_counter()
        for _ in range(ENQUEUED):
            work()
        emit(BENCH, name, per_s=round(ENQUEUED / (time.perf_counter() - start)), messages=ENQUEUED)
    queue.close()
    redis.close()


async def waking(settings: Settings) -> None:
    """Let many long polls wait in one web process, and time how soon the right one hears of its job's end."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 3 * WAITERS)), hard))
    redis = connect(settings.redis, patience_s=5)
    jobs = RedisJobs(redis, lease_s=600, retention_s=600, tombstone_s=600)
    run = uuid4().hex
    ids = [f"{run}-{number}" for number in range(WAITERS)]
    for job_id in ids:
        jobs.submit(NewJob(job_id, PING.name, {}))
        jobs.start(job_id, worker="bench@here:1", lease_s=600)
    opened = time.perf_counter()
    waiting = {job_id: asyncio.create_task(heard(settings, job_id)) for job_id in ids}
    while held(settings) < WAITERS:
        # One that ended already has failed.
        for ended in (await asyncio.wait(waiting.values(), timeout=0.1))[0]:
            ended.result()
    took_s = time.perf_counter() - opened
    times = []
    for job_id in ids[:WOKEN]:
        start = time.perf_counter()
        jobs.finish(job_id, {})
        times.append(1000 * (await waiting[job_id] - start))
    for job_id in ids[WOKEN:]:
        jobs.finish(job_id, {})
    await asyncio.gather(*waiting.values())
    emit(BENCH, "long-poll-wake", **quantiles(times), waiters=WAITERS, woken=WOKEN, opened_in_s=round(took_s, 2))
    redis.close()


async def heard(settings: Settings, job_id: str) -> float:
    """Long-poll a job and return when the answer came."""
    reader, writer = await asyncio.open_connection(settings.host, settings.port)
    # The job runs already: only its end changes the state.
    writer.write(
        f"GET /api/v2/jobs/{job_id}?wait=60 HTTP/1.1\r\nHost: {settings.host}\r\nConnection: close\r\n\r\n".encode()
    )
    answer = await reader.readline()
    came = time.perf_counter()
    body = await reader.read()
    writer.close()
    if b" 200 " not in answer or b'"succeeded"' not in body:
        raise RuntimeError(answer.decode() + body.decode())
    return came


def held(settings: Settings) -> int:
    """Return how many requests wait in the web server, as it says itself."""
    connection = HTTPConnection(settings.host, settings.port, timeout=60)
    connection.request("GET", "/metrics")
    lines = connection.getresponse().read().decode().splitlines()
    connection.close()
    return sum(int(float(line.split()[-1])) for line in lines if line.startswith("dasein_http_waiters"))


def ask(connection: HTTPConnection, method: str, path: str, headers: dict[str, str]) -> dict[str, Any]:
    """Make one call with a ping as its body if it is a POST, and return the job."""
    body = json.dumps({"kind": "ping", "params": {"echo": "x"}}) if method == "POST" else None
    connection.request(method, path, body, headers | ({"Content-Type": "application/json"} if body else {}))
    job: dict[str, Any] = json.loads(connection.getresponse().read())
    return job


def timed_ms(work: Callable[[], object]) -> float:
    """Return the milliseconds that `work` takes."""
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def quantiles(times_ms: list[float]) -> dict[str, float]:
    """Return the median and the 95th percentile."""
    cuts = statistics.quantiles(times_ms, n=20)
    return {"p50_ms": round(cuts[9], 3), "p95_ms": round(cuts[18], 3)}


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
