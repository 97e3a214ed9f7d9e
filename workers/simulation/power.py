"""Power models: how the activity of an execution becomes samples of power.

    P(t) = base[class] + a[class] HW(registers) + b[class] HD(registers) + c[class] HW(bus) + d[class] HD(bus)
           + e[class] low byte + noise(sigma)

Samples are integers: the distance from the noise-free power of the reference execution, in steps, between -511 and
511. Ten bits are what exact fourth powers afford (`moments.py`), and the distance is small where power itself may not
be. Rounding adds step^2/12 to the variance of the noise (Sheppard); a sigma well below the step is rounded away, and
the report states both.
"""

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Self

import numpy as np
import numpy.typing as npt
from numba import njit

from jobs.payloads import Sampling
from renode.trace import BUS_HD, BUS_HW, LOW_BYTE, REGISTER_HD, REGISTER_HW
from workers.simulation.draws import fill_normal, stream
from workers.simulation.power_model import PowerModel

LIMIT = 511
"""Largest magnitude of a sample, in steps."""
NOISE_PURPOSE = 1
"""The purpose of the noise's stream in `draws`."""
_FIELD_RANGE = (32, 32, 32, 32, 255)  # what one 32-bit register write and one bus word can reach in each field
_NOISE_REACH = 6  # sigmas


@dataclass(frozen=True, slots=True)
class SamplePlan:
    """Which samples an execution gives and how each is computed: built once per campaign."""

    owner: npt.NDArray[np.int32]
    """[samples] position of the instruction in the reference path; ascending."""
    carrier: npt.NDArray[np.int64]
    """[window] the sample that carries an instruction's data-dependent part: its last one."""
    coefficients: npt.NDArray[np.float32]
    """[terms, window] of each instruction, divided by the step."""
    still: npt.NDArray[np.float32]
    """[window] what the reference execution's own data adds to its base power, in steps."""
    offset: npt.NDArray[np.float32]
    """[samples] noise-free power of the reference execution, in the model's unit."""
    first: int
    """Position of the window's first instruction in the reference path."""
    instructions: int
    """Length of the reference path."""
    step: float
    """Power of one unit of a sample; a power of two."""
    noise_sigma: float
    """Standard deviation of the noise, in the model's unit."""

    @property
    def samples(self) -> int:
        """Return how many samples a trace has."""
        return len(self.owner)

    def within(self, first: int, instructions: int) -> Self:
        """Return the same samples of a path of `instructions`, planned without what lies before `first` and behind them."""
        return replace(self, owner=self.owner + np.int32(first), first=self.first + first, instructions=instructions)

    def sampled(self) -> Self:
        """Return what is still to be known when all executions are sampled; the rest is four fifths of the memory."""
        none = np.empty(0, np.float32)
        return replace(self, carrier=np.empty(0, np.int64), coefficients=none, still=none)


def plan_samples(
    model: PowerModel,
    kinds: npt.NDArray[np.uint8],
    cycles: npt.NDArray[np.int64],
    reference: npt.NDArray[np.uint64],
    *,
    sampling: Sampling,
    window: tuple[int, int],
    noise_sigma: float,
) -> SamplePlan:
    """Plan the samples of the instructions [window) of a reference path.

    `kinds`, `cycles` and `reference` are [instructions]: the Class, the cycles and the activity word of each. An
    instruction of k cycles gives k samples when `sampling` is by cycle; the last carries its data. Raise ValueError
    for shapes that differ, a window outside the path or an instruction without cycles.
    """
    first, last = window
    if not kinds.shape == cycles.shape == reference.shape or kinds.ndim != 1:
        raise ValueError(f"kinds, cycles and reference differ: {kinds.shape}, {cycles.shape}, {reference.shape}")
    if not 0 <= first < last <= len(kinds):
        raise ValueError(f"window [{first}, {last}) is not inside a path of {len(kinds)} instructions")
    if cycles[first:last].min() < 1:
        raise ValueError("an instruction takes at least one cycle")

    counts = cycles[first:last].astype(np.int64) if sampling is Sampling.CYCLE else np.ones(last - first, np.int64)
    chosen = kinds[first:last].astype(np.intp)
    table = model.table()
    step = _step(table[:, np.unique(chosen)], noise_sigma)
    coefficients = np.ascontiguousarray(table[:, chosen])
    data = np.zeros(last - first, np.float32)
    _linear(reference[first:last], coefficients, data)
    carrier = np.cumsum(counts) - 1
    offset = np.repeat(model.base.row()[chosen], counts)
    offset[carrier] += data
    return SamplePlan(
        owner=np.repeat(np.arange(first, last, dtype=np.int32), counts),
        carrier=carrier,
        coefficients=coefficients / np.float32(step),  # a power of two: exact
        still=data / np.float32(step),
        offset=offset,
        first=first,
        instructions=len(kinds),
        step=step,
        noise_sigma=noise_sigma,
    )


