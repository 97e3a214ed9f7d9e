"""The normal and Student's distribution, as far as intervals and tests of means need them. Pure; the pool has no scipy."""

import math
from functools import lru_cache
from statistics import NormalDist

NORMAL = NormalDist()
MANY = 100_000
"""Degrees of freedom from which on Student's distribution is taken for the normal one: the quantiles agree to 1e-5."""
TINY = 1e-300


def student_tail(t: float, freedom: float) -> float:
    """Return the two-sided p-value of `t`."""
    if freedom > MANY:
        return math.erfc(abs(t) / math.sqrt(2))
    return _beta(freedom / (freedom + t * t), freedom / 2, 0.5)


@lru_cache(maxsize=4096)
def student_quantile(level: float, freedom: float) -> float:
    """Return the t that `level` of the distribution lies within, on both sides of zero."""
    if freedom > MANY:
        return NORMAL.inv_cdf((1 + level) / 2)
    low, high = 0.0, 1.0
    while student_tail(high, freedom) > 1 - level:
        low, high = high, high * 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if student_tail(middle, freedom) > 1 - level else (low, middle)
    return (low + high) / 2


def _beta(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function, by its continued fraction (Lentz)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(1 - x, b, a)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a
    c, d = 1.0, 1 / _apart(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 2000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _apart(1 + term * d)
            c = _apart(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return front * value


def _apart(value: float) -> float:
    """Keep a denominator of the fraction from zero."""
    return value if abs(value) > TINY else TINY
