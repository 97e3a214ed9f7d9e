"""Welch's t-test between two sets of traces, of orders 1 and 2, from their exact sums.

Test vector leakage assessment: Goodwill, Jun, Jaffe, Rohatgi 2011; one-pass formulas: Schneider, Moradi 2015.
Order 1: t = (mean_a - mean_b) / sqrt(var_a/n_a + var_b/n_b). Order 2 is the same test on (x - mean)^2, whose mean is
the second central moment M2 and whose variance is M4 - M2^2. Variances are the samples' own, with n - 1, as in
Welch 1947, so that p-values are those of the t distribution with Welch and Satterthwaite's degrees of freedom.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from workers.simulation.moments import Group, Moments

THRESHOLD = 4.5
"""Of |t|, by convention (Goodwill et al. 2011)."""
ALPHA = float(2 * special.ndtr(-THRESHOLD))
"""The false positive rate of one test at that threshold: 6.8e-6."""

_SMALL = 1e-200  # below it a p-value is computed as a logarithm


@dataclass(frozen=True, slots=True)
class Welch:
    """The result of both tests for every sample."""

    t1: npt.NDArray[np.float64]
    """[samples] order 1; +-inf where both sets are constant and differ."""
    t2: npt.NDArray[np.float64]
    """[samples] order 2; +-inf where (x - mean)^2 is constant in both sets and differs."""
    p_log10_1: npt.NDArray[np.float64]
    """[samples] log10 of the two-sided p-value of t1; finite also where t1 is not."""
    p_log10_2: npt.NDArray[np.float64]
    """[samples] the same for t2."""
    deterministic: npt.NDArray[np.bool_]
    """[samples] both sets are constant, with different values."""


def welch(a: Group, b: Group) -> Welch:
    """Test whether two sets differ, sample by sample.

    A set of fewer than 2 traces has no variance, and with 2 traces (x - mean)^2 is constant whatever was measured:
    order 1 needs 2 traces of each set, order 2 needs 3. With fewer nothing is known: t = 0 and p = 1.
    """
    if a.sums.shape != b.sums.shape:
        raise ValueError(f"the sets have {a.sums.shape[1]} and {b.sums.shape[1]} samples")
    of_a, of_b = a.moments(), b.moments()
    smaller = min(a.count, b.count)
    t1, p1 = welch_of_means((of_a.mean, of_b.mean), (of_a.second, of_b.second), a.count, b.count, enough=smaller >= 2)
    t2, p2 = welch_of_means(
        (of_a.second, of_b.second),
        (of_a.square_variance, of_b.square_variance),
        a.count,
        b.count,
        enough=smaller >= 3,
    )
    deterministic = np.isinf(t1)
    for p, infinite, order in ((p1, deterministic, 1), (p2, np.isinf(t2), 2)):
        for sample in np.flatnonzero(infinite):
            p[sample] = _split_log10(of_a, of_b, int(sample), order)
    return Welch(t1, t2, p1, p2, deterministic)


def first_order(a: Group, b: Group) -> npt.NDArray[np.float64]:
    """Return t of order 1 [samples] alone, as `welch` gives it: for whoever cannot wait for p-values."""
    if min(a.count, b.count) < 2:
        return np.zeros(a.sums.shape[1])
    of_a, of_b = a.moments(), b.moments()
    return _t(of_a.mean - of_b.mean, of_a.second / (a.count - 1) + of_b.second / (b.count - 1))


def corrected_threshold(samples: int, alpha: float = ALPHA) -> float:
    """Return the |t| that one of `samples` independent tests exceeds with probability `alpha`.

    Ding, Zhang, Durvaux, Standaert, Fei 2017: each test has the level 1 - (1 - alpha)^(1/samples) (Sidak).
    """
    if samples < 1:
        raise ValueError(f"{samples} samples")
    each = -math.expm1(math.log1p(-alpha) / samples)
    return float(-special.ndtri(each / 2))


def minimum_effect(n_a: int, n_b: int, alpha: float = ALPHA, power: float = 0.95) -> float:
    """Return the smallest difference of means, in standard deviations, that a test of level `alpha` finds with `power`.

    d = (z(1 - alpha/2) + z(power)) sqrt(1/n_a + 1/n_b), the normal approximation of Cohen 1988; inf for an empty set.
    """
    if n_a < 1 or n_b < 1:
        return math.inf
    return _quantiles(alpha, power) * math.sqrt(1 / n_a + 1 / n_b)


def traces_needed(effect: float, alpha: float = ALPHA, power: float = 0.95) -> int:
    """Return the traces of both sets together, equally many of each, for which `minimum_effect` is `effect`."""
    if not effect > 0:
        raise ValueError(f"an effect of {effect} is never found")
    return 2 * math.ceil(2 * (_quantiles(alpha, power) / effect) ** 2)


def p_log10(t: npt.NDArray[np.float64], freedom: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return log10 of the two-sided p-value of Student's t with `freedom` degrees, for finite t of any size.

    p = I_x(v/2, 1/2) with x = v/(v + t^2). Where it is too small for a float64, its logarithm comes from
    I_x(a, b) = x^a (1-x)^b / (a B(a, b)) F(a + b, 1; a + 1; x) (DLMF 8.17.8) with Pfaff's transformation of F, an
    alternating series in v/t^2 whose terms fall fast out there.
    """
    plain = 2 * special.stdtr(freedom, -np.abs(t))
    out = np.log10(np.maximum(plain, _SMALL))
    far = plain < _SMALL
    if far.any():
        v, square = freedom[far], t[far] ** 2
        a = v / 2
        total, term = np.ones_like(v), np.ones_like(v)
        for k in range(12):
            term = -term * (k + 0.5) / (a + 1 + k) * v / square
            total += term
        logarithm = -a * np.log1p(square / v) + 0.5 * np.log1p(v / square) - np.log(a) - special.betaln(a, 0.5)
        out[far] = np.minimum((logarithm + np.log(total)) / math.log(10), math.log10(_SMALL))
    return np.asarray(np.minimum(out, 0.0))


