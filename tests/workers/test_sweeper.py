from threading import Event, Thread

import pytest

from jobs.abilities import Ability
from jobs.model import NewJob, State
from jobs.queue import PING, SIMULATION
from stores.memory import MemoryJobs
from stores.memory_queue import MemoryQueue, MemoryWorkers
from tests.servers import eventually
from workers.sweeper import Sweeper


class Swept:
    """A sweeper and what it sweeps."""

    def __init__(self, *, lease_s: float, lost_s: float) -> None:
        self.forgotten: list[str] = []
        self.is_elsewhere = False
        self.jobs = MemoryJobs(lease_s=lease_s, retention_s=0)
        self.queue = MemoryQueue()
        self.workers = MemoryWorkers()
        self.sweeper = Sweeper(
            self.jobs,
            self.queue,
            self.workers,
            worker="one@here",
            queues=[SIMULATION],
            sweep_s=0.05,
            lost_s=lost_s,
            forget=self.forgotten.append,
            processes=lambda: 3,
            abilities=lambda: {"renode": Ability("1.16.1")},
            is_elsewhere=lambda: self.is_elsewhere,
        )


@pytest.fixture
def swept() -> Swept:
    return Swept(lease_s=0, lost_s=0)


def test_a_job_that_was_never_sent_is_sent(swept: Swept) -> None:
    swept.jobs.submit(NewJob("a", PING.name, {}))

    swept.sweeper.sweep()

    assert swept.queue.take() == (PING, "a")
    assert swept.jobs.lapsed(limit=1) == []


def test_a_job_whose_worker_vanished_is_sent_again(swept: Swept) -> None:
    swept.jobs.submit(NewJob("a", PING.name, {}))
    swept.jobs.start("a", worker="two@here:2", lease_s=0)

    swept.sweeper.sweep()

    assert swept.queue.take() == (PING, "a")
    assert swept.jobs.get("a").state is State.QUEUED


def test_a_message_that_vanished_is_sent_again(swept: Swept) -> None:
    swept.jobs.submit(NewJob("a", PING.name, {}))
    swept.jobs.sent("a")

    swept.sweeper.sweep()

    assert swept.queue.take() == (PING, "a")


def test_jobs_behind_others_in_the_queue_are_not_sent_again(swept: Swept) -> None:
    for job_id in ("a", "b"):
        swept.jobs.submit(NewJob(job_id, PING.name, {}))
        swept.jobs.sent(job_id)
    swept.queue.send(PING, "a", priority=5)

    swept.sweeper.sweep()

    assert swept.queue.depth(SIMULATION) == 1


def test_a_message_that_was_sent_just_now_is_not_sent_again() -> None:
    swept = Swept(lease_s=0, lost_s=60)
    swept.jobs.submit(NewJob("a", PING.name, {}))
    swept.jobs.sent("a")

    swept.sweeper.sweep()

    assert swept.queue.take() is None


def test_expired_jobs_are_forgotten(swept: Swept) -> None:
    swept.jobs.submit(NewJob("a", PING.name, {}))
    swept.jobs.cancel("a")

    swept.sweeper.sweep()

    assert swept.jobs.counts() == {}


def test_a_sweeper_tells_that_its_worker_is_alive_until_it_stops(swept: Swept) -> None:
    swept.sweeper.start()
    eventually(lambda: swept.workers.alive() == {SIMULATION: ["one@here"]})
    assert swept.workers.processes(["one@here"]) == {"one@here": 3}

    swept.sweeper.stop()

    assert swept.workers.alive() == {}


def test_what_an_expired_job_has_left_is_removed(swept: Swept) -> None:
    swept.jobs.submit(NewJob("a", PING.name, {}))
    swept.jobs.start("a", worker="two@here:2", lease_s=60)
    swept.jobs.finish("a", {})

    swept.sweeper.sweep()

    assert swept.forgotten == ["a"]


def test_who_does_not_see_the_farms_files_leaves_expired_jobs_to_others(swept: Swept) -> None:
    swept.jobs.submit(NewJob("a", PING.name, {}))
    swept.jobs.start("a", worker="two@here:2", lease_s=60)
    swept.jobs.finish("a", {})

    swept.is_elsewhere = True
    swept.sweeper.sweep()
    left = [*swept.forgotten]
    swept.is_elsewhere = False
    swept.sweeper.sweep()

    assert (left, swept.forgotten) == ([], ["a"])


def test_a_sweep_that_is_under_way_at_a_stop_does_no_more_and_the_worker_is_gone() -> None:
    begun, goes_on, looked = Event(), Event(), []

    def forget(_job_id: str) -> None:
        begun.set()
        goes_on.wait(10)

    jobs, workers = MemoryJobs(lease_s=0, retention_s=0), MemoryWorkers()
    jobs.submit(NewJob("a", PING.name, {}))
    jobs.cancel("a")
    sweeper = Sweeper(
        jobs,
        MemoryQueue(),
        workers,
        worker="one@here",
        queues=[SIMULATION],
        sweep_s=0.05,
        lost_s=0,
        forget=forget,
        look=lambda: looked.append(1),
    )
    sweeper.start()
    assert begun.wait(10)
    stopping = Thread(target=sweeper.stop)

    stopping.start()
    eventually(lambda: sweeper.is_stopping)
    goes_on.set()
    stopping.join(10)

    assert workers.alive() == {}
    assert looked == []


def test_a_beat_tells_what_the_worker_can_do(swept: Swept) -> None:
    swept.sweeper.beat()

    assert swept.workers.abilities(["one@here"]) == {"one@here": {"renode": Ability("1.16.1")}}
