"""Welch's test of orders 1 and 2: against scipy, for constants, for p-values far below what a float holds."""

import math
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pytest
from scipy import special, stats

from workers.simulation.moments import LIMIT, Group, PowerSums
from workers.simulation.ttest import (
    ALPHA,
    THRESHOLD,
    corrected_threshold,
    minimum_effect,
    p_log10,
    traces_needed,
    welch,
)

Traces = npt.NDArray[np.int16]


def group(traces: Traces) -> Group:
    sums = PowerSums(1, traces.shape[1])
    sums.update(traces, np.zeros(len(traces), np.uint8))
    return sums.union([0])


def column(*values: int) -> Traces:
    return np.array(values, np.int16)[:, None]


@pytest.mark.parametrize(("n_a", "n_b"), [(500, 480), (30, 700), (5, 4), (3, 3)])
def test_both_orders_equal_scipy_on_the_traces_themselves(n_a: int, n_b: int) -> None:
    rng = np.random.default_rng(7)
    a = np.clip(rng.normal(3, 60, (n_a, 50)), -LIMIT, LIMIT).astype(np.int16)
    b = np.clip(rng.normal(-2, 80, (n_b, 50)), -LIMIT, LIMIT).astype(np.int16)

    result = welch(group(a), group(b))

    first = stats.ttest_ind(a.astype(float), b.astype(float), equal_var=False)
    squares = [(x - x.mean(axis=0)) ** 2 for x in (a.astype(float), b.astype(float))]
    second = stats.ttest_ind(*squares, equal_var=False)
    np.testing.assert_allclose(result.t1, first.statistic, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(result.t2, second.statistic, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(result.p_log10_1, np.log10(first.pvalue), rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(result.p_log10_2, np.log10(second.pvalue), rtol=1e-7, atol=1e-9)
    assert not result.deterministic.any()


def test_swapping_the_sets_changes_the_sign_alone() -> None:
    rng = np.random.default_rng(8)
    a, b = (group(rng.integers(-9, 9, (n, 20)).astype(np.int16)) for n in (60, 40))

    there, back = welch(a, b), welch(b, a)

    np.testing.assert_array_equal(there.t1, -back.t1)
    np.testing.assert_array_equal(there.t2, -back.t2)
    np.testing.assert_array_equal(there.p_log10_2, back.p_log10_2)


def test_a_second_order_leak_shows_at_order_two_alone() -> None:
    rng = np.random.default_rng(9)
    a, b = rng.normal(0, 20, (4000, 1)), rng.normal(0, 24, (4000, 1))

    result = welch(group(np.rint(a).astype(np.int16)), group(np.rint(b).astype(np.int16)))

    assert abs(result.t1[0]) < THRESHOLD < abs(result.t2[0])


def test_equal_constants_are_no_leak() -> None:
    result = welch(group(np.full((40, 2), 3, np.int16)), group(np.full((60, 2), 3, np.int16)))

    assert not result.t1.any()
    assert not result.t2.any()
    assert not result.p_log10_1.any()
    assert not result.deterministic.any()


def test_different_constants_are_a_deterministic_leak() -> None:
    result = welch(group(np.array([[3, 5]] * 500, np.int16)), group(np.array([[4, -5]] * 400, np.int16)))

    assert result.t1.tolist() == [-math.inf, math.inf]
    assert result.t2.tolist() == [0, 0]
    assert result.deterministic.all()
    assert result.p_log10_1[0] == pytest.approx(math.log10(Fraction(2, math.comb(900, 500))), rel=1e-9)


def test_four_traces_that_differ_prove_little() -> None:
    """Two constants by chance: of the six ways to split 1, 1, 2, 2, two look like this."""
    result = welch(group(column(1, 1)), group(column(2, 2)))

    assert result.t1[0] == -math.inf
    assert result.p_log10_1[0] == pytest.approx(math.log10(2 / 6))


def test_one_varying_set_is_a_plain_test() -> None:
    result = welch(group(column(0, 1, 0, 1, 1)), group(column(0, 0, 0, 0)))

    expected = stats.ttest_ind([0, 1, 0, 1, 1], [0, 0, 0, 0], equal_var=False)
    assert result.t1[0] == pytest.approx(expected.statistic)
    assert not result.deterministic[0]


def test_balanced_values_against_a_constant_are_infinite_at_order_two() -> None:
    result = welch(group(column(0, 0, 1, 1)), group(column(0, 0, 0, 0)))

    assert result.t2[0] == math.inf
    assert result.p_log10_2[0] == pytest.approx(math.log10(2 * 15 / 70))
    assert math.isfinite(result.t1[0])
    assert not result.deterministic[0]


@pytest.mark.parametrize(("n_a", "n_b"), [(0, 9), (1, 9), (9, 1), (0, 0)])
def test_a_set_without_a_variance_says_nothing(n_a: int, n_b: int) -> None:
    result = welch(group(np.full((n_a, 2), 5, np.int16)), group(np.full((n_b, 2), 7, np.int16)))

    for values in (result.t1, result.t2, result.p_log10_1, result.p_log10_2):
        assert not values.any()
    assert not result.deterministic.any()


def test_two_traces_say_nothing_at_order_two() -> None:
    result = welch(group(column(1, 5)), group(column(1, 2, 9, 4)))

    assert result.t2[0] == 0
    assert result.p_log10_2[0] == 0


def test_sets_of_other_widths_are_refused() -> None:
    with pytest.raises(ValueError, match="3 and 4 samples"):
        welch(group(np.zeros((4, 3), np.int16)), group(np.zeros((4, 4), np.int16)))


@pytest.mark.parametrize("freedom", [1.0, 2.5, 30.0, 998.0, 1e5, 1e8])
@pytest.mark.parametrize("t", [0.0, 1e-3, 1.0, 4.5, 30.0])
def test_p_values_equal_scipy_where_a_float_holds_them(t: float, freedom: float) -> None:
    expected = 2 * stats.t.sf(t, freedom)

    assert 10 ** p_log10(np.array([t]), np.array([freedom]))[0] == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(
    ("t", "freedom", "log10_p"),
    [
        (32.0, 3000.0, -192.84497654653892),
        (54.0, 998.0, -297.68561559725378),
        (300.0, 1998.0, -1663.2633681702456),
        (300.0, 1e8, -19537.037486181607),
        (5000.0, 99.5, -269.75396496211295),
        (40.0, 1e5, -346.38234256246355),
    ],
)
def test_p_values_too_small_for_a_float_are_right_as_logarithms(t: float, freedom: float, log10_p: float) -> None:
    """Reference values by mpmath, 60 digits."""
    assert p_log10(np.array([t]), np.array([freedom]))[0] == pytest.approx(log10_p, rel=1e-11)


def test_logarithms_go_on_smoothly_where_the_formula_changes() -> None:
    t = np.linspace(28, 34, 4001)

    p = p_log10(t, np.full_like(t, 5000.0))

    steps = np.diff(p)
    assert (steps < 0).all()
    assert np.abs(np.diff(steps)).max() < 1e-5


@pytest.mark.parametrize("samples", [1, 100, 4412, 10**7])
def test_the_corrected_threshold_keeps_the_rate_over_all_samples(samples: int) -> None:
    threshold = corrected_threshold(samples)

    each = 2 * special.ndtr(-threshold)
    assert -math.expm1(samples * math.log1p(-each)) == pytest.approx(ALPHA, rel=1e-9)


def test_one_sample_needs_no_correction() -> None:
    assert corrected_threshold(1) == pytest.approx(THRESHOLD, abs=1e-12)
    assert corrected_threshold(4412) == pytest.approx(6.04, abs=0.005)
    with pytest.raises(ValueError, match="0 samples"):
        corrected_threshold(0)


def test_the_minimum_effect_is_found_as_often_as_promised() -> None:
    rng = np.random.default_rng(10)
    n_a, n_b, alpha = 300, 500, 0.01
    effect = minimum_effect(n_a, n_b, alpha, power=0.9)
    scale = 100  # quantised finely, so that rounding plays no part

    a = np.rint(scale * np.clip(rng.normal(effect, 1, (n_a, 4000)), -5, 5)).astype(np.int16)
    b = np.rint(scale * np.clip(rng.normal(0, 1, (n_b, 4000)), -5, 5)).astype(np.int16)
    found = welch(group(a), group(b)).p_log10_1 < math.log10(alpha)

    assert found.mean() == pytest.approx(0.9, abs=0.02)


def test_needed_traces_invert_the_minimum_effect() -> None:
    for effect in (0.05, 0.2, 1.3):
        needed = traces_needed(effect)

        assert needed % 2 == 0
        assert minimum_effect(needed // 2, needed // 2) <= effect < minimum_effect(needed // 2 - 1, needed // 2 - 1)


def test_an_empty_set_finds_no_effect() -> None:
    assert minimum_effect(0, 10) == math.inf
    with pytest.raises(ValueError, match="never found"):
        traces_needed(0.0)
