"""Whether secrets change how long executions take."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workers.simulation.ttest import p_log10

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Welch:
    """A t-test of two sets of cycle counts."""

    t: float
    """+-inf where both are constant and differ"""
    p_log10: float
    """Of the two-sided p-value; -inf where t is infinite."""


def welch(fixed: Counts, random: Counts) -> Welch:
    """Test whether the means of two sets differ (Welch 1947, Satterthwaite's degrees of freedom).

    Raise ValueError for a set of fewer than 2.
    """
    if min(len(fixed), len(random)) < 2:
        raise ValueError(f"sets of {len(fixed)} and {len(random)} executions have no variance")
    difference = float(fixed.mean() - random.mean())
    shares = [float(counts.var(ddof=1)) / len(counts) for counts in (fixed, random)]
    total = sum(shares)
    if total == 0:
        return Welch(math.copysign(math.inf, difference), -math.inf) if difference else Welch(0.0, 0.0)
    t = difference / math.sqrt(total)
    freedom = total**2 / sum(
        share**2 / (len(counts) - 1) for share, counts in zip(shares, (fixed, random), strict=True)
    )
    return Welch(t, float(p_log10(np.array([t]), np.array([freedom]))[0]))
