"""Correlation by matrix products, against a loop over pairs."""

import numpy as np
import pytest

from workers.query.correlation import BINS, MIN_OVERLAP, STRONG, STRONGEST, binned, correlated
from workers.query.measured import Series


def naive(means: np.ndarray) -> dict[tuple[int, int], tuple[float, int]]:
    found = {}
    for first in range(len(means)):
        for second in range(first + 1, len(means)):
            both = ~np.isnan(means[first]) & ~np.isnan(means[second])
            x, y = means[first][both], means[second][both]
            if both.sum() >= MIN_OVERLAP and np.ptp(x) > 0 and np.ptp(y) > 0:
                weight = float(np.corrcoef(x, y)[0, 1])
                if weight > STRONG:
                    found[first, second] = (weight, int(both.sum()))
    strongest = set()
    for index in range(len(means)):
        mine = sorted((pair for pair in found if index in pair), key=lambda pair: -found[pair][0])
        strongest |= set(mine[:STRONGEST])
    return {pair: found[pair] for pair in sorted(strongest)}


def waves(rng: np.random.Generator, series: int, *, missing: float) -> np.ndarray:
    base = rng.normal(size=(5, BINS))
    values = 3.0e-3 + 1e-5 * (base[rng.integers(0, 5, series)] + rng.normal(0, 0.6, (series, BINS)))
    values[rng.random(values.shape) < missing] = np.nan
    return values


@pytest.mark.parametrize("missing", [0.0, 0.2, 0.4])
def test_the_pairs_and_their_weights_are_those_of_a_loop_over_all_pairs(missing: float) -> None:
    means = waves(np.random.default_rng(7), 100, missing=missing)

    found = {(pair.first, pair.second): (pair.weight, pair.overlap) for pair in correlated(means, block=32)}

    expected = naive(means)
    assert len(expected) > 20
    assert found.keys() == expected.keys()
    for key, (weight, overlap) in expected.items():
        assert found[key][0] == pytest.approx(weight, abs=1e-9)
        assert found[key][1] == overlap


def test_a_constant_series_goes_with_none_and_opposites_do_not_go_together() -> None:
    wave = np.sin(np.linspace(0, 9, BINS))
    means = np.stack([wave, 2 * wave + 1, -wave, np.full(BINS, 3.0), np.full(BINS, np.nan)])

    found = correlated(means)

    assert [(pair.first, pair.second, pair.overlap) for pair in found] == [(0, 1, BINS)]
    assert found[0].weight == pytest.approx(1)


def test_fewer_common_bins_than_needed_say_nothing() -> None:
    wave = np.sin(np.linspace(0, 9, BINS))
    few, enough = (
        np.where(np.arange(BINS) < MIN_OVERLAP - 1, wave, np.nan),
        np.where(np.arange(BINS) < MIN_OVERLAP, wave, np.nan),
    )

    assert correlated(np.stack([wave, few])) == []
    assert len(correlated(np.stack([wave, enough]))) == 1


def test_each_series_keeps_its_ten_strongest() -> None:
    rng = np.random.default_rng(7)
    means = rng.normal(size=BINS) + 0.1 * rng.normal(size=(40, BINS))

    found = {(pair.first, pair.second) for pair in correlated(means)}

    assert found == naive(means).keys()
    assert len(found) < 40 * 39 // 2


def test_samples_fall_into_equal_bins_of_time_whatever_their_order() -> None:
    times = np.array([6.4, 0.0, 0.05, 6.39, 3.2])
    values = np.array([5.0, 1.0, 3.0, np.nan, 7.0])
    codes = np.array([0, 0, 0, 0, -1], np.int32)

    means = binned(Series(codes, times, values), 2)

    assert means.shape == (2, BINS)
    assert (means[0, 0], means[0, -1]) == (2.0, 5.0)
    assert np.isnan(means[0, 1:-1]).all()
    assert np.isnan(means[1]).all()


def test_a_file_of_one_moment_has_one_bin() -> None:
    means = binned(Series(np.zeros(3, np.int32), np.ones(3), np.arange(3.0)), 1)

    assert means.tolist() == [[1.0]]
