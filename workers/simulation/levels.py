"""Whole levels: the noise-free power of an instruction as one of a few integers, which can be counted.

The data-dependent power of an instruction is a sum of small integers (Hamming weights, distances, a byte) times the
coefficients of its class. Where those are multiples of a power of two, the *grain*, it is a whole number of grains,
known exactly, and from how many registers the instruction writes and how many words it transfers follows how many
numbers there can be.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from renode.trace import Levels
from workers.simulation.blocks import spans
from workers.simulation.power import SamplePlan

MAX_BINS = 8_000_000
"""Of a campaign, in each of its groups."""
MAX_UNITS = 2**24
"""Of a level: whole numbers up to here are exact in the float32 that samples are computed in (`power.py`)."""
MAX_PARTS = 1024
"""Into which a grain may cut a step of the quantiser."""
_BITS, _BYTE = 32, 255  # of a word; the largest byte


class NotWhole(Exception):
    """Levels cannot be counted; the message says why."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The levels of a campaign's sampled instructions, and what one is worth."""

    levels: Levels
    grain: npt.NDArray[np.float64]
    """[window] steps of the quantiser that one unit of a level is: a power of two."""
    origin: npt.NDArray[np.float64]
    """[window] where level 0 lies, in steps from the reference execution: multiples of the grain."""


def scale_of(samples: SamplePlan, registers: npt.NDArray[np.uint8], words: npt.NDArray[np.uint8]) -> Scale:
    """Return the levels of a campaign; raise NotWhole, or ValueError for other shapes.

    `registers` and `words` [sampled instructions] are how many registers each of them writes and how many words it
    transfers at most. Level l of instruction i is the noise-free sample `grain[i] * l + origin[i]`, before
    it is rounded and clipped.
    """
    window = len(samples.carrier)
    if not registers.shape == words.shape == (window,):
        raise ValueError(
            f"registers {registers.shape} and words {words.shape} are not of {window} sampled instructions"
        )
    grain, spread = np.empty(window), 0.0
    for span in spans(window):
        coefficients, most = _terms(samples.coefficients[:, span], registers[span], words[span])
        grain[span] = _grains(coefficients)
        spread = max(spread, float((np.abs(coefficients) * most / grain[span]).sum(axis=0).max()))
    if spread >= MAX_UNITS:
        raise NotWhole(f"the power model's levels are no small whole numbers: {spread:.3g} units")
    if (parts := 1 / float(grain.min())) > MAX_PARTS:
        raise NotWhole(f"the power model cuts a step of the quantiser into {parts:.0f} parts, more than {MAX_PARTS}")
    weights = np.empty(samples.coefficients.shape, np.int32)
    lowest, highest = np.empty((2, window), np.int64)
    for span in spans(window):
        coefficients, most = _terms(samples.coefficients[:, span], registers[span], words[span])
        weights[:, span] = coefficients / grain[span]
        lowest[span] = (np.minimum(weights[:, span], 0) * most).sum(axis=0)
        highest[span] = (np.maximum(weights[:, span], 0) * most).sum(axis=0)
    offsets = np.concatenate([[0], np.cumsum(highest - lowest + 1)])
    if offsets[-1] > MAX_BINS:
        raise NotWhole(f"the trace has {offsets[-1]} levels, more than the {MAX_BINS} that can be counted")
    levels = Levels(samples.first, weights, lowest.astype(np.int32), offsets)
    return Scale(levels, grain, grain * lowest - samples.still.astype(np.float64))


def _terms(
    coefficients: npt.NDArray[np.float32], registers: npt.NDArray[np.uint8], words: npt.NDArray[np.uint8]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return of some instructions the coefficient of each term and the most that it reaches [terms, instructions]."""
    written, moved = registers.astype(np.int64), words.astype(np.int64)
    most = np.stack([_BITS * written] * 2 + [_BITS * moved] * 2 + [_BYTE * ((written > 0) | (moved > 0))])
    return np.where(most > 0, coefficients, np.float32(0)).astype(np.float64), most


def _grains(coefficients: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the largest power of two that divides all coefficients of an instruction [window]; 1 where all are 0."""
    mantissa, exponent = np.frexp(coefficients)
    digits = np.abs(np.ldexp(mantissa, 24)).astype(np.int64)  # of a float32: whole
    zeros = np.bitwise_count((digits & -digits) - 1).astype(np.int64)
    powers = np.where(digits > 0, exponent - 24 + zeros, np.iinfo(np.int64).max)
    lowest = powers.min(axis=0)
    return np.ldexp(1.0, np.where(lowest == np.iinfo(np.int64).max, 0, lowest).astype(np.int32))
