"""Held jobs on a farm of real workers: another tenant's backlog is in nobody's way, and whatever is killed, none is lost."""

import os
from collections.abc import Iterable
from signal import SIGKILL

from jobs.model import NewJob, State
from jobs.queue import PING, SIMULATION
from tests.farm.conftest import Farm, child_of
from tests.farm.kinds import SUM
from tests.servers import eventually
from workers.lifecycle import send

TENANTS = ("acme", "umbra")


def names(tenant: str, number: int) -> list[str]:
    return [f"{tenant}-{index}" for index in range(number)]


def submit(farm: Farm, ids: Iterable[str], *, duration_s: float = 0.1) -> list[str]:
    """Record and post pings, as web does, each of the tenant that its id begins with."""
    submitted = []
    for job_id in ids:
        job = NewJob(job_id, PING.name, {"echo": job_id, "duration_s": duration_s}, job_id.partition("-")[0])
        farm.jobs.submit(job, envelope=farm.queue.envelope(PING, job_id, priority=job.priority))
        submitted.append(job_id)
    return submitted


def in_state(farm: Farm, ids: Iterable[str], state: State) -> list[str]:
    return [job.id for job in farm.jobs.many(list(ids)).values() if job.state is state]


def succeeded(farm: Farm, ids: list[str], number: int) -> None:
    """Wait until so many jobs have succeeded."""
    eventually(lambda: len(in_state(farm, ids, State.SUCCEEDED)) >= number, what=f"{number} of {len(ids)} succeeded")


def test_a_job_does_not_wait_for_another_tenants_backlog(farm: Farm) -> None:
    backlog = submit(farm, names("acme", 40))
    farm.start("one")
    succeeded(farm, backlog, 1)

    submit(farm, ["umbra-0"])

    farm.until("umbra-0", State.SUCCEEDED)
    assert len(in_state(farm, backlog, State.QUEUED)) > 20
    for job_id in backlog:
        farm.jobs.cancel(job_id)
    eventually(lambda: farm.queue.depth(SIMULATION) == 0)


def test_no_held_job_is_lost_whatever_is_killed(farm: Farm) -> None:
    farm.start("one")
    farm.start("two")
    ids = submit(farm, (job_id for pair in zip(*(names(each, 30) for each in TENANTS), strict=True) for job_id in pair))
    assert sum(farm.jobs.held(SIMULATION).values()) > 30

    farm.server.kill()
    farm.server.start()
    succeeded(farm, ids, 6)
    eventually(lambda: (running := in_state(farm, ids, State.RUNNING)) and _kill_child(farm, running[0]))
    succeeded(farm, ids, 12)
    farm.redis.delete(SIMULATION)
    succeeded(farm, ids, 18)
    farm.kill("two")
    succeeded(farm, ids, 24)
    farm.server.kill()
    farm.server.start()
    succeeded(farm, ids, len(ids))

    jobs = farm.jobs.many(ids).values()
    assert [job.id for job in jobs if job.result != {"echo": job.id}] == []
    assert farm.jobs.held(SIMULATION) == {}
    # What was killed amid a job costs a second attempt; nothing else runs twice.
    assert sum(job.attempts for job in jobs) <= len(ids) + 4


def test_a_message_that_vanished_is_sent_again_while_others_keep_the_queue_full(farm: Farm) -> None:
    # The first one's, as if a worker had died with it.
    backlog = submit(farm, names("acme", 150))
    farm.redis.rpop(SIMULATION)

    farm.start("one")

    farm.until("acme-0", State.SUCCEEDED, within_s=60)
    assert in_state(farm, backlog, State.QUEUED)
    for job_id in backlog:
        farm.jobs.cancel(job_id)


def test_parts_of_a_job_that_are_held_end_it_whoever_is_killed(farm: Farm) -> None:
    backlog = submit(farm, names("acme", 30))
    farm.start("one")
    farm.start("two")
    job, _ = farm.jobs.submit(NewJob("job", SUM.name, {"parts": 8, "duration_s": 0.2}, "umbra"))
    send(job, farm.jobs, farm.queue)

    succeeded(farm, [f"job.{index}" for index in range(8)], 2)
    farm.kill("two")

    assert farm.until("job", State.SUCCEEDED, State.FAILED, within_s=60).result == {"done": True}
    succeeded(farm, backlog, len(backlog))


def _kill_child(farm: Farm, job_id: str) -> bool:
    job = farm.jobs.get(job_id)
    if job.state is not State.RUNNING:
        return False
    os.kill(child_of(job), SIGKILL)
    return True
