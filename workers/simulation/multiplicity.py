"""Many tests at once: p-values adjusted for how many there are.

Holm 1979 keeps the chance of any false alarm (the family-wise rate), however the tests depend on each other. Benjamini and
Hochberg 1995 keep the expected share of false alarms among those that are raised (the false discovery rate) for tests that
are independent or positively dependent; Benjamini and Yekutieli 2001 for any, at the price of a factor of ln m. Leakage
detection has used both: Mather, Oswald, Bandenburg, Wojcik 2013; Whitnall, Oswald 2019. All three work in logarithms:
p-values here go down to 1e-1000.
"""

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def holm_log10(p_log10: Floats) -> Floats:
    """Return log10 of the p-values adjusted by Holm's step-down [tests]: at most a level where that rejects."""
    m = len(p_log10)
    order = np.argsort(p_log10, kind="stable")
    left = np.arange(m, 0, -1, dtype=np.float64)
    adjusted = np.log10(left, out=left)
    adjusted += p_log10[order]
    return _back(np.maximum.accumulate(adjusted, out=adjusted), order)


def benjamini_hochberg_log10(p_log10: Floats) -> Floats:
    """Return log10 of the p-values adjusted by Benjamini and Hochberg's step-up [tests]."""
    m = len(p_log10)
    order = np.argsort(p_log10, kind="stable")
    share = np.arange(1, m + 1, dtype=np.float64)
    np.divide(m, share, out=share)
    raised = np.log10(share, out=share)
    raised += p_log10[order]
    np.minimum.accumulate(raised[::-1], out=raised[::-1])
    return _back(raised, order)


def benjamini_yekutieli_log10(p_log10: Floats) -> Floats:
    """Return the same for tests that depend on each other in any way."""
    harmonic = sum(1 / k for k in range(1, len(p_log10) + 1))
    adjusted = benjamini_hochberg_log10(p_log10)
    adjusted += math.log10(harmonic or 1.0)
    return np.minimum(adjusted, 0.0, out=adjusted)


def _back(adjusted: Floats, order: npt.NDArray[np.intp]) -> Floats:
    out = np.empty_like(adjusted)
    out[order] = np.minimum(adjusted, 0.0, out=adjusted)
    return out
