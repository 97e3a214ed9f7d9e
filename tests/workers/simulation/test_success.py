"""Success rates and entropy: attacks are apart, intervals cover, and nothing is found where nothing is."""

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from workers.simulation.success import designs, information, mean, ranks, share, shuffled, steady


def nothing() -> None:
    """Never stop."""


def channel(count: int, sigma: float, seed: int) -> npt.NDArray[np.float64]:
    """Return true log-likelihoods [n, 256] of a byte whose Hamming weight is seen in noise; the true guess is at 0."""
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 256, count)
    weights = np.bitwise_count(np.arange(256))
    seen = weights[values] + rng.normal(0, sigma, count)
    of_guess = weights[values[:, np.newaxis] ^ np.arange(256)]
    return np.asarray(-((seen[:, np.newaxis] - of_guess) ** 2) / (2 * sigma**2))


def test_attacks_of_one_length_share_no_trace_and_depend_on_the_seed_alone() -> None:
    once, again, other = (
        designs(1000, repetitions=40, seed=3),
        designs(1000, repetitions=40, seed=3),
        designs(1000, repetitions=40, seed=4),
    )

    assert [one.traces for one in once] == sorted({one.traces for one in once})
    assert (once[0].traces, once[-1].traces) == (1, 1000)
    for one in once:
        assert one.attacks == min(40, 1000 // one.traces)
        assert len(np.unique(one.rows)) == one.rows.size == one.attacks * one.traces
    assert all((mine.rows == theirs.rows).all() for mine, theirs in zip(once, again, strict=True))
    assert any((mine.rows != theirs.rows).any() for mine, theirs in zip(once, other, strict=True))
    assert sorted(shuffled(1000, 3, 1)) == list(range(1000))


def test_a_rank_counts_the_guesses_that_are_at_least_as_likely() -> None:
    scores = np.zeros((4, 256))
    scores[:, 1] = [5.0, 0.0, 0.0, 0.0]
    scores[:, 2] = [-1.0, 2.0, -1.0, 2.0]
    scores[:, 3:] = -1.0
    (two,) = [one for one in designs(4, repetitions=9, seed=1) if one.traces == 2]

    found = ranks(scores, two, check=nothing)

    expected = [sum(scores[rows].sum(axis=0)[guess] >= 0 for guess in range(1, 256)) for rows in two.rows]
    assert found.tolist() == expected


def test_more_traces_find_a_byte_more_often_and_all_of_them_surely() -> None:
    scores = channel(4000, 1.0, seed=7)

    found = [ranks(scores, one, check=nothing) for one in designs(4000, repetitions=100, seed=1)]

    right = [float((of_count == 0).mean()) for of_count in found]
    assert right[0] < 0.1
    assert right[-1] == 1.0
    assert right == sorted(right)


def test_scores_without_information_give_ranks_of_chance() -> None:
    right, places, n = 0, [], 0
    for seed in range(40):
        scores = np.random.default_rng(seed).normal(size=(500, 256))
        ten = next(one for one in designs(500, repetitions=50, seed=seed) if one.traces >= 10)
        found = ranks(scores, ten, check=nothing)
        right, n = right + int((found == 0).sum()), n + len(found)
        places.append(found)

    assert stats.binomtest(right, n, 1 / 256).pvalue > 1e-3
    assert stats.kstest(np.concatenate(places) / 255, "uniform").pvalue > 1e-3


@pytest.mark.parametrize("rate", [0.02, 0.5, 0.9])
def test_the_interval_of_a_share_covers_it_in_95_of_100_cases_at_least(rate: float) -> None:
    rng = np.random.default_rng(7)
    covered = 0
    for _ in range(400):
        found = share(rng.random(30) < rate)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= rate <= found.high

    assert stats.binomtest(covered, 400, 0.95, alternative="less").pvalue > 1e-3


def test_the_interval_of_a_share_is_that_of_clopper_and_pearson() -> None:
    for hits in (0, 3, 20):
        found = share(np.arange(20) < hits)
        expected = stats.binomtest(hits, 20).proportion_ci(method="exact")
        assert (found.value, found.low, found.high) == pytest.approx((hits / 20, expected.low, expected.high))


def test_the_interval_of_a_mean_is_students_and_one_value_has_none() -> None:
    values = np.random.default_rng(7).normal(3, 1, 12)

    many, one = mean(values), mean(values[:1])

    low, high = stats.t.interval(0.95, 11, loc=values.mean(), scale=stats.sem(values))
    assert (many.low, many.high) == pytest.approx((low, high))
    assert (one.low, one.high) == (None, None)
    assert mean(np.array([0.0, 0.0, 1.0]), least=0).low == 0


@pytest.mark.parametrize("sigma", [0.5, 2.0])
def test_the_true_model_shows_the_mutual_information_of_the_channel(sigma: float) -> None:
    found = information(channel(40_000, sigma, seed=7))

    grid = np.linspace(-8 * sigma, 8 + 8 * sigma, 20_001)
    shares = np.bincount(np.bitwise_count(np.arange(256))) / 256
    density = shares @ stats.norm.pdf(grid, np.arange(9)[:, np.newaxis], sigma)
    seen = np.where(density > 0, density, 1)
    entropy = -np.trapezoid(density * np.log2(seen), grid)
    mutual = entropy - 0.5 * np.log2(2 * np.pi * np.e * sigma**2)
    assert found.low is not None
    assert found.high is not None
    assert found.low - 0.02 < mutual < found.high + 0.02


def test_a_model_of_another_device_is_worse_than_none() -> None:
    wrong = channel(4000, 0.5, seed=7)[:, ::-1].copy()

    assert information(wrong).value < 0


def test_enough_is_where_it_stays_enough() -> None:
    assert steady([1, 2, 4, 8], [True, False, True, True]) == 4
    assert steady([1, 2], [True, False]) is None
