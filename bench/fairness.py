"""Fairness between tenants: how long one waits beside another's backlog, and what turns cost.

`python -m bench.fairness --before ../checkout` measures another checkout beside this one, in turns: one before there were turns.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.farm import free_port
from bench.rows import emit, end_in_order
from deploy.daemon import Daemon
from deploy.procfile import ROOT, arguments, commands, environment
from deploy.redis_servers import jobs_server
from stores.identity import Tenant
from stores.identity_redis import RedisTenants
from stores.redis_client import connect
from stores.workers_redis import RedisWorkers

BENCH = "fairness"
WORKERS = 2
PROBE = Path(__file__).with_name("fairness_probe.py")
BACKLOG, DURATION_S, ASKED = 1000, 0.05, 20
WEIGHT = 3.0


@dataclass(frozen=True, slots=True)
class World:
    """A checkout with a Redis and workers of its own."""

    name: str
    root: Path
    environment: dict[str, str]
    url: str
    daemons: Sequence[Daemon]

    def cpu_s(self) -> float:
        """Return the processor time that its Redis and its workers have had."""
        parents = [process for daemon in self.daemons if (process := daemon.process()) is not None]
        every = [one for parent in parents for one in (parent, *parent.children(recursive=True))]
        return sum(one.cpu_times().user + one.cpu_times().system for one in every)

    def rate(self, jobs: int) -> dict[str, float]:
        """Run jobs that do nothing; return what they took, by the clock and of the processor."""
        before = self.cpu_s()
        measured = self.measure("rate", jobs)
        return measured | {"cpu_s": self.cpu_s() - before}

    def measure(self, *what: object) -> dict[str, Any]:
        """Run a measurement there."""
        command = [sys.executable, str(PROBE), *map(str, what)]
        told = subprocess.run(command, cwd=self.root, env=self.environment, check=True, capture_output=True, text=True)
        measured: dict[str, Any] = json.loads(told.stdout)
        return measured


@contextmanager
def world(name: str, root: Path, folder: Path) -> Iterator[World]:
    """Start Redis and the workers of a checkout."""
    port = free_port()
    url = f"redis://127.0.0.1:{port}/0"
    base = environment(os.environ) | {
        "PYTHONPATH": str(root),
        "DASEIN_REDIS_URL": url,
        "DASEIN_DATA_DIR": str(folder),
        "DASEIN_LOG_LEVEL": "WARNING",
    }
    redis = Daemon("redis", folder)
    workers = [Daemon(f"simulation-{number}", folder) for number in range(WORKERS)]
    try:
        redis.start(jobs_server(folder / "redis", port), folder=folder, environment=base)
        for worker in workers:
            command = commands(root / "Procfile")["simulation"]
            worker.start(arguments(command), folder=root, environment=base | {"WORKER": worker.name})
        with connect(url, patience_s=30) as client:
            known = RedisWorkers(client)
            while len(known.alive().get("simulation", ())) < WORKERS:
                time.sleep(0.1)
        yield World(name, root, base, url, (redis, *workers))
    finally:
        for daemon in (*workers, redis):
            daemon.ask_to_stop()
        for daemon in (*workers, redis):
            daemon.end(within_s=10)


def main(given: Sequence[str]) -> None:
    """Measure and print one row per case."""
    parser = ArgumentParser("fairness", description=__doc__)
    parser.add_argument("--before", type=Path, metavar="CHECKOUT", help="another checkout to measure beside this one")
    parser.add_argument("--rounds", type=int, default=7, help="of throughput")
    parser.add_argument("--jobs", type=int, default=1500, help="of a round")
    options = parser.parse_args(given)
    end_in_order()
    with ExitStack() as stack:
        roots = {"after": ROOT} | ({} if options.before is None else {"before": options.before.resolve()})
        worlds = [
            stack.enter_context(world(name, root, Path(stack.enter_context(TemporaryDirectory()))))
            for name, root in roots.items()
        ]
        for each in worlds:
            waited = each.measure("waits", BACKLOG, DURATION_S, ASKED)
            emit(BENCH, f"wait-{each.name}", **told(waited["waits_s"]), backlog=BACKLOG, backlog_left=waited["left"])
        rates(worlds, rounds=options.rounds, jobs=options.jobs)
        shared(worlds[0])


def rates(worlds: Sequence[World], *, rounds: int, jobs: int) -> None:
    """Count jobs that do nothing a second, in turns, so that what else the machine does meets all of them."""
    for each in worlds:
        each.rate(jobs)
    taken = [{each.name: each.rate(jobs) for each in worlds} for _ in range(rounds)]
    for each in worlds:
        submit_s, total_s, cpu_s = (
            statistics.median(one[each.name][what] for one in taken) for what in ("submit_s", "total_s", "cpu_s")
        )
        emit(
            BENCH,
            f"rate-{each.name}",
            submitted_per_s=round(jobs / submit_s),
            per_s=round(jobs / total_s),
            cpu_ms_a_job=round(1000 * cpu_s / jobs, 3),
            jobs=jobs,
        )
    if len(worlds) > 1:
        for what in ("submit_s", "total_s", "cpu_s"):
            ratios = sorted(one["after"][what] / one["before"][what] for one in taken)
            emit(
                BENCH,
                f"cost-{what[:-2]}",
                times=[round(one, 3) for one in ratios],
                median=round(statistics.median(ratios), 3),
            )


def shared(after: World) -> None:
    """Count jobs of two tenants that both have more than fits, one of three times the weight."""
    with connect(after.url, patience_s=5) as client:
        RedisTenants(client).add(Tenant("acme", datetime.now(UTC), weight=WEIGHT))
    ran = after.measure("shares", DURATION_S, 400, 8)
    emit(BENCH, "shares", weight=WEIGHT, ran=ran, ratio=round(ran["acme"] / ran["umbra"], 2))


def told(waits_s: Sequence[float]) -> dict[str, float]:
    """Return the first, the median and the longest wait."""
    named = {"first_ms": waits_s[0], "median_ms": statistics.median(waits_s), "longest_ms": max(waits_s)}
    return {name: round(1000 * wait, 1) for name, wait in named.items()}


if __name__ == "__main__":
    main(sys.argv[1:])
