"""How large a pool is to be, on series of what was seen of it."""

from collections.abc import Callable, Iterable

import pytest

from deploy.autoscaling.decision import Bounds, Past, Rules, Seen, decide

RULES = Rules(grow_wait_s=3, settle_s=5, idle_s=60)
BOUNDS = Bounds(1, 8)


def played(
    moments: Iterable[float],
    load: Callable[[float, int], tuple[int, float, int]],
    *,
    processes: int = 1,
    bounds: Bounds = BOUNDS,
    rules: Rules = RULES,
    obeys: Callable[[float, int, int], int] = lambda _at, _now, wanted: wanted,
) -> list[tuple[float, int]]:
    """Return when a pool was changed to what; `load` says at a time and size what waits, for how long, and what runs."""
    past, changes = Past(), []
    for at in moments:
        waiting, oldest, busy = load(at, processes)
        wanted, past = decide(Seen(at, waiting, oldest, processes, busy), past, bounds, rules)
        after = obeys(at, processes, wanted)
        if after != processes:
            changes.append((at, after))
        processes = after
    return changes


def test_a_pool_under_a_backlog_doubles_and_rests_between_until_it_is_as_large_as_it_may_be() -> None:
    changes = played(range(60), lambda at, size: (100, at, size))

    assert changes == [(3, 2), (8, 4), (13, 8)]


def test_a_pool_grows_by_no_more_than_what_waits() -> None:
    changes = played(range(20), lambda _at, size: (1 if size < 5 else 0, 10, size), processes=4)

    assert changes == [(0, 5)]


def test_a_short_wait_changes_nothing() -> None:
    changes = played(range(600), lambda _at, size: (50, 2.9, size))

    assert changes == []


def test_an_idle_pool_shrinks_once_the_window_has_passed_and_not_below_its_floor() -> None:
    changes = played(range(200), lambda _at, _size: (0, 0, 0), processes=6, bounds=Bounds(2, 8))

    assert changes == [(60, 2)]


def test_a_pool_that_was_used_in_the_window_keeps_what_it_used() -> None:
    changes = played(range(300), lambda at, _size: (0, 0, 5 if at % 50 == 0 else 1), processes=8)

    assert changes == [(60, 5)]


def test_a_peak_is_forgotten_when_it_is_older_than_the_window() -> None:
    changes = played(range(300), lambda at, _size: (0, 0, 4 if at == 30 else 1), processes=8)

    assert changes == [(60, 4), (91, 1)]


def test_a_burst_and_its_end_are_followed_without_swinging() -> None:
    def load(at: float, size: int) -> tuple[int, float, int]:
        return (40, 10, size) if 100 <= at < 200 else (0, 0, 1)

    changes = played(range(1000), load)

    assert changes == [(100, 2), (105, 4), (110, 8), (260, 1)]


def test_a_load_between_two_sizes_settles_on_the_larger_one() -> None:
    """Three jobs at once: two processes fall behind, four keep up; what ran at once is remembered, so it stays at three."""

    def load(_at: float, size: int) -> tuple[int, float, int]:
        return (3 - size, 10, size) if size < 3 else (0, 0, 3)

    changes = played(range(10_000), load, processes=2)

    assert changes == [(0, 3)]


@pytest.mark.parametrize(("now", "wanted"), [(1, 2), (12, 8)])
def test_a_pool_outside_its_bounds_is_brought_back_at_once(now: int, wanted: int) -> None:
    changes = played(range(3), lambda _at, _size: (0, 0, 0), processes=now, bounds=Bounds(2, 8))

    assert changes == [(0, wanted)]


def test_a_pool_that_does_not_obey_is_asked_again_after_a_rest() -> None:
    asked: list[float] = []

    def refuses(at: float, now: int, wanted: int) -> int:
        if wanted != now:
            asked.append(at)
        return now

    played(range(16), lambda _at, size: (9, 10, size), obeys=refuses)

    assert asked == [0, 5, 10, 15]


@pytest.mark.parametrize(
    ("bounds", "workers", "largest", "found"),
    [
        (Bounds(1, 8), 3, 32, Bounds(3, 8)),
        (Bounds(1, 8), 1, 4, Bounds(1, 4)),
        (Bounds(2, 4), 6, 32, Bounds(6, 6)),
        (Bounds(5, 9), 1, 2, Bounds(2, 2)),
    ],
)
def test_bounds_are_those_that_the_workers_can_keep(bounds: Bounds, workers: int, largest: int, found: Bounds) -> None:
    assert bounds.within(workers, workers * largest) == found


@pytest.mark.parametrize(("least", "most"), [(0, 1), (3, 2)])
def test_bounds_that_cross_are_refused(least: int, most: int) -> None:
    with pytest.raises(ValueError, match="a pool has at least 1"):
        Bounds(least, most)
