import pytest

from jobs.errors import Overloaded
from jobs.model import NewJob
from jobs.queue import PING, SIMULATION, Envelope
from stores.memory import MemoryJobs
from stores.memory_queue import MemoryQueue
from web.backlog import Backlog
from web.fullness import Fullness


class Moment:
    """A clock that is set."""

    now = 1.0

    def __call__(self) -> float:
        return self.now


def test_what_was_let_in_since_the_last_look_counts() -> None:
    fullness = Fullness(Backlog(MemoryJobs(), MemoryQueue()), limit=3, look_s=10, clock=Moment())

    for _ in range(3):
        fullness.admit("simulation", tenant="acme")

    # Nothing was sent: looked at again before anyone is refused, the queue is empty.
    fullness.admit("simulation", tenant="acme")


def test_a_full_queue_refuses_and_one_that_was_emptied_does_not() -> None:
    queue, clock = MemoryQueue(), Moment()
    fullness = Fullness(Backlog(MemoryJobs(), queue), limit=2, look_s=10, clock=clock)
    for number in range(2):
        fullness.admit("simulation", tenant="acme")
        queue.send(PING, f"{number}", priority=5)

    with pytest.raises(Overloaded):
        fullness.admit("simulation", tenant="acme")
    fullness.admit("query", tenant="acme")
    with pytest.raises(Overloaded):
        fullness.admit("query", tenant="acme", jobs=3)


def test_a_count_is_good_for_a_while_only() -> None:
    queue, clock = MemoryQueue(), Moment()
    fullness = Fullness(Backlog(MemoryJobs(), queue), limit=2, look_s=10, clock=clock)
    fullness.admit("simulation", tenant="acme")
    for number in range(2):
        queue.send(PING, f"{number}", priority=5)
    clock.now += 10

    with pytest.raises(Overloaded):
        fullness.admit("simulation", tenant="acme")


def test_held_jobs_fill_a_pool_as_messages_do() -> None:
    jobs = MemoryJobs()
    for number in range(5):
        jobs.submit(NewJob(f"{number}", PING.name, {}, "acme"), envelope=Envelope(SIMULATION, f"{number}"))
    fullness = Fullness(Backlog(jobs, MemoryQueue()), limit=3)

    with pytest.raises(Overloaded):
        fullness.admit(SIMULATION, tenant="acme")


def test_a_pool_that_others_have_filled_takes_an_even_part_of_a_tenant() -> None:
    jobs = MemoryJobs()
    for number in range(12):
        jobs.submit(NewJob(f"{number}", PING.name, {}, "acme"), envelope=Envelope(SIMULATION, f"{number}"))
    fullness = Fullness(Backlog(jobs, MemoryQueue()), limit=10, look_s=10, clock=Moment())

    for _ in range(5):
        fullness.admit(SIMULATION, tenant="umbra")

    with pytest.raises(Overloaded):
        fullness.admit(SIMULATION, tenant="acme")
    with pytest.raises(Overloaded):
        fullness.admit(SIMULATION, tenant="third", jobs=6)


def test_a_pool_is_shut_for_everybody_at_twice_its_limit() -> None:
    jobs = MemoryJobs()
    for number in range(2 + 20):
        jobs.submit(NewJob(f"{number}", PING.name, {}, "acme"), envelope=Envelope(SIMULATION, f"{number}"))
    fullness = Fullness(Backlog(jobs, MemoryQueue()), limit=10)

    with pytest.raises(Overloaded):
        fullness.admit(SIMULATION, tenant="umbra")
