"""Per-sample statistics for plots, thinned without losing an extreme."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from jobs.report import Series
from workers.simulation.assessment import Assessment
from workers.simulation.attribution import finite
from workers.simulation.power import SamplePlan

LIMIT = 20_000
"""Points a report carries; more samples than that are thinned."""
MOST_DECIMALS = 60


def series(pcs: npt.NDArray[np.uint32], found: Assessment, sampled: SamplePlan, *, first_sample: int) -> Series:
    """Return the series of the compared samples, in the power model's unit where they are power."""
    return series_of(pcs, found, power_of(found, sampled), first_sample=first_sample)


def series_of(
    pcs: npt.NDArray[np.uint32], found: Assessment, power: npt.NDArray[np.float64], *, first_sample: int
) -> Series:
    """Return the series of the compared samples, given the mean power of each."""
    stride = max(1, -(-len(pcs) // LIMIT))
    shown = thin(power, stride)
    return Series(
        stride=stride,
        first_sample=first_sample,
        pcs=tuple(int(pc) for pc in pcs[::stride]),
        t1=tuple(finite(value) for value in _rounded(thin(found.t1, stride), 4)) if found.has_tvla else (),
        t2=tuple(finite(value) for value in _rounded(thin(found.t2, stride), 4)) if found.has_tvla else (),
        rho=tuple(_rounded(thin(found.rho, stride), 5)) if found.has_cpa else (),
        snr=tuple(finite(value) for value in _rounded(thin(found.snr, stride), 5)) if found.has_snr else (),
        mean=tuple(_rounded(shown, max(4, decimals(shown)))),
    )


def power_of(found: Assessment, sampled: SamplePlan) -> npt.NDArray[np.float64]:
    """Return the mean power of the compared samples, in the power model's unit."""
    return np.asarray(sampled.offset[: len(found.mean)] + found.mean * sampled.step, np.float64)


def thin(values: npt.NDArray[np.float64], stride: int) -> npt.NDArray[np.float64]:
    """Keep of every `stride` values the one of the largest magnitude."""
    if stride == 1:
        return values
    padded = np.pad(values, (0, -len(values) % stride), constant_values=0.0).reshape(-1, stride)
    return np.asarray(padded[np.arange(len(padded)), np.abs(padded).argmax(axis=1)])


def decimals(values: Sequence[float] | npt.NDArray[np.float64]) -> int:
    """Return the decimals that show a ten-thousandth of how far values lie apart: their unit may be volts, and their offset large."""
    spread = float(np.ptp(values)) if len(values) else 0.0
    size = spread or (abs(float(values[0])) if len(values) else 0.0)
    return min(4 - math.floor(math.log10(size)), MOST_DECIMALS) if size > 0 else 4


def _rounded(values: npt.NDArray[np.float64], digits: int) -> list[float]:
    """Round for plots; the exact sums are behind the digest."""
    return [float(value) for value in np.round(values, digits)]
