import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from workers.query.figures import Interval, Sample, contradict, of_correlation, of_mean, of_share, shown, welch_p
from workers.query.quantiles import student_quantile, student_tail


@pytest.mark.parametrize("freedom", [1, 2, 3.7, 10, 99, 5000, 99_999, 1e6])
def test_students_distribution_agrees_with_scipy(freedom: float) -> None:
    for t in (0.0, 0.1, 1.0, 2.5, 6.0, 20.0):
        assert student_tail(t, freedom) == pytest.approx(2 * stats.t.sf(t, freedom), rel=2e-2 if t > 5 else 1e-4)
    for level in (0.5, 0.95, 0.999):
        assert student_quantile(level, freedom) == pytest.approx(stats.t.ppf((1 + level) / 2, freedom), rel=2e-5)


def test_the_interval_of_a_mean_is_scipys() -> None:
    values = np.random.default_rng(7).normal(3, 2, 25)

    interval = of_mean(float(values.mean()), float(values.std(ddof=1)), len(values))

    low, high = stats.t.interval(0.95, len(values) - 1, values.mean(), stats.sem(values))
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((low, high), rel=1e-9)


def test_no_interval_is_made_up_where_nothing_was_repeated() -> None:
    assert of_mean(1.0, None, 10) is None
    assert of_mean(1.0, 0.5, 1) is None
    assert of_share(0, 0) is None
    assert of_correlation(0.5, 3) is None
    assert welch_p(Sample(1, None, 9), Sample(2, 1, 9)) is None


@given(st.integers(1, 500).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_a_proportion_lies_within_its_interval(case: tuple[int, int]) -> None:
    count, total = case

    interval = of_share(count, total)

    assert interval is not None
    assert 0 <= interval.low <= count / total <= interval.high <= 1
    reference = stats.binomtest(count, total).proportion_ci(0.95, method="wilson")
    assert (interval.low, interval.high) == pytest.approx((reference.low, reference.high), abs=1e-9)


def test_the_interval_of_a_correlation_is_scipys() -> None:
    generator = np.random.default_rng(7)
    x = generator.normal(size=80)
    result = stats.pearsonr(x, x + generator.normal(size=80))

    interval = of_correlation(float(result.statistic), 80)

    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx(tuple(result.confidence_interval(0.95)), rel=1e-9)


@given(st.floats(-5, 5), st.floats(0.1, 3), st.integers(2, 50), st.floats(0.1, 3), st.integers(2, 50))
def test_welchs_test_is_scipys(shift: float, sd_a: float, n_a: int, sd_b: float, n_b: int) -> None:
    expected = stats.ttest_ind_from_stats(0, sd_a, n_a, shift, sd_b, n_b, equal_var=False).pvalue

    assert welch_p(Sample(0, sd_a, n_a), Sample(shift, sd_b, n_b)) == pytest.approx(expected, rel=1e-6, abs=1e-12)


def test_measurements_contradict_only_beyond_chance_over_all_comparisons() -> None:
    near, far = Sample(1.0, 0.1, 50), Sample(1.5, 0.1, 50)

    assert contradict([near, far])
    assert not contradict([near, Sample(1.01, 0.1, 50)])
    assert not contradict([near])
    # One pair at p = 0.004 is beyond 1 %, but not among the 28 pairs of eight batches.
    edge = Sample(1.0583, 0.1, 50)
    p = welch_p(near, edge)
    assert p is not None
    assert 0.001 < p < 0.01
    assert contradict([near, edge])
    assert not contradict([near, edge, *[Sample(1.03, 0.1, 50)] * 6])


def test_two_constants_that_differ_contradict_each_other() -> None:
    assert contradict([Sample(1, 0, 5), Sample(2, 0, 5)])
    assert not contradict([Sample(1, 0, 5), Sample(1, 0, 5)])


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.00213, "uJ", "2.13 nJ"),
        (5.0, "uJ", "5 µJ"),
        (1250.0, "uJ", "1.25 mJ"),
        (0, "uJ", "0 µJ"),
        (2.5e-12, "uJ", "0.0025 fJ"),
        (1500, "us", "1.5 ms"),
        (36.6, "degC", "36.6 °C"),
        (12, None, "12"),
        (-12.3456, None, "-12.35"),
        (1e-9, None, "1.00e-09"),
        (2048, "B", "2 KiB"),
        (1_700_000_000, "s", "2023-11-14 22:13 UTC"),
        (12.5, "s", "12.5 s"),
        (3.25, "a.u.", "3.25 a.u."),
    ],
)
def test_a_figure_is_written_in_a_unit_of_its_size(value: float, unit: str | None, text: str) -> None:
    assert shown(value, unit) == text


def test_an_interval_says_how_many_digits_are_worth_writing() -> None:
    assert shown(0.0021345678, "uJ", Interval(0.0021, 0.00217)) == "2.135 (2.100 … 2.170) nJ"
    assert shown(123.456, None, Interval(100, 146)) == "123 (100 … 146)"
    assert shown(5, None, Interval(5, 5)) == "5 (5 … 5)"


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["uJ", "us", "B", "degC", "s", None]))
def test_any_number_can_be_written(value: float, unit: str | None) -> None:
    assert shown(value, unit)
    assert math.isfinite(value)
