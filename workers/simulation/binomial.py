"""Exact binomial draws: by inversion where few successes are expected, else by Hormann's transformed rejection.

W. Hormann, "The generation of binomial random variates", J. Stat. Comput. Simul. 46 (1993), algorithm BTRS. Both take
what chance they need from consecutive positions of a stream (`draws.py`), so a draw is a function of the stream, n and
p. Nothing is approximate but the arithmetic of float64.
"""

import math

import numpy as np
import numpy.typing as npt
from numba import njit

from workers.simulation.draws import uniform_at

_FEW = 10.0
"""Expected successes from which BTRS holds (its section 3)."""
_NEVER = 128
"""Successes that inversion never reaches with fewer than _FEW expected: the rounding of a sum has led there."""


def _stirling_terms() -> npt.NDArray[np.float64]:
    """Return log(k!) less its Stirling approximation for k + 1, k = 0..9."""
    terms = [
        math.lgamma(k + 1) - (0.5 * math.log(2 * math.pi) + (k + 0.5) * math.log(k + 1) - (k + 1)) for k in range(10)
    ]
    return np.array(terms)


_STIRLING = _stirling_terms()


@njit(cache=True, nogil=True)
def _stirling(k: float) -> float:
    if k < 10:
        return _STIRLING[np.int64(k)]
    above = k + 1.0
    square = above * above
    return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / above


@njit(cache=True, nogil=True)
def _by_inversion(n: int, p: float, start: np.uint64, gamma: np.uint64, at: int) -> tuple[int, int]:
    odds = p / (1.0 - p)
    none = math.exp(n * math.log1p(-p))
    while True:
        left, here, x = uniform_at(at, start, gamma), none, 0
        at += 1
        while left > here and x < n and x < _NEVER:
            left -= here
            x += 1
            here *= odds * (n - x + 1) / x
        if x < _NEVER:
            return x, at


@njit(cache=True, nogil=True)
def _by_rejection(n: int, p: float, start: np.uint64, gamma: np.uint64, at: int) -> tuple[int, int]:
    deviation = math.sqrt(n * p * (1.0 - p))
    b = 1.15 + 2.53 * deviation
    a = -0.0873 + 0.0248 * b + 0.01 * p
    c = n * p + 0.5
    inner = 0.92 - 4.2 / b
    while True:
        v = uniform_at(at, start, gamma)
        u = uniform_at(at + 1, start, gamma) - 0.5
        at += 2
        beyond = 0.5 - abs(u)
        if beyond <= 0.0:
            continue
        k = math.floor((2.0 * a / beyond + b) * u + c)
        if beyond >= 0.07 and v <= inner:
            return k, at
        if k < 0 or k > n:
            continue
        odds = p / (1.0 - p)
        mode = math.floor((n + 1) * p)
        height = math.log(v * (2.83 + 5.1 / b) * deviation / (a / (beyond * beyond) + b))
        bound = (
            (mode + 0.5) * math.log((mode + 1) / (odds * (n - mode + 1)))
            + (n + 1) * math.log((n - mode + 1) / (n - k + 1))
            + (k + 0.5) * math.log(odds * (n - k + 1) / (k + 1))
            + (_stirling(mode) + _stirling(n - mode))
            - (_stirling(k) + _stirling(n - k))
        )
        if height <= bound:
            return k, at


@njit(cache=True, nogil=True)
def binomial(n: int, p: float, start: np.uint64, gamma: np.uint64, at: int) -> tuple[int, int]:
    """Return how many of `n` trials succeed, each with probability `p`, and the position behind the words used.

    `at` is the position of the first word of the stream (`start`, `gamma`) that may be used.
    """
    if n <= 0 or p <= 0.0:
        return 0, at
    if p >= 1.0:
        return n, at
    few = min(p, 1.0 - p)
    if n * few < _FEW:
        x, at = _by_inversion(n, few, start, gamma, at)
    else:
        x, at = _by_rejection(n, few, start, gamma, at)
    return (x if p <= 0.5 else n - x), at