def _quantiles(alpha: float, power: float) -> float:
    return float(-special.ndtri(alpha / 2) + special.ndtri(power))


def welch_of_means(
    means: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]],
    variances: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]],
    n_a: int,
    n_b: int,
    *,
    enough: bool,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return Welch's t and log10 p of two sets' means; the variances are of `n_a` and `n_b` values, not divided by n - 1.

    Where both variances are 0, t is 0 or +-inf and p is left at 1; so is all where there are not `enough` values.
    """
    difference = means[0] - means[1]
    t, p = np.zeros_like(difference), np.zeros_like(difference)
    if not enough:
        return t, p
    share_a, share_b = variances[0] / (n_a - 1), variances[1] / (n_b - 1)  # n/(n-1) of the moment, over n
    total = share_a + share_b
    some = total > 0
    t = _t(difference, total)
    freedom = total[some] ** 2 / (share_a[some] ** 2 / (n_a - 1) + share_b[some] ** 2 / (n_b - 1))
    p[some] = p_log10(t[some], freedom)
    return t, p


def _t(difference: npt.NDArray[np.float64], total: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the difference over the root of its variance; where that is 0, 0 or +-inf."""
    t = np.zeros_like(difference)
    some = total > 0
    t[some] = difference[some] / np.sqrt(total[some])
    # Constants are integers, and (x - mean)^2 of two values is a multiple of 1/4: both are exact in float64.
    t[~some] = np.where(difference[~some] == 0, 0.0, np.copysign(np.inf, difference[~some]))
    return t


def _split_log10(a: Moments, b: Moments, sample: int, order: int) -> float:
    """Return log10 of twice the chance that exchangeable traces fall into two sets with just these values.

    The law of a permutation test, for samples so regular that t is infinite: a set is constant, or (order 2) has two
    values, one half of its traces each.
    """
    in_a, in_b = _values(a, sample, order), _values(b, sample, order)
    ways = sum(_binomial_ln(count + in_b.get(value, 0), count) for value, count in in_a.items())
    return min(0.0, (math.log(2) + ways - _binomial_ln(a.count + b.count, a.count)) / math.log(10))


def _values(moments: Moments, sample: int, order: int) -> dict[float, int]:
    """Return how many traces have which value, where (x - mean)^2 is constant."""
    mean, spread = float(moments.mean[sample]), math.sqrt(moments.second[sample]) if order == 2 else 0.0
    if spread == 0.0:
        return {mean: moments.count}
    return {mean - spread: moments.count // 2, mean + spread: moments.count // 2}


def _binomial_ln(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
