"""Does a series go up or down? Theil-Sen's slope and the test of Mann and Kendall, for any distribution of values.

Both assume that values do not depend on each other but for the trend; a series whose neighbours are alike gives too
small a p.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

LEAST = 4
"""Under four values no order of them has a probability of interest: all rising, 1 in 6."""
COVERAGE = 0.95
EXACT_UP_TO = 60
"""Values, none of them equal, for which all orders are counted."""


@dataclass(frozen=True, slots=True)
class Found:
    """A trend; slopes are per unit of the positions."""

    slope: float
    low: float | None
    high: float | None
    interval_absent: str | None
    intercept: float
    s: int
    p: float
    method: Literal["exact", "normal"]


def trend(positions: Sequence[float], values: Sequence[float]) -> Found:
    """Return the trend of values [n] at strictly rising positions [n]; ValueError under LEAST values.

    Slope: the median of the slopes of all pairs (Theil 1950; Sen 1968). S: the number of pairs that rise less those
    that fall (Mann 1945). Without ties and up to EXACT_UP_TO values p and interval come from the exact distribution
    of S (Kendall 1975), else from the normal one with variance (n(n-1)(2n+5) - sum t(t-1)(2t+5)) / 18 over groups of
    t equal values, p with a correction for continuity (Gilbert 1987, section 16.4). The interval holds the slopes
    that the same test would not refuse at 5 % (Hollander and Wolfe, section 9.3); its limits are slopes of pairs,
    the outer ones where the rank is not whole.
    """
    x, y = np.asarray(positions, np.float64), np.asarray(values, np.float64)
    count = len(y)
    if count < LEAST or x.shape != y.shape or not (np.diff(x) > 0).all():
        msg = f"a trend needs at least {LEAST} values at rising positions"
        raise ValueError(msg)
    slopes, s = _pairs(x, y)
    slope = float(np.median(slopes))
    ties = [times for times in Counter(y.tolist()).values() if times > 1]
    exact = not ties and count <= EXACT_UP_TO
    variance = (count * (count - 1) * (2 * count + 5) - sum(t * (t - 1) * (2 * t + 5) for t in ties)) / 18
    rank = _exact_rank(count) if exact else _normal_rank(len(slopes), variance)
    absent = None
    if ties == [count]:
        rank, absent = 0, "all values are equal"
    elif rank < 1:
        absent = f"{count} values are too few for an interval of 95 %"
    return Found(
        slope=slope,
        low=float(slopes[rank - 1]) if rank else None,
        high=float(slopes[len(slopes) - rank]) if rank else None,
        interval_absent=absent,
        intercept=float(np.median(y - slope * x)),
        s=s,
        p=_exact_p(count, s) if exact else _normal_p(s, variance),
        method="exact" if exact else "normal",
    )


def _pairs(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], int]:
    """Return the slopes of all pairs, sorted, and Mann-Kendall's S."""
    slopes = np.empty(len(y) * (len(y) - 1) // 2)
    s = start = 0
    for first in range(len(y) - 1):
        rise = y[first + 1 :] - y[first]
        s += int(np.sign(rise).sum())
        slopes[start : start + len(rise)] = rise / (x[first + 1 :] - x[first])
        start += len(rise)
    slopes.sort()
    return slopes, s


@cache
def _at_least(count: int) -> tuple[int, ...]:
    """Return how many of the count! orders have at most k falling pairs, for each k: S is then at least pairs - 2k."""
    orders = [1]
    for size in range(2, count + 1):
        longer, window = [], 0
        for falling in range(len(orders) + size - 1):
            window += orders[falling] if falling < len(orders) else 0
            window -= orders[falling - size] if falling >= size else 0
            longer.append(window)
        orders = longer
    totals, total = [], 0
    for one in orders:
        total += one
        totals.append(total)
    return tuple(totals)


def _exact_p(count: int, s: int) -> float:
    falling = (count * (count - 1) // 2 - abs(s)) // 2
    return min(1.0, 2 * _at_least(count)[falling] / math.factorial(count))


def _exact_rank(count: int) -> int:
    """Return the rank, from either end, of the slopes that bound the interval; 0: even the outermost are too near."""
    tail = (1 - COVERAGE) / 2 * math.factorial(count)
    return sum(orders <= tail for orders in _at_least(count))


def _normal_rank(pairs: int, variance: float) -> int:
    width = NormalDist().inv_cdf((1 + COVERAGE) / 2) * math.sqrt(variance)
    return max(0, math.floor((pairs - width) / 2))


def _normal_p(s: int, variance: float) -> float:
    return math.erfc((abs(s) - 1) / math.sqrt(2 * variance)) if s else 1.0
