import pytest

from jobs.errors import Overloaded
from jobs.queue import PING
from stores.memory_queue import MemoryQueue
from web.fullness import Fullness


class Moment:
    """A clock that is set."""

    now = 1.0

    def __call__(self) -> float:
        return self.now


def test_what_was_let_in_since_the_last_look_counts() -> None:
    fullness = Fullness(MemoryQueue(), limit=3, look_s=10, clock=Moment())

    for _ in range(3):
        fullness.admit("simulation")

    # Nothing was sent: looked at again before anyone is refused, the queue is empty.
    fullness.admit("simulation")


def test_a_full_queue_refuses_and_one_that_was_emptied_does_not() -> None:
    queue, clock = MemoryQueue(), Moment()
    fullness = Fullness(queue, limit=2, look_s=10, clock=clock)
    for number in range(2):
        fullness.admit("simulation")
        queue.send(PING, f"{number}", priority=5)

    with pytest.raises(Overloaded):
        fullness.admit("simulation")
    fullness.admit("query")
    with pytest.raises(Overloaded):
        fullness.admit("query", 3)


def test_a_count_is_good_for_a_while_only() -> None:
    queue, clock = MemoryQueue(), Moment()
    fullness = Fullness(queue, limit=2, look_s=10, clock=clock)
    fullness.admit("simulation")
    for number in range(2):
        queue.send(PING, f"{number}", priority=5)
    clock.now += 10

    with pytest.raises(Overloaded):
        fullness.admit("simulation")
