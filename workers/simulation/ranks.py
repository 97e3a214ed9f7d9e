"""How an attack is judged: ranks of guesses, what they leave to be searched, and how sure a correlation is."""

import math

import numpy as np
import numpy.typing as npt
from scipy import special


def rank(scores: npt.NDArray[np.floating], true: int) -> int:
    """Return how many wrong guesses score at least as much as the true one: ties count against us."""
    return int(np.count_nonzero(scores >= scores[true])) - 1


def guessing_entropy(ranks: npt.NDArray[np.integer]) -> float:
    """Return the mean over the bytes of log2(rank + 1): bits of search left per byte (after Standaert et al. 2009)."""
    return float(np.mean(np.log2(np.asarray(ranks, np.float64) + 1)))


def noise_floor(traces: int) -> float:
    """Return 4 / sqrt(N), the |rho| that a wrong guess at one sample exceeds about once in 16,000 (Mangard et al. 2007)."""
    return 4 / math.sqrt(traces) if traces else math.inf


def interval(rho: float, traces: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the confidence interval of a correlation: tanh(atanh(rho) +- z / sqrt(N - 3)) (Fisher 1921)."""
    if traces <= 3:
        return -1.0, 1.0
    if abs(rho) >= 1:
        return rho, rho
    reach = float(special.ndtri((1 + confidence) / 2)) / math.sqrt(traces - 3)
    return math.tanh(math.atanh(rho) - reach), math.tanh(math.atanh(rho) + reach)
