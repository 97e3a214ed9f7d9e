"""The front door: `make bench-web`, or `python -m bench.web [throughput] [holding] [page]`.

Throughput: submissions and states a second of the web server with keys, limits and records on, against Flask and
`delay()` on the same gunicorn and the same Redis, in turns in the same run. No worker runs: it is the door that is
measured. Holding: thousands of long polls and event streams on one web process, how soon one hears of its job's end, and
what each costs in memory. Page: from an empty cache to the list of jobs, in Chromium.
"""

import asyncio
import json
import os
import re
import resource
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import psutil
from playwright.sync_api import Response

from bench.farm import free_port, quantiles
from bench.rows import emit, end_in_order
from bench.web_load import Load
from deploy.redis_servers import jobs_server
from jobs.model import NewJob
from jobs.queue import PING
from stores.jobs_redis import RedisJobs
from stores.redis_client import connect

BENCH = "web"
ROOT = Path(__file__).parents[1]
HOST = "127.0.0.1"
CONNECTIONS = 16
ROUNDS = 6
ROUND_S = 4.0
LONG_POLLS = 4000
STREAMS = 1000
WOKEN = 400
START_S = 60.0
MANY = str(10**8)
LIMITS = {f"DASEIN_LIMITS__{name}": MANY for name in ("WRITES", "READS", "ADDRESS", "LOCAL")} | {
    "DASEIN_LIMITS__STREAMS_PER_TENANT": MANY,
    "DASEIN_LIMITS__STREAMS_PER_KEY": MANY,
}
"""Limits are counted, and never reached."""
KEY = re.compile(r"dsn_[\w-]+")
PING_BODY = json.dumps({"kind": "ping", "params": {"echo": "x"}})


@dataclass(frozen=True, slots=True)
class Door:
    """A web server, and how it is asked."""

    port: int
    process: subprocess.Popen[bytes]
    redis_url: str
    headers: dict[str, str]


def main(wanted: Sequence[str]) -> None:
    """Measure and print one row per case."""
    end_in_order()
    cases = {"throughput": throughput, "holding": holding, "page": page}
    for name in wanted or cases:
        cases[name]()


def throughput() -> None:
    """Print submissions and states a second, ours and the bare ones, in turns."""
    with ExitStack() as stack:
        ours = stack.enter_context(door())
        bare_redis = stack.enter_context(redis_server())
        bare = free_port()
        command = ["-k", "gevent", "-w", "1", "-b", f"{HOST}:{bare}", "bench.bare_flask:app"]
        stack.enter_context(web(command, {"DASEIN_REDIS_URL": bare_redis}, port=bare, probe="/jobs/x"))
        ours_job = _submitted(ours.port, "/api/v2/jobs", ours.headers)
        bare_job = _submitted(bare, "/jobs", {})
        sides = {
            "submit": {
                "ours": (ours.port, "POST", "/api/v2/jobs", ours.headers, PING_BODY, 202),
                "bare": (bare, "POST", "/jobs", {}, PING_BODY, 202),
            },
            "status": {
                "ours": (ours.port, "GET", f"/api/v2/jobs/{ours_job}", ours.headers, "", 200),
                "bare": (bare, "GET", f"/jobs/{bare_job}", {}, "", 200),
            },
        }
        for case, pair in sides.items():
            seen: dict[str, list[float]] = {side: [] for side in pair}
            for _ in range(ROUNDS):
                for side, (port, method, path, headers, body, expect) in pair.items():
                    kind = {"Content-Type": "application/json"} if body else {}
                    load = Load(HOST, port, method, path, headers | kind, body, CONNECTIONS, ROUND_S, expect)
                    seen[side].append(driven(load)["per_s"])
            ratios = [mine / theirs for mine, theirs in zip(seen["ours"], seen["bare"], strict=True)]
            emit(
                BENCH,
                case,
                ours_per_s=round(statistics.median(seen["ours"])),
                bare_per_s=round(statistics.median(seen["bare"])),
                ratio=round(statistics.median(ratios), 2),
                ratios=[round(min(ratios), 2), round(max(ratios), 2)],
                connections=CONNECTIONS,
            )


