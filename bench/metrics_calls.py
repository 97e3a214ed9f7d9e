"""What counting adds to one call of a store, one attempt at a job and one request: `python -m bench.metrics_calls`."""

import os
import time
import timeit
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, Response, g

from bench.rows import emit
from jobs.model import Job, State
from jobs.queue import PING, QUEUES
from stores.memory import MemoryJobs
from stores.memory_queue import MemoryQueue, MemoryWorkers
from stores.models_files import ModelFiles
from stores.watched import watched
from web.farm import Farm
from web.metrics import Metrics
from web.room import Room
from workers.metering import wiring as metering

BENCH = "metrics-calls"
CALLS = 20_000
REPEATS = 15


def main() -> None:
    """Time what counting adds to the smallest things that are counted, as a worker and a web process do."""
    metering.begin(version="", pools=QUEUES)
    metered = metering.meter()
    if metered is None:
        raise RuntimeError("a worker that counts has nothing to count with")
    silent = MemoryJobs()
    watching = watched(silent, "jobs", metered.stores)
    job = Job("a", PING.name, State.RUNNING, {}, "default", 5, datetime(2026, 1, 1, tzinfo=UTC), waited_s=1.0)
    added = {"store-call": fastest_us(watching.ping) - fastest_us(silent.ping)}
    added["attempt"] = fastest_us(lambda: metered.measured(job, dict)) - fastest_us(dict)
    app = Flask(__name__)
    farm = Farm(
        *(silent, MemoryQueue(), MemoryWorkers()),
        version="",
        models=ModelFiles(Path(os.devnull)),
        clock=time.time,
        stores={},
        backup=lambda: None,
    )
    Metrics(farm, Room(Path(os.devnull), {})).register(app)
    (count,) = app.after_request_funcs[None]
    with app.test_request_context("/"):
        g.started, answer = time.perf_counter(), Response()
        added["request"] = fastest_us(lambda: count(answer))
    for name, us in added.items():
        emit(BENCH, name, added_us=round(us, 2), calls=CALLS, repeats=REPEATS)


def fastest_us(work: Callable[[], object]) -> float:
    """Return the microseconds of one call, in the fastest of several turns: others on the machine only add to it."""
    return 1e6 * min(timeit.repeat(work, number=CALLS, repeat=REPEATS)) / CALLS


if __name__ == "__main__":
    main()
