from collections.abc import Callable

import pytest

from jobs.errors import OutOfBudget, StoreUnavailable
from workers.query.budget import Budget


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def budget(clock: Callable[[], float], seconds: float = 5.0) -> Budget:
    return Budget(clock, seconds=seconds, nodes=10)


def test_a_statement_has_its_share_and_never_more_than_is_left() -> None:
    clock = Clock()
    account = budget(clock)

    with account.ask("graph", share=0.5) as seconds:
        clock.now += 4
    with account.ask("graph", share=0.5) as rest:
        pass

    assert (seconds, rest) == (2.5, 1.0)
    assert account.timings == {"graph": 4.0}
    assert account.spent.statements == 2
    assert account.degraded == ()


def test_nothing_is_asked_when_no_time_is_left() -> None:
    clock = Clock()
    account = budget(clock)
    clock.now += 6

    with pytest.raises(OutOfBudget), account.ask("words"):
        pytest.fail("asked")

    assert account.degraded == ("words: out of time",)
    assert account.truncated
    assert account.left_s == 0
    assert account.spent.statements == 0


def test_a_store_that_failed_is_named_once_and_not_asked_again() -> None:
    account = budget(Clock())

    with pytest.raises(StoreUnavailable, match="gone"), account.ask("vector"):
        raise StoreUnavailable("gone")
    with pytest.raises(StoreUnavailable), account.ask("vector"):
        pytest.fail("asked again")
    with account.ask("words"):
        pass

    assert account.degraded == ("vector: did not answer",)


def test_nodes_hops_and_what_was_cut_short_are_accounted_for() -> None:
    account = budget(Clock())

    account.visited(3, hops=2)
    account.visited(4, hops=1, truncated=True)
    account.visited(9)

    assert (account.spent.nodes, account.spent.hops, account.nodes_left, account.truncated) == (16, 2, 0, True)


def test_what_is_less_than_it_could_be_is_said_once() -> None:
    account = budget(Clock())

    account.note("names: of data version 3")
    account.note("names: of data version 3")
    account.lost("graph", StoreUnavailable("gone"))

    assert account.degraded == ("graph: did not answer", "names: of data version 3")
