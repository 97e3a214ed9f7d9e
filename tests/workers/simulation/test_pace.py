"""The size of batches: large where executions are fast, never so large that nothing is looked at for long."""

import pytest

from workers.simulation.pace import AIM_S, ENGINE_ROWS, LONGEST_S, MOST_BYTES, MOST_ROWS, Pace


def settled(
    of_one_s: float, *, path_length: int = 4412, max_cycles: int = 100_000, lanes_s: float | None = None
) -> Pace:
    """Run batches of an engine that takes so long for an execution, or `lanes_s` where it runs many at once."""
    pace = Pace(path_length=path_length, max_cycles=max_cycles, input_bytes=32)
    for _ in range(20):
        fast = lanes_s if lanes_s is not None and pace.rows >= ENGINE_ROWS else of_one_s
        pace.took(pace.rows, pace.rows * fast)
    return pace


@pytest.mark.parametrize("of_one_s", [1e-7, 1e-6, 5e-5, 1e-3, 1e-2, 1.0])
def test_a_batch_takes_about_what_it_should(of_one_s: float) -> None:
    rows = settled(of_one_s).rows

    assert rows in {MOST_ROWS, ENGINE_ROWS, 1} or 0.5 * AIM_S < rows * of_one_s <= AIM_S
    assert rows * of_one_s <= LONGEST_S or rows == 1


def test_the_first_batch_is_bounded_by_the_path_and_by_the_budget() -> None:
    assert Pace(path_length=1_000_000, max_cycles=2_000_000, input_bytes=16).rows == 20
    assert Pace(path_length=100, max_cycles=50_000_000, input_bytes=16).rows == 1
    assert Pace(path_length=0, max_cycles=1, input_bytes=0).rows == MOST_ROWS


def test_an_engine_that_wants_many_is_given_them_where_that_does_not_take_long() -> None:
    assert settled(4e-3, path_length=300_000, max_cycles=2_000_000, lanes_s=1e-4).rows == int(AIM_S / 1e-4)
    assert settled(4e-3, path_length=300_000, max_cycles=2_000_000).rows == ENGINE_ROWS
    assert settled(2e-2, path_length=300_000, max_cycles=2_000_000).rows < ENGINE_ROWS


def test_the_rest_of_a_range_changes_nothing_and_a_slow_batch_does() -> None:
    pace = settled(1e-5)
    before = pace.rows

    pace.took(3, 0.01)
    after_rest = pace.rows
    pace.took(3, 3.0)

    assert after_rest == before
    assert pace.rows == 1


def test_inputs_bound_a_batch() -> None:
    pace = Pace(path_length=100, max_cycles=1000, input_bytes=4096)

    pace.took(pace.rows, 1e-3)

    assert pace.rows == MOST_BYTES // 4096
