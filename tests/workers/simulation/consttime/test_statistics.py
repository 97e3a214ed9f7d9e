"""The tests behind the check: against others' implementations, on data that differ, and on data that do not."""

import math

import numpy as np
import pytest
from scipy import stats

from workers.simulation.consttime.contingency import log10_chance, of_addresses
from workers.simulation.consttime.cycles import welch

SEEDS = 2000


def test_welch_is_that_of_scipy() -> None:
    rng = np.random.default_rng(7)
    fixed, random = rng.poisson(100, 60).astype(np.int64), rng.poisson(103, 90).astype(np.int64)

    found = welch(fixed, random)

    expected = stats.ttest_ind(fixed, random, equal_var=False)
    assert found.t == pytest.approx(expected.statistic, rel=1e-12)
    assert found.p_log10 == pytest.approx(math.log10(expected.pvalue), rel=1e-9)


def test_constant_cycles_are_equal_or_differ_without_any_doubt() -> None:
    same, other = np.full(20, 50, np.int64), np.full(20, 51, np.int64)

    assert (welch(same, same).t, welch(same, same).p_log10) == (0.0, 0.0)
    assert (welch(other, same).t, welch(same, other).t) == (math.inf, -math.inf)
    assert welch(same, other).p_log10 == -math.inf


def test_one_execution_alone_is_no_set() -> None:
    with pytest.raises(ValueError, match="no variance"):
        welch(np.array([5], np.int64), np.array([5, 6], np.int64))


def test_with_random_labels_the_cycle_test_rejects_at_its_level() -> None:
    rng = np.random.default_rng(7)
    # As of an early-exit compare: most executions stop at the first byte, each further one takes six cycles.
    cycles = 20 + 6 * np.minimum(rng.geometric(0.6, SEEDS * 400).reshape(SEEDS, 400) - 1, 16)
    rejected = dict.fromkeys((0.05, 0.01), 0)

    for row in cycles:
        labels = rng.permutation(400) < 200
        p_log10 = welch(row[labels], row[~labels]).p_log10
        for level in rejected:
            rejected[level] += p_log10 < math.log10(level)

    for level, count in rejected.items():
        # Four standard deviations of a binomial law around the stated rate.
        assert abs(count - level * SEEDS) < 4 * math.sqrt(level * (1 - level) * SEEDS)


def test_cycles_that_depend_on_the_secret_are_seen() -> None:
    rng = np.random.default_rng(7)
    noise = rng.integers(0, 8, (2, 500))

    found = welch(100 + noise[0], 101 + noise[1])

    assert found.t < -4.5
    assert found.p_log10 < -5


def test_a_table_with_equal_shares_is_no_surprise_and_one_with_unequal_ones_is() -> None:
    assert log10_chance(np.array([50, 50]), np.array([50, 50])) == 0.0
    expected = math.log10(stats.chi2_contingency([[90, 10], [50, 50]], correction=False).pvalue)
    assert log10_chance(np.array([90, 10]), np.array([50, 50])) == pytest.approx(expected, rel=1e-9)


def test_a_chance_too_small_for_a_number_has_a_logarithm() -> None:
    found = log10_chance(np.array([100_000, 0]), np.array([0, 100_000]))

    assert -50_000 < found < -40_000


@pytest.mark.parametrize("counts", [([200], [200]), ([3, 0], [0, 3]), ([200, 1], [200, 0])])
def test_of_few_executions_nothing_is_said(counts: tuple[list[int], list[int]]) -> None:
    assert log10_chance(np.array(counts[0]), np.array(counts[1])) == 0.0


@pytest.mark.parametrize("values", [2, 16, 256, 100_000])
def test_with_random_labels_the_address_test_rejects_no_more_often_than_its_level(values: int) -> None:
    rng = np.random.default_rng(values)
    count = 0

    for _ in range(SEEDS):
        addresses = (0x20000000 + 4 * rng.integers(0, values, 250)).astype(np.uint32)
        count += of_addresses(addresses, np.arange(250) % 2 == 0) < math.log10(0.05)

    assert count < 0.05 * SEEDS + 4 * math.sqrt(0.05 * 0.95 * SEEDS)


def test_an_address_that_follows_the_secret_is_seen_in_its_bits_and_in_its_range() -> None:
    rng = np.random.default_rng(7)
    is_random = np.arange(250) % 2 == 0
    table = 0x08000700
    fixed = np.full(250, table + 0x53, np.uint32)
    masked = table + rng.integers(0, 256, 250)
    low_bit = masked & ~1 | np.where(is_random, rng.integers(0, 2, 250), 1)
    half = table + np.where(is_random, rng.integers(0, 256, 250), rng.integers(0, 128, 250))

    for differing in (np.where(is_random, masked, fixed), low_bit, half):
        assert of_addresses(differing.astype(np.uint32), is_random) < -6
    assert of_addresses(masked.astype(np.uint32), is_random) > -3
