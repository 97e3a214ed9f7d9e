import itertools
import math

import numpy as np
import pytest
from scipy import stats

from workers.remforge.trend import EXACT_UP_TO, trend


@pytest.mark.parametrize("count", [4, 5, 9, 30, EXACT_UP_TO])
def test_slope_and_exact_p_are_those_of_scipy(count: int) -> None:
    rng = np.random.default_rng(count)
    positions, values = np.sort(rng.choice(200, count, replace=False)), rng.normal(size=count)

    found = trend(list(positions), list(values))

    assert found.method == "exact"
    assert found.slope == pytest.approx(stats.theilslopes(values, positions).slope, rel=1e-12)
    assert found.p == pytest.approx(stats.kendalltau(positions, values, method="exact").pvalue, rel=1e-9)


@pytest.mark.parametrize("count", [5, 6, 7])
def test_the_interval_holds_a_slope_of_nothing_in_95_of_100_orders_and_no_wider_than_it_must(count: int) -> None:
    orders = list(itertools.permutations(range(count)))
    found = [trend(range(count), order) for order in orders]
    intervals = [(one.low, one.high) for one in found if one.low is not None and one.high is not None]

    holding = sum(low <= 0 <= high for low, high in intervals)
    # Of an untied order no slope is 0, so an end cannot fall on it.
    refused = sum(one.p <= 0.05 for one in found)

    assert len(intervals) == len(orders)
    assert holding >= 0.95 * len(orders)
    assert len(orders) - holding == refused


def test_four_values_have_a_slope_and_no_interval() -> None:
    found = trend([1, 2, 3, 4], [0.1, 0.2, 0.3, 0.4])

    assert found.slope == pytest.approx(0.1)
    assert (found.low, found.high, found.s) == (None, None, 6)
    assert found.interval_absent == "4 values are too few for an interval of 95 %"
    assert found.p == pytest.approx(2 / math.factorial(4))


@pytest.mark.parametrize(("positions", "values"), [([1, 2, 3], [0, 1, 2]), ([1, 1, 2, 3], [0, 1, 2, 3]), ([1, 2], [1])])
def test_too_few_values_and_positions_that_do_not_rise_are_refused(positions: list[float], values: list[float]) -> None:
    with pytest.raises(ValueError, match="at least 4 values at rising positions"):
        trend(positions, values)


def test_ties_take_the_normal_approximation_with_its_corrections() -> None:
    values = [0.0, 0.0, 1.0, 1.0, 1.0, 2.0, 0.0, 3.0, 2.0, 4.0]

    found = trend(range(10), values)

    s = sum(np.sign(later - earlier) for earlier, later in itertools.combinations(values, 2))
    variance = (10 * 9 * 25 - sum(t * (t - 1) * (2 * t + 5) for t in (3, 3, 2))) / 18
    assert (found.method, found.s) == ("normal", s)
    assert found.p == pytest.approx(2 * stats.norm.sf((s - 1) / math.sqrt(variance)), rel=1e-9)


def test_many_values_have_an_interval_like_scipys() -> None:
    rng = np.random.default_rng(7)
    values = 0.01 * np.arange(300) + rng.normal(size=300)

    found = trend(range(300), list(values))

    reference = stats.theilslopes(values, np.arange(300))
    assert found.method == "normal"
    assert found.low == pytest.approx(reference.low_slope, abs=2e-5)
    assert found.high == pytest.approx(reference.high_slope, abs=2e-5)


def test_equal_values_have_no_trend_and_no_interval() -> None:
    found = trend(range(9), [0.25] * 9)

    assert (found.slope, found.s, found.p, found.low) == (0, 0, 1, None)
    assert found.interval_absent == "all values are equal"


def test_one_wild_value_does_not_move_the_slope() -> None:
    values = [0.1 * at for at in range(20)]

    found = trend(range(20), [*values[:10], -1000.0, *values[11:]])

    assert found.slope == pytest.approx(0.1, rel=0.02)
    assert found.intercept == pytest.approx(0, abs=0.02)


def test_a_falling_series_mirrors_a_rising_one() -> None:
    values = list(np.random.default_rng(3).normal(size=25))

    up, down = trend(range(25), values), trend(range(25), [-value for value in values])

    assert (up.slope, up.s, up.p) == (-down.slope, -down.s, down.p)
    assert up.low is not None
    assert up.low == -(down.high or 0)
