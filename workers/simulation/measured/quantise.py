"""Measured numbers as integers of ten bits, by a scale of each sample that is stated: exact sums need no more.

    integer = round((value - offset) / step),  |integer| <= 511

For each sample number: the offset is the middle of its range, the step the smallest power of two with which the range
fits. Nothing is ever clipped. Integers that fit as they are (an 8- or 10-bit converter's) get step 1: nothing is rounded.
Rounding adds step^2 / 12 to the variance (Sheppard). A t-test and a correlation do not depend on offset and step.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.errors import InvalidInput
from workers.simulation.moments import LIMIT

BLOCK_BYTES = 8 * 2**20
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scale:
    """How values become integers."""

    offset: Floats
    """[samples]"""
    step: Floats
    """[samples] powers of two"""
    lossless: bool

    def integers(self, values: npt.NDArray[np.float32]) -> npt.NDArray[np.int16]:
        """Return the integers of traces [n, samples]."""
        return np.rint((values.astype(np.float64) - self.offset) / self.step).astype(np.int16)


def blocks(traces: npt.NDArray[np.float32]) -> Iterator[slice]:
    """Yield rows of traces that fit the caches of a small machine."""
    step = max(1, BLOCK_BYTES // (4 * max(traces.shape[1], 1)))
    for first in range(0, len(traces), step):
        yield slice(first, min(first + step, len(traces)))


def scale_of(traces: npt.NDArray[np.float32], check: Callable[[], None] = lambda: None) -> Scale:
    """Return the scale of the samples that every trace has, from the first one on.

    A sample that is not a number in some trace ends what is compared; raise InvalidInput where none is left. `check` is
    called again and again, and may raise.
    """
    samples = traces.shape[1]
    low, high = np.full(samples, np.inf), np.full(samples, -np.inf)
    whole = np.ones(samples, np.bool_)
    for rows in blocks(traces):
        check()
        part = np.asarray(traces[rows, :samples], np.float64)
        broken = ~np.isfinite(part).all(axis=0)
        if broken.any():
            samples = int(broken.argmax())
            part = part[:, :samples]
        low[:samples] = np.minimum(low[:samples], part.min(axis=0))
        high[:samples] = np.maximum(high[:samples], part.max(axis=0))
        whole[:samples] &= (part == np.rint(part)).all(axis=0)
    if samples == 0:
        raise InvalidInput("The first sample is not a number in some trace.", field="artifact", reason="not-finite")
    low, high, whole = low[:samples], high[:samples], whole[:samples]
    reach = np.maximum(high - low, 0.0) / 2
    integral = whole & (high - low <= 2 * LIMIT)
    offset = np.where(integral, np.floor((low + high) / 2), (low + high) / 2)
    # The middle may be rounded; the reach is taken from it, so that both ends fit.
    reach = np.maximum(reach, np.maximum(high - offset, offset - low))
    mantissa, exponent = np.frexp(reach / LIMIT)
    step = np.ldexp(1.0, np.where(mantissa == 0.5, exponent - 1, exponent))
    step = np.where(integral | (reach == 0), 1.0, step)
    return Scale(offset, step, bool((integral | (reach == 0)).all()))