def holding() -> None:
    """Hold long polls and event streams in one process; print how soon they wake and what they take."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 32768)), hard))
    with door() as served:
        asyncio.run(_holding(served))


async def _holding(served: Door) -> None:
    redis = connect(served.redis_url, patience_s=5)
    jobs = RedisJobs(redis, lease_s=600, retention_s=600, tombstone_s=600)
    run, held = uuid4().hex, LONG_POLLS + STREAMS
    ids = [f"{run}-{number}" for number in range(held)]
    for job_id in ids:
        jobs.submit(NewJob(job_id, PING.name, {}))
        jobs.start(job_id, worker="bench@here:1", lease_s=600)
    [process] = psutil.Process(served.process.pid).children()
    # What the first requests load is not what a waiter costs.
    warm = [asyncio.create_task(_heard(served, job_id)) for job_id in (f"{run}-0", f"{run}-{LONG_POLLS}")]
    await _until_held(served, len(warm))
    before = process.memory_info().rss
    began = time.perf_counter()
    waiting = {job_id: asyncio.create_task(_heard(served, job_id)) for job_id in ids}
    await _until_held(served, held + len(warm))
    opened_s, taken = time.perf_counter() - began, process.memory_info().rss - before
    # From both ends: long polls and event streams alike.
    chosen = [*ids[1 : WOKEN // 2 + 1], *ids[-WOKEN // 2 :]]
    times: dict[str, list[float]] = {"long-poll": [], "event-stream": []}
    for job_id in chosen:
        start = time.perf_counter()
        jobs.finish(job_id, {})
        kind = "event-stream" if _is_stream(job_id) else "long-poll"
        times[kind].append(1000 * (await waiting[job_id] - start))
    for job_id in ids:
        jobs.finish(job_id, {})
    await asyncio.gather(*waiting.values(), *warm)
    for kind, each in times.items():
        emit(BENCH, f"wake-{kind}", **quantiles(each), woken=len(each), long_polls=LONG_POLLS, streams=STREAMS)
    emit(BENCH, "memory", kb_each=round(taken / held / 1024, 1), held=held, opened_in_s=round(opened_s, 1))
    redis.close()


def _is_stream(job_id: str) -> bool:
    return int(job_id.rsplit("-", 1)[1]) >= LONG_POLLS


async def _heard(served: Door, job_id: str) -> float:
    """Wait for a job's end, by long poll or by its events, and return when it was told."""
    path = f"/api/v2/jobs/{job_id}/events" if _is_stream(job_id) else f"/api/v2/jobs/{job_id}?wait=60"
    head = "".join(f"{name}: {value}\r\n" for name, value in served.headers.items())
    while True:
        reader, writer = await asyncio.open_connection(HOST, served.port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n{head}Connection: close\r\n\r\n".encode())
        try:
            first = await reader.readline()
            if b" 200 " not in first:
                raise RuntimeError(first.decode() + (await reader.read()).decode())
            while line := await reader.readline():
                if b"event: done" in line or b'"succeeded"' in line:
                    return time.perf_counter()
        finally:
            writer.close()
        if _is_stream(job_id):
            raise RuntimeError("the stream ended before its job")


async def _until_held(served: Door, number: int) -> None:
    # Only the server knows, and it is asked by its metrics.
    while _waiters(served) < number:  # noqa: ASYNC110
        await asyncio.sleep(0.2)


def _waiters(served: Door) -> int:
    connection = HTTPConnection(HOST, served.port, timeout=60)
    connection.request("GET", "/metrics", headers=served.headers)
    lines = connection.getresponse().read().decode().splitlines()
    connection.close()
    return sum(int(float(line.split()[-1])) for line in lines if line.startswith("dasein_http_waiters"))


def page() -> None:
    """Print how long the page takes from an empty cache to the list of jobs."""
    from playwright.sync_api import sync_playwright

    with door() as served, sync_playwright() as driver:
        for _ in range(20):
            _submitted(served.port, "/api/v2/jobs", served.headers)
        browser = driver.chromium.launch(
            executable_path=os.environ.get("DASEIN_CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        first_paint, ready, transferred = [], [], []
        for _ in range(10):
            context = browser.new_context()
            key = served.headers["X-API-Key"]
            context.add_init_script(f"sessionStorage.setItem('dasein.key', {json.dumps(key)})")
            tab = context.new_page()
            answers: list[Response] = []
            tab.on("response", partial(_note, answers))
            began = time.perf_counter()
            tab.goto(f"http://{HOST}:{served.port}/app/jobs")
            tab.get_by_role("row").nth(1).wait_for()
            ready.append(1000 * (time.perf_counter() - began))
            first_paint.append(
                tab.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null")
            )
            transferred.append(sum(int(each.headers.get("content-length", 0)) for each in answers))
            context.close()
        browser.close()
    painted = [each for each in first_paint if each is not None]
    emit(
        BENCH,
        "page",
        first_paint_p50_ms=round(statistics.median(painted), 1) if painted else None,
        interactive_p50_ms=round(statistics.median(ready), 1),
        interactive_max_ms=round(max(ready), 1),
        transferred_kb=round(statistics.median(transferred) / 1024, 1),
        loads=len(ready),
    )


def _note(answers: list[Response], answer: Response) -> None:
    answers.append(answer)


@contextmanager
def door() -> Iterator[Door]:
    """Start a web server with keys, limits that nobody reaches, and a Redis of its own."""
    with redis_server() as redis_url, TemporaryDirectory() as data:
        settings = {
            "DASEIN_REDIS_URL": redis_url,
            "DASEIN_DATA_DIR": data,
            "DASEIN_LOG_LEVEL": "WARNING",
            "DASEIN_QUEUE_LIMIT": "10000000",
            "DASEIN_WAITERS_LIMIT": "8000",
        } | LIMITS
        key = first_key(settings)
        headers = {"X-API-Key": key}
        port = free_port()
        command = ["-c", "config/gunicorn.py", "web.wsgi:app"]
        with web(command, settings | {"DASEIN_PORT": str(port)}, port=port, probe="/health/ready") as process:
            yield Door(port, process, redis_url, headers)


@contextmanager
def web(
    arguments: Sequence[str], settings: Mapping[str, str], *, port: int, probe: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run gunicorn until the block ends, from when `probe` is answered with 200 on."""
    command = [sys.executable, "-m", "gunicorn", "--no-control-socket", *arguments]
    with started(command, settings) as process:
        wait_for(lambda: _status(port, probe) == HTTPStatus.OK, process)
        yield process


@contextmanager
def redis_server() -> Iterator[str]:
    """Run a Redis as the farm runs it, and yield its URL."""
    with TemporaryDirectory() as folder:
        port = free_port()
        with started(jobs_server(Path(folder) / "redis", port), {}) as process:
            url = f"redis://{HOST}:{port}/0"
            wait_for(lambda: _listens(port), process)
            yield url


@contextmanager
def started(command: Sequence[str], settings: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program with these settings alone; its errors are ours."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DASEIN_")}
    environment = inherited | {"PYTHONPATH": str(ROOT)} | dict(settings)
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def wait_for(ready: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Wait until a server is ready; raise RuntimeError if it ends before, or takes too long."""
    until = time.perf_counter() + START_S
    while not ready():
        if process.poll() is not None or time.perf_counter() > until:
            raise RuntimeError(f"{process.args!r} did not become ready")
        time.sleep(0.05)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _status(port: int, path: str) -> int | None:
    connection = HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return None
    finally:
        connection.close()


def first_key(settings: Mapping[str, str]) -> str:
    """Make the first key of a farm with these settings, as its operator does."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DASEIN_")}
    environment = inherited | {"PYTHONPATH": str(ROOT)} | dict(settings)
    told = subprocess.run(
        [sys.executable, "-m", "web.first_key"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    found = KEY.search(told.stdout)
    if found is None:
        raise RuntimeError("no key was told")
    return found[0]


def driven(load: Load) -> dict[str, float]:
    """Ask as `load` says, from another process."""
    command = [sys.executable, "-m", "bench.web_load", load.as_json()]
    figures: dict[str, float] = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    return figures


def _submitted(port: int, path: str, headers: Mapping[str, str]) -> str:
    connection = HTTPConnection(HOST, port, timeout=30)
    connection.request("POST", path, PING_BODY, {"Content-Type": "application/json", **headers})
    job: dict[str, str] = json.loads(connection.getresponse().read())
    connection.close()
    return job["id"]


if __name__ == "__main__":
    main(sys.argv[1:])
