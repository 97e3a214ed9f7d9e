"""How fast the autoscaler reacts, with its default rules but for the window: `python -m bench.autoscale [ROUNDS]`.

A farm of its own, one simulation worker of one process. A backlog of jobs that wait (they sleep, so cores are not what is
measured) comes at once; then nothing. The same backlog without the autoscaler is what it is compared with.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.farm import embedded
from bench.rows import emit, end_in_order
from config.queues import celery_settings
from config.settings import Settings
from deploy.programs import own_ports
from jobs.model import NewJob, State
from jobs.queue import PING, SIMULATION
from stores.jobs_redis import RedisJobs
from stores.queue_celery import CeleryQueue
from stores.redis_client import connect
from stores.workers_redis import RedisWorkers

BENCH = "autoscale"
MOST = 8
JOBS = 48
JOB_S = 1.0
IDLE_S = 20
LOOK_S = 0.02
LONGEST_S = 300
_ids = count()


class World:
    """A farm, and how to see into it."""

    def __init__(self, settings: Settings) -> None:
        """Connect to the stores of a farm that runs."""
        self.redis = connect(settings.redis, patience_s=5)
        self.jobs = RedisJobs(self.redis, lease_s=15, retention_s=3600, tombstone_s=7200)
        self.queue = CeleryQueue(celery_settings(settings))
        self.workers = RedisWorkers(self.redis)

    def size(self) -> int:
        """Return how many jobs the pool runs at once."""
        return sum(self.workers.processes(self.workers.alive().get(SIMULATION, ())).values())

    def backlog(self) -> list[str]:
        """Send a backlog at once; return its ids."""
        ids = []
        for _ in range(JOBS):
            job_id = f"bench{next(_ids)}"
            self.jobs.submit(NewJob(job_id, PING.name, {"duration_s": JOB_S}))
            self.jobs.sent(job_id)
            self.queue.send(PING, job_id, priority=5)
            ids.append(job_id)
        return ids

    def ended(self, ids: list[str]) -> bool:
        """Say whether all have succeeded; raise where one has not."""
        states = [job.state for job in self.jobs.many(ids).values()]
        if State.FAILED in states:
            raise RuntimeError("A job failed: that is no measurement.")
        return len(states) == len(ids) and all(state is State.SUCCEEDED for state in states)

    def close(self) -> None:
        """Close the connections."""
        self.queue.close()
        self.redis.close()


def main() -> None:
    """Measure and print."""
    end_in_order()
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with farm(autoscale="false") as world:
        begun = time.monotonic()
        ids = world.backlog()
        emit(BENCH, "without", jobs=JOBS, job_s=JOB_S, drained_s=until(lambda: world.ended(ids), begun))
    rows: list[dict[str, float]] = []
    with farm(autoscale="true") as world:
        for _ in range(rounds):
            until(lambda: world.size() == 1, time.monotonic())
            rows.append(one(world))
    for name in rows[0]:
        values = [row[name] for row in rows]
        emit(BENCH, name, median=statistics.median(values), least=min(values), most=max(values), rounds=rounds)


def one(world: World) -> dict[str, float]:
    """Send a backlog and follow the pool up and down."""
    begun = time.monotonic()
    ids = world.backlog()
    grew_s = until(lambda: world.size() > 1, begun)
    full_s = until(lambda: world.size() == MOST, begun)
    drained_s = until(lambda: world.ended(ids), begun)
    quiet = time.monotonic()
    return {
        "first_growth_s": grew_s,
        "ceiling_s": full_s,
        "drained_s": drained_s,
        "floor_after_end_s": until(lambda: world.size() == 1, quiet),
        "attempts_more_than_one": sum(job.attempts != 1 for job in world.jobs.many(ids).values()),
    }


def until(holds: Callable[[], bool], begun: float) -> float:
    """Wait; return the seconds since `begun`."""
    while not holds():
        if time.monotonic() - begun > LONGEST_S:
            raise RuntimeError(f"not within {LONGEST_S} s")
        time.sleep(LOOK_S)
    return round(time.monotonic() - begun, 2)


@contextmanager
def farm(*, autoscale: str) -> Iterator[World]:
    """Start a farm of one simulation worker in a folder and on ports of its own."""
    with TemporaryDirectory() as folder:
        os.environ |= own_ports() | {
            "DASEIN_DATA_DIR": str(Path(folder)),
            "DASEIN_SIMULATION_WORKERS": "1",
            "DASEIN_FORGE_WORKERS": "0",
            "DASEIN_LOG_LEVEL": "WARNING",
            "DASEIN_AUTOSCALE": autoscale,
            "DASEIN_AUTOSCALER__SIMULATION": f"1-{MOST}",
            "DASEIN_AUTOSCALER__IDLE_S": str(IDLE_S),
        }
        os.environ.pop("DASEIN_REDIS_URL", None)
        try:
            embedded("up")
            world = World(Settings())
            yield world
            world.close()
        finally:
            embedded("down")


if __name__ == "__main__":
    main()
