"""The farm's application with jobs that only tests have: `celery -A tests.farm.app worker -Q simulation`."""

import os
import signal
import time
from collections.abc import Mapping
from typing import Any

from jobs.attempt import Attempt, Split
from jobs.errors import SimulatorLost
from jobs.model import Job, NewJob, Progress
from jobs.queue import KINDS
from tests.farm.kinds import FLAKY, PART, POISON, STUBBORN, SUM, TEST_KINDS
from workers.app import celery

KINDS.update(TEST_KINDS)

__all__ = ["celery"]


@celery.task(name=POISON.task)
def run_poison(_job: Job, _attempt: Attempt) -> Mapping[str, Any]:
    """Kill the process that runs it."""
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


@celery.task(name=FLAKY.task)
def run_flaky(job: Job, _attempt: Attempt) -> Mapping[str, Any]:
    """Fail for a passing reason the first time."""
    if job.attempts == 1:
        raise SimulatorLost("the simulator went away")
    return {"attempts": job.attempts}


@celery.task(name=STUBBORN.task)
def run_stubborn(_job: Job, _attempt: Attempt) -> Mapping[str, Any]:
    """Never look whether it should stop."""
    time.sleep(60)
    return {}


@celery.task(name=SUM.task)
def run_sum(job: Job, _attempt: Attempt) -> Mapping[str, Any] | Split:
    """Split into `parts` parts, one of them poison if so asked; and add up what they leave."""
    if job.parent is not None:
        return {"done": True}
    poison = job.params.get("poison")
    parts = [
        NewJob(
            f"{job.id}.{index}", (POISON if index == poison else PART).name, {"duration_s": job.params["duration_s"]}
        )
        for index in range(job.params["parts"])
    ]
    return Split(parts, NewJob(f"{job.id}.sum", SUM.name, {}))


@celery.task(name=PART.task)
def run_part(job: Job, attempt: Attempt) -> Mapping[str, Any]:
    """Take a while, in tenths of a second."""
    total = round(10 * job.params["duration_s"])
    for done in range(total):
        attempt.check()
        attempt.report(Progress(done, total, "tenths"))
        time.sleep(0.1)
    return {}
