"""Draws: their distributions, their golden values, and that no split of the traces changes them."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from workers.simulation.draws import coin, normals, random_bytes

NOISE, OTHER = 1, 2
GOLDEN_BYTES = ["f471a2270988f3ab6a784629", "784024a5e82aff7ba457c276"]
GOLDEN_COINS = "1101000010101111"
GOLDEN_NORMALS = [
    0.17615950107574463,
    -1.222305178642273,
    -0.47357043623924255,
    0.26620733737945557,
    1.3278119564056396,
]


def test_values_are_frozen_because_campaigns_are_reproducible() -> None:
    drawn = random_bytes(7, 3, 2, 12, 64)
    tossed = coin(7, 0, 16, 16)
    noise = normals(7, 3, 1, 5, NOISE)

    assert [row.tobytes().hex() for row in drawn] == GOLDEN_BYTES
    assert "".join(str(value) for value in tossed) == GOLDEN_COINS
    np.testing.assert_allclose(noise[0], GOLDEN_NORMALS, rtol=1e-6)


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 2**63 - 1),
    first=st.integers(0, 2**40),
    cuts=st.lists(st.integers(0, 24), max_size=4),
    length=st.integers(1, 40),
)
def test_any_split_of_the_indices_gives_the_same_values(seed: int, first: int, cuts: list[int], length: int) -> None:
    edges = [0, *sorted(cuts), 24]
    parts = [(first + low, high - low) for low, high in pairwise(edges)]

    for draw in (random_bytes, normals):
        whole = draw(seed, first, 24, length, 5)

        assert np.array_equal(np.concatenate([draw(seed, start, count, length, 5) for start, count in parts]), whole)
    assert np.array_equal(
        np.concatenate([coin(seed, start, count, 5) for start, count in parts]), coin(seed, first, 24, 5)
    )


def test_a_longer_draw_begins_with_the_shorter_one() -> None:
    assert np.array_equal(normals(1, 0, 3, 500, NOISE)[:, :77], normals(1, 0, 3, 77, NOISE))
    assert np.array_equal(random_bytes(1, 0, 3, 50, OTHER)[:, :13], random_bytes(1, 0, 3, 13, OTHER))


def test_normal_draws_follow_the_normal_law() -> None:
    drawn = normals(2, 0, 400, 1000, NOISE).ravel().astype(np.float64)

    assert stats.kstest(drawn, "norm").pvalue > 1e-3
    for power, moment, variance in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96), (6, 15, 10170)):
        assert abs((drawn**power).mean() - moment) < 4 * np.sqrt(variance / drawn.size)


@pytest.mark.parametrize("bound", [3.0, 3.6541528853610088, 4.0, 4.5, 5.0])
def test_tails_hold_as_many_draws_as_they_should(bound: float) -> None:
    drawn = normals(3, 0, 4000, 2500, NOISE)
    expected = drawn.size * stats.norm.sf(bound)

    for side in (drawn, -drawn):
        assert abs(np.count_nonzero(side > bound) - expected) < 4 * np.sqrt(expected)


def test_draws_beyond_the_last_layer_follow_the_tail_of_the_normal_law() -> None:
    drawn = np.abs(normals(4, 0, 4000, 2500, NOISE))
    tail = drawn[drawn > 3.7].astype(np.float64)
    law = stats.truncnorm(3.7, np.inf)

    assert len(tail) > 1500
    assert stats.kstest(tail, law.cdf).pvalue > 1e-3


def test_the_edges_of_the_layers_do_not_show() -> None:
    drawn = normals(5, 0, 2000, 2000, NOISE).ravel()
    edges = stats.norm.ppf(np.linspace(0, 1, 1001))

    counted = np.histogram(drawn, edges)[0]

    assert stats.chisquare(counted).pvalue > 1e-3


def test_bytes_are_uniform_at_every_position() -> None:
    drawn = random_bytes(6, 0, 50_000, 16, OTHER)

    for column in drawn.T:
        assert stats.chisquare(np.bincount(column, minlength=256)).pvalue > 1e-4


def test_coins_are_fair_and_have_no_memory() -> None:
    tossed = coin(8, 0, 200_000, OTHER).astype(np.int64)
    pairs = 2 * tossed[:-1:2] + tossed[1::2]

    assert set(np.unique(tossed)) == {0, 1}
    assert stats.chisquare(np.bincount(pairs, minlength=4)).pvalue > 1e-3


@pytest.mark.parametrize(
    ("one", "other"),
    [((9, 0, NOISE), (9, 1, NOISE)), ((9, 0, NOISE), (9, 0, OTHER)), ((9, 0, NOISE), (10, 0, NOISE))],
    ids=["neighbouring traces", "neighbouring purposes", "neighbouring seeds"],
)
def test_neighbouring_streams_are_independent(one: tuple[int, int, int], other: tuple[int, int, int]) -> None:
    size = 400_000
    x, y = (normals(seed, index, 1, size, purpose)[0] for seed, index, purpose in (one, other))

    for lag in (0, 1, 2):
        assert abs(np.corrcoef(x[: size - lag], y[lag:])[0, 1]) < 4 / np.sqrt(size)
        assert abs(np.corrcoef(x[: size - lag] ** 2, y[lag:] ** 2)[0, 1]) < 4 / np.sqrt(size)


def test_samples_of_many_traces_are_uncorrelated_across_positions() -> None:
    drawn = normals(11, 0, 20_000, 24, NOISE)

    correlations = np.asarray(np.corrcoef(drawn.T))[np.triu_indices(24, 1)]

    assert np.abs(correlations).max() < 4.5 / np.sqrt(len(drawn))
    assert stats.kstest(correlations * np.sqrt(len(drawn)), "norm").pvalue > 1e-3


def test_no_two_streams_of_a_campaign_are_alike() -> None:
    words = np.concatenate([random_bytes(12, 0, 50_000, 8, purpose) for purpose in range(4)])

    assert len(np.unique(words, axis=0)) == len(words)


def test_no_trace_needs_no_draw() -> None:
    assert random_bytes(1, 0, 0, 16, OTHER).shape == (0, 16)
    assert normals(1, 5, 0, 3, NOISE).shape == (0, 3)


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(OverflowError):
        random_bytes(-1, 0, 1, 1, OTHER)
