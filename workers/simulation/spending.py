"""Looks at a test while its traces come in: how far |z| must reach at each, so that all of them together keep a level.

Alpha spending (Lan, DeMets 1983): at the fraction t of the information, a(t) of the level has been spent, and the
boundary of a look is what spends its share on those processes that have crossed no earlier one. The function is the one
that goes with O'Brien and Fleming's boundaries, a(t) = 2 (1 - Phi(z(a/2) / sqrt(t))), on each side with half of the
level: hardly anything early, nearly all at the end.

The chance to cross first at look k comes from the recursion of Armitage, McPherson and Rowe 1969 on B(t), the Brownian
motion that a score statistic follows (Jennison, Turnbull 2000, chapters 3 and 19), here in logarithms: with thousands of
samples under one level an early look spends less than 1e-100.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

NODES = 320
"""Of the Gauss-Legendre rule over what lies between the boundaries: the integrands are smooth, and 12 digits agree."""
_REACH = 40.0
"""Standard deviations of B beyond which nothing is looked at: 1e-348."""
_FARTHEST = 4.0
"""A boundary lies below so many times the last one that a single look would have, on the scale of B."""

Floats = npt.NDArray[np.float64]


@lru_cache(maxsize=64)
def boundaries(fractions: tuple[float, ...], level: float) -> tuple[float, ...]:
    """Return the |z| from which each look at the information `fractions`, ascending to 1, rejects at the two-sided `level`.

    Raise ValueError for fractions that do not ascend to 1, or a level that is none.
    """
    if not 0 < level < 1:
        raise ValueError(f"a level of {level}")
    if not fractions or fractions[-1] != 1.0 or any(b <= a for a, b in zip((0.0, *fractions), fractions, strict=False)):
        raise ValueError(f"fractions must ascend to 1: {fractions}")
    spent = spent_ln(fractions, level)
    found = [float(-special.ndtri_exp(spent[0]))]
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    reach = min(found[0], _REACH) * np.sqrt(fractions[0])
    at = reach * nodes
    inside = _normal_ln(at, fractions[0])
    for k in range(1, len(fractions)):
        step = fractions[k] - fractions[k - 1]
        mass = inside + np.log(reach * weights)
        share = spent[k] + np.log1p(-np.exp(spent[k - 1] - spent[k]))
        top = _FARTHEST * float(-special.ndtri_exp(spent[-1])) * np.sqrt(fractions[k])
        new = float(optimize.brentq(_surplus, 0.0, max(top, found[-1]), args=(at, mass, step, share), xtol=1e-12))
        found.append(new / float(np.sqrt(fractions[k])))
        reach = min(new, _REACH * float(np.sqrt(fractions[k])))
        then = reach * nodes
        inside = special.logsumexp(mass + _normal_ln(then[:, np.newaxis] - at, step), axis=1)
        at = then
    return tuple(found)


def spent_ln(fractions: Sequence[float], level: float) -> Floats:
    """Return the logarithm of what has been spent on one side at each fraction of the information."""
    quantile = -special.ndtri(level / 4)
    return np.asarray(np.log(2) + special.log_ndtr(-quantile / np.sqrt(np.asarray(fractions, np.float64))))


def nominal_log10(boundary: float) -> float:
    """Return log10 of the two-sided p-value that lies on a boundary."""
    return float((np.log(2) + special.log_ndtr(-boundary)) / np.log(10))


def of_each(level: float, tests: int) -> float:
    """Return the level of each of `tests` tests that together keep `level` (Sidak 1967).

    For two-sided tests of a Gaussian process it holds however samples depend on each other: never to cross is a
    symmetric convex set of each, and the chance of all of these is at least the product (Royen 2014).
    """
    return float(-np.expm1(np.log1p(-level) / max(tests, 1)))


def _surplus(reach: float, at: Floats, mass: Floats, step: float, share: float) -> float:
    """Return by how much, in logarithms, crossing `reach` for the first time is more likely than `share`."""
    return float(special.logsumexp(mass + special.log_ndtr((at - reach) / np.sqrt(step))) - share)


def _normal_ln(x: Floats, variance: float) -> Floats:
    return np.asarray(-0.5 * (x * x / variance + np.log(2 * np.pi * variance)))