def sample(
    activity: npt.NDArray[np.uint64],
    agreed: npt.NDArray[np.int32],
    plan: SamplePlan,
    *,
    seed: int,
    first_index: int,
    threads: int = 1,
) -> tuple[npt.NDArray[np.int16], int]:
    """Return the samples [n, samples] of the traces [first_index, first_index + n) and how many were clipped.

    `activity` is [n, instructions], `agreed` [n] is how far each execution follows the reference path: samples from
    there on are 0, without noise. The noise of a trace depends on (seed, its index) alone.
    """
    if activity.dtype != np.uint64 or agreed.dtype != np.int32:
        raise TypeError(f"activity and agreed must be uint64 and int32, not {activity.dtype} and {agreed.dtype}")
    if activity.shape != (len(agreed), plan.instructions) or agreed.ndim != 1:
        raise ValueError(f"activity {activity.shape} and agreed {agreed.shape} do not fit {plan.instructions=}")
    activity = np.ascontiguousarray(activity)
    out = np.empty((len(activity), plan.samples), np.int16)
    sigma = np.float32(plan.noise_sigma / plan.step)

    def part(rows: slice) -> int:
        start = np.uint64(first_index + rows.start)
        arrays = (plan.carrier, plan.coefficients, plan.still, plan.first)
        return int(_sample(activity[rows], agreed[rows], *arrays, sigma, np.uint64(seed), start, out[rows]))

    cuts = [len(activity) * k // threads for k in range(threads + 1)]
    slices = [slice(a, b) for a, b in pairwise(cuts)]
    if threads == 1:
        return out, part(slices[0])
    with ThreadPoolExecutor(threads) as pool:
        return out, sum(pool.map(part, slices))


def dequantise(samples: npt.NDArray[np.int16], plan: SamplePlan) -> npt.NDArray[np.float32]:
    """Return power in the model's unit for samples [..., samples]."""
    return np.asarray(samples * np.float32(plan.step) + plan.offset, np.float32)


def _step(table: npt.NDArray[np.float32], noise_sigma: float) -> float:
    """Return the smallest power of two with which one register write, one bus word and 6 sigma stay within LIMIT."""
    data = float((np.abs(table.astype(np.float64)).T @ np.array(_FIELD_RANGE, np.float64)).max())
    reach = data + _NOISE_REACH * noise_sigma
    if reach == 0.0:
        return 1.0
    mantissa, exponent = math.frexp(reach / LIMIT)
    return math.ldexp(1.0, exponent - 1 if mantissa == 0.5 else exponent)


@njit(cache=True, nogil=True)
def _linear(words: npt.NDArray[np.uint64], coefficients: npt.NDArray[np.float32], out: npt.NDArray[np.float32]) -> None:
    """Write the data-dependent power of each activity word; one order of additions, so one result everywhere."""
    a, b, c, d, e = coefficients[0], coefficients[1], coefficients[2], coefficients[3], coefficients[4]
    for i in range(len(words)):
        word = words[i]
        registers = np.uint32((word >> np.uint64(REGISTER_HW)) & np.uint64(0xFFFFFF))
        bus = np.uint32((word >> np.uint64(BUS_HW)) & np.uint64(0xFFFFFF))
        byte = np.uint32((word >> np.uint64(LOW_BYTE)) & np.uint64(0xFF))
        total = a[i] * np.float32(np.int32(registers & np.uint32(0xFFF)))
        total += b[i] * np.float32(np.int32(registers >> np.uint32(REGISTER_HD - REGISTER_HW)))
        total += c[i] * np.float32(np.int32(bus & np.uint32(0xFFF)))
        total += d[i] * np.float32(np.int32(bus >> np.uint32(BUS_HD - BUS_HW)))
        total += e[i] * np.float32(np.int32(byte))
        out[i] = total


@njit(cache=True, nogil=True)
def _sample(  # noqa: PLR0917 - numba knows no keyword-only arguments
    activity: npt.NDArray[np.uint64],
    agreed: npt.NDArray[np.int32],
    carrier: npt.NDArray[np.int64],
    coefficients: npt.NDArray[np.float32],
    still: npt.NDArray[np.float32],
    first: int,
    sigma: np.float32,
    seed: np.uint64,
    first_index: np.uint64,
    out: npt.NDArray[np.int16],
) -> int:
    clipped = 0
    window = len(carrier)
    samples = out.shape[1]
    power = np.empty(samples, np.float32)
    data = np.empty(window, np.float32)
    for row in range(len(activity)):
        followed = min(max(int(agreed[row]) - first, 0), window)
        used = int(carrier[followed - 1]) + 1 if followed > 0 else 0
        if sigma > np.float32(0):
            start, gamma = stream(seed, first_index + np.uint64(row), np.uint64(NOISE_PURPOSE))
            fill_normal(power, used, start, gamma)
            for j in range(used):
                power[j] *= sigma
        else:
            power[:used] = np.float32(0)
        _linear(activity[row, first : first + followed], coefficients, data)
        if samples == window:
            for i in range(followed):
                power[i] += data[i] - still[i]
        else:
            for i in range(followed):
                power[carrier[i]] += data[i] - still[i]
        for j in range(used):
            # Beyond the limit every value is clipped alike; bounded first, so that the cast is always defined.
            bounded = min(max(power[j], np.float32(-4096)), np.float32(4096))
            steps = np.int32(np.rint(bounded))
            inside = min(max(steps, np.int32(-LIMIT)), np.int32(LIMIT))
            clipped += inside != steps
            out[row, j] = np.int16(inside)
        out[row, used:] = 0
    return clipped
