"""Binomial draws: their law, by inversion and by rejection, and that a stream decides them."""

import numpy as np
import numpy.typing as npt
import pytest
from numba import njit
from scipy import stats

from workers.simulation.binomial import binomial
from workers.simulation.draws import stream

PURPOSE = 77


@njit()
def _fill(n: int, p: float, seed: np.uint64, out: npt.NDArray[np.int64]) -> None:
    start, gamma = stream(seed, np.uint64(3), np.uint64(PURPOSE))
    at = 0
    for i in range(len(out)):
        out[i], at = binomial(n, p, start, gamma, at)


def draws(n: int, p: float, count: int, seed: int = 7) -> npt.NDArray[np.int64]:
    """Draw one after the other from one stream."""
    out = np.empty(count, np.int64)
    _fill(n, p, np.uint64(seed), out)
    return out


CASES = [
    (1, 0.3),
    (40, 0.02),
    (40, 0.24),
    (40, 0.26),
    (25, 0.5),
    (40, 0.9),
    (1000, 0.0099),
    (1000, 0.0101),
    (1000, 0.4),
    (1000, 0.995),
    (100_000, 0.1),
    (10**8, 1.2e-7),
    (10**8, 0.37),
]


@pytest.mark.parametrize(("n", "p"), CASES)
def test_draws_follow_the_binomial_law(n: int, p: float) -> None:
    drawn = draws(n, p, 60_000)

    law = stats.binom(n, p)
    edges = np.unique(law.ppf(np.linspace(0.005, 0.995, 60)))
    edges = np.concatenate([[-1], edges, [n]])
    edges = np.unique(edges)
    expected = np.diff(law.cdf(edges)) * len(drawn)
    seen = np.histogram(drawn, bins=edges + 0.5)[0]
    enough = expected > 5
    observed = np.append(seen[enough], seen[~enough].sum())
    wanted = np.append(expected[enough], expected[~enough].sum())
    kept = wanted > 0
    assert seen.sum() == len(drawn)
    assert stats.chisquare(observed[kept], wanted[kept] * observed.sum() / wanted[kept].sum()).pvalue > 1e-4


def test_an_impossible_and_a_certain_success() -> None:
    assert not draws(50, 0.0, 10).any()
    assert (draws(50, 1.0, 10) == 50).all()
    assert not draws(0, 0.5, 10).any()


def test_values_are_frozen_because_campaigns_are_reproducible() -> None:
    assert draws(40, 0.1, 8).tolist() == [4, 5, 4, 2, 9, 3, 1, 11]
    assert draws(100_000, 0.3, 6).tolist() == [30103, 29851, 29909, 30071, 30234, 30136]


def test_another_seed_gives_other_draws() -> None:
    assert draws(1000, 0.5, 20, seed=1).tolist() != draws(1000, 0.5, 20, seed=2).tolist()
