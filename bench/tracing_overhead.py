"""What it costs to trace: `python -m bench.tracing_overhead [calls] [spans] [jobs] [requests]`; BASE=FOLDER adds another tree.

Calls and spans are told in processor time of one step, the least of several rounds: what else the machine does counts little.
Jobs and requests: three of everything: one that records no spans, one that records those of each tenth trace, one that records all, each with a
Redis of its own and a collector that takes what comes. They do the same in turns; a round is compared with the one beside
it, so that what else the machine does meets all. Processor time is told beside the time by the clock. With BASE there is a
fourth, started in that folder: a tree from before there was tracing says what it costs to have it off.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from uuid import uuid4

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
from bench.web import LIMITS, PING_BODY, ROOT
from config.redaction import without_secrets
from jobs import tracing
from stores.memory import MemoryJobs
from stores.spans_otlp import OtlpRecorder
from stores.traced import traced
from stores.watched import watched

BENCH = "tracing-overhead"
ROUNDS = 12
CALLS = 20_000
TREES = 1000
SPANS_OF_A_TREE = 5
"""As a no-op job has: the run, and four calls of stores."""
INSIDE = tracing.drawn()
SIDES = {"off": None, "tenth": 0.1, "all": 1.0}
"""Sides, and the part of traces that each records."""


def main(wanted: Sequence[str]) -> None:
    """Measure and print one row per case."""
    end_in_order()
    cases = {"calls": of_calls, "spans": of_spans, "jobs": of_jobs, "requests": of_requests}
    for name in wanted or cases:
        cases[name]()


def of_calls() -> None:
    """Tell what one step of a process that records nothing takes, in nanoseconds of the processor."""
    jobs = MemoryJobs()
    line = {
        "event": "request_answered",
        "method": "GET",
        "path": f"/api/v2/jobs/{uuid4()}",
        "status": 200,
        "request_id": uuid4().hex,
        "trace_id": uuid4().hex,
        "took_s": 0.001,
        "level": "info",
    }
    hide = without_secrets({"a-password-of-ours", "another-one"})
    steps: dict[str, Callable[[], object]] = {
        "uuid4": lambda: uuid4().hex,
        "begin-a-trace": lambda: tracing.begin("x", tracing.Kind.SERVER, {}, parent=None),
        "span-inside-of-a-trace": _span,
        "hide-secrets-in-a-line": lambda: hide(None, "info", dict(line)),
    }
    for name, step in steps.items():
        emit(BENCH, name, cpu_ns=round(_each_s(step) * 1e9), calls=CALLS)
    emit(BENCH, "unwatched-store", is_the_adapter_itself=watched(jobs, "jobs") is jobs)


def of_spans() -> None:
    """Tell what a span takes, batched, encoded and sent, where it is recorded, and where its trace is not."""
    with ExitStack() as held:
        url = held.enter_context(collector())
        for name, ratio in (("recorded", 1.0), ("not-recorded", 0.0)):
            recorder = OtlpRecorder(f"{url}/v1/traces", headers={}, ratio=ratio, service="bench", version="0")
            tracing.record_with(recorder)
            rounds = []
            for _ in range(ROUNDS):
                began = time.process_time()
                for _ in range(TREES):
                    _tree()
                # In this thread, so that nothing is dropped and all of it counts.
                recorder.flush()
                rounds.append((time.process_time() - began) / (TREES * SPANS_OF_A_TREE))
            tracing.record_with(None)
            recorder.close()
            emit(BENCH, f"span-{name}", cpu_us=round(min(rounds) * 1e6, 2), spans=ROUNDS * TREES * SPANS_OF_A_TREE)


def of_jobs() -> None:
    """Compare how many no-op jobs a worker of one process does in a second."""
    with ExitStack() as held:
        url = held.enter_context(collector())
        subjects = {name: held.enter_context(worker(*side, url)) for name, side in sides().items()}
        compare("no-op-jobs", subjects, {name: held.enter_context(jobs_of(one)) for name, one in subjects.items()})


def of_requests() -> None:
    """Compare how many requests a web server of one process answers in a second."""
    with ExitStack() as held:
        url = held.enter_context(collector())
        subjects = {name: held.enter_context(web(*side, url)) for name, side in sides().items()}
        paths = {name: f"/api/v2/jobs/{submitted(one)}" for name, one in subjects.items()}
        compare(
            "get-state", subjects, {name: asking(one, "GET", paths[name], "", 200) for name, one in subjects.items()}
        )
        compare(
            "post-job",
            subjects,
            {name: asking(one, "POST", "/api/v2/jobs", PING_BODY, 202) for name, one in subjects.items()},
        )


def sides() -> dict[str, tuple[Path, float | None]]:
    """Return what is compared: where each is started, and the part of traces that it records."""
    found = {name: (ROOT, ratio) for name, ratio in SIDES.items()}
    return ({"base": (Path(os.environ["BASE"]), None)} if "BASE" in os.environ else {}) | found


def compare(case: str, subjects: Mapping[str, Subject], doers: Mapping[str, Work]) -> None:
    """Let all do the same in turns, and print what each costs over the first."""
    turns = in_turns(subjects, doers, rounds=ROUNDS)
    first = next(iter(turns))
    for name, mine in turns.items():
        more = {} if name == first else {"over": first, **over(mine, turns[first])}
        emit(
            BENCH,
            f"{case} {name}",
            rounds=ROUNDS,
            per_s=round(statistics.median(turn.per_s for turn in mine), 1),
            cpu_ms=round(statistics.median(turn.cpu_ms for turn in mine), 4),
            **more,
        )


@contextmanager
def worker(root: Path, ratio: float | None, collector_url: str) -> Iterator[Subject]:
    """Start a worker of one process."""
    with running_redis() as (folder, url):
        command = [sys.executable, "-m", "celery", "-q", "-A", "workers.app", *WORKER.split()]
        with started(command, folder, url, _recording(ratio, collector_url), root=root) as process:
            yield Subject(process, url, 0)


@contextmanager
def web(root: Path, ratio: float | None, collector_url: str) -> Iterator[Subject]:
    """Start a web server of one process."""
    with running_redis() as (folder, url):
        port = free_port()
        command = [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", "web.wsgi:app"]
        settings = {"DASEIN_PORT": str(port), **LIMITS, **_recording(ratio, collector_url)}
        with started(command, folder, url, settings, root=root) as process:
            until(lambda: told(port, "/health/ready"), process, folder)
            yield Subject(process, url, port)


@contextmanager
def collector() -> Iterator[str]:
    """Take what comes, and lend the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            """Read it and say that all is well."""
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _recording(ratio: float | None, url: str) -> dict[str, str]:
    return {} if ratio is None else {"DASEIN_OTLP_URL": url, "DASEIN_TRACE_RATIO": str(ratio)}


def _tree() -> None:
    told = {"messaging.operation.type": "process", "dasein.job_id": "019ad0c1-0000-7000-8000-000000000000"}
    with tracing.span("run simulation.ping", tracing.Kind.CONSUMER, told) as run:
        run.note({"dasein.kind": "ping", "dasein.tenant": "default", "dasein.attempt": 1})
        for operation in ("start", "get", "counts", "finish"):
            with traced("jobs", operation):
                pass


def _span() -> None:
    with tracing.span("x", tracing.Kind.CLIENT, {}, parent=INSIDE):
        pass


def _each_s(step: Callable[[], object]) -> float:
    """Return the least seconds of one call, of several rounds of them."""
    rounds = []
    for _ in range(5):
        began = time.process_time()
        for _ in range(CALLS):
            step()
        rounds.append((time.process_time() - began) / CALLS)
    return min(rounds)


if __name__ == "__main__":
    main(sys.argv[1:])
