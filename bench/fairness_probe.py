"""One measurement on a running pool, in a process of its own, which runs on any checkout: `python fairness_probe.py rate 1000`.

It uses only what was there before pools had turns, so that before and after are measured by the same lines.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from uuid import uuid4

from config.queues import celery_settings
from config.settings import Settings
from jobs.model import Job, NewJob, State
from jobs.queue import PING
from stores.jobs_redis import RedisJobs
from stores.queue_celery import CeleryQueue
from stores.redis_client import connect

LOOK_S = 0.005
LONGEST_S = 300
A, B = "acme", "umbra"


class Probe:
    """Submits pings as web does, and looks what becomes of them."""

    def __init__(self) -> None:
        settings = Settings()
        self.redis = connect(settings.redis, patience_s=5)
        self.jobs = RedisJobs(self.redis, lease_s=60, retention_s=600, tombstone_s=600)
        self.queue = CeleryQueue(celery_settings(settings))

    def submit(self, tenant: str, *, number: int = 1, duration_s: float = 0) -> list[str]:
        """Submit so many pings; return their ids."""
        ids = [str(uuid4()) for _ in range(number)]
        for job_id in ids:
            envelope = self.queue.envelope(PING, job_id, priority=5)
            self.jobs.submit(NewJob(job_id, PING.name, {"duration_s": duration_s}, tenant), envelope=envelope)
        return ids

    def succeeded(self, tenant: str) -> int:
        """Return how many of a tenant's jobs have succeeded."""
        return self.jobs.counts(tenant=tenant).get((PING.name, State.SUCCEEDED), 0)

    def ended(self, job_id: str) -> Job:
        """Wait for a job's end."""
        until(lambda: self.jobs.get(job_id).state.final)
        return self.jobs.get(job_id)


def rate(jobs: int) -> dict[str, object]:
    """Return how long it takes to submit so many jobs that do nothing, and until the last one has run."""
    probe = Probe()
    tenant = f"t{uuid4().hex[:8]}"
    began = time.perf_counter()
    probe.submit(tenant, number=jobs)
    submitted_s = time.perf_counter() - began
    until(lambda: probe.succeeded(tenant) == jobs)
    return {"submit_s": submitted_s, "total_s": time.perf_counter() - began}


def waits(backlog: int, duration_s: float, asked: int) -> dict[str, object]:
    """Return the waits of one tenant's jobs, one after the other, from their submission on while another's backlog runs."""
    probe = Probe()
    probe.submit(A, number=backlog, duration_s=duration_s)
    until(lambda: probe.succeeded(A) > 0)
    waited = []
    for _ in range(asked):
        job = probe.ended(probe.submit(B, duration_s=duration_s)[0])
        assert job.started_at is not None  # noqa: S101 - a wrong answer is no measurement
        waited.append((job.started_at - job.submitted_at).total_seconds())
    left = backlog - probe.succeeded(A)
    for state in (State.QUEUED, State.RUNNING):
        while page := probe.jobs.find(tenant=A, kind=None, state=state, tag=None, cursor=None, limit=200).jobs:
            for each in page:
                probe.jobs.cancel(each.id)
            if state is State.RUNNING:
                break
    return {"waits_s": waited, "left": left}


def shares(duration_s: float, jobs: int, seconds: float) -> dict[str, object]:
    """Return how many jobs of two backlogs have run after so long, while both were waiting."""
    probe = Probe()
    for _ in range(jobs):
        for tenant in (A, B):
            probe.submit(tenant, duration_s=duration_s)
    before = {tenant: probe.succeeded(tenant) for tenant in (A, B)}
    time.sleep(seconds)
    return {tenant: probe.succeeded(tenant) - before[tenant] for tenant in (A, B)}


def until(holds: Callable[[], bool]) -> None:
    """Wait until something is so."""
    latest = time.monotonic() + LONGEST_S
    while not holds():
        if time.monotonic() > latest:
            raise TimeoutError
        time.sleep(LOOK_S)


def main(arguments: Sequence[str]) -> None:
    """Print one measurement as JSON."""
    name, *given = arguments
    measured = {
        "rate": lambda: rate(int(given[0])),
        "waits": lambda: waits(int(given[0]), float(given[1]), int(given[2])),
        "shares": lambda: shares(float(given[0]), int(given[1]), float(given[2])),
    }[name]()
    print(json.dumps(measured))


if __name__ == "__main__":
    main(sys.argv[1:])
