"""What it costs to count: `python -m bench.metrics_overhead [jobs] [requests]`.

Two of everything, one that counts and is scraped as our Prometheus does, one that does not, each with a Redis of its own, in
turns (`bench/sides.py`). What one thing that is counted costs by itself is measured by `python -m bench.metrics_calls`.
"""

import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from threading import Event, Thread

from bench.farm import free_port
from bench.rows import emit, end_in_order
from bench.sides import (
    WORKER,
    Subject,
    Work,
    asking,
    in_turns,
    jobs_of,
    over,
    running_redis,
    started,
    submitted,
    told,
    until,
)
from bench.web import LIMITS, PING_BODY

BENCH = "metrics-overhead"
ROUNDS = 30
SCRAPE_S = 15.0
QUIET = {"DASEIN_LOG_LEVEL": "WARNING"}
SIDES = {"counting": True, "silent": False}
"""Sides, and whether each counts."""


def main(wanted: Sequence[str]) -> None:
    """Measure and print one row per case."""
    end_in_order()
    cases = {"jobs": of_jobs, "requests": of_requests}
    for name in wanted or cases:
        cases[name]()


def of_jobs() -> None:
    """Compare how many no-op jobs a worker of one process does in a second."""
    with ExitStack() as held:
        pair = {name: held.enter_context(worker(metered=metered)) for name, metered in SIDES.items()}
        compare("no-op-jobs", pair, {name: held.enter_context(jobs_of(one)) for name, one in pair.items()})


def of_requests() -> None:
    """Compare how many requests a web server of one process answers in a second."""
    with ExitStack() as held:
        pair = {name: held.enter_context(web(metered=metered)) for name, metered in SIDES.items()}
        paths = {name: f"/api/v2/jobs/{submitted(one)}" for name, one in pair.items()}
        compare("get-state", pair, {name: asking(one, "GET", paths[name], "", 200) for name, one in pair.items()})
        compare(
            "post-job", pair, {name: asking(one, "POST", "/api/v2/jobs", PING_BODY, 202) for name, one in pair.items()}
        )


def compare(case: str, pair: Mapping[str, Subject], doers: Mapping[str, Work]) -> None:
    """Let both do the same in turns, and print what counting has cost."""
    turns = in_turns(pair, doers, rounds=ROUNDS)
    counting, silent = turns["counting"], turns["silent"]
    emit(
        BENCH,
        case,
        rounds=ROUNDS,
        per_s=round(statistics.median(turn.per_s for turn in counting), 1),
        per_s_without=round(statistics.median(turn.per_s for turn in silent), 1),
        cpu_ms=round(statistics.median(turn.cpu_ms for turn in counting), 4),
        cpu_ms_without=round(statistics.median(turn.cpu_ms for turn in silent), 4),
        **over(counting, silent),
    )


@contextmanager
def worker(*, metered: bool) -> Iterator[Subject]:
    """Start a worker of one process."""
    with running_redis() as (folder, url):
        port = free_port()
        more = QUIET | ({"DASEIN_METRICS_PORT": str(port)} if metered else {})
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
        with started(command, folder, url, {"DASEIN_PORT": str(port), **LIMITS, **QUIET}) as process:
            until(lambda: told(port, "/health/ready"), process, folder)
            with scraped(port):
                yield Subject(process, url, port)


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


if __name__ == "__main__":
    main(sys.argv[1:])
