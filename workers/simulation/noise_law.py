"""Noise by law: from a tally of levels to power sums, as if every trace had had a noise of its own.

The sample of a trace is x = rint(v + sigma z), clipped, with v its noise-free value and z a standard normal draw. Of n
traces with the same v, the numbers that end up at each x are multinomial with the probabilities of x. Drawing those
numbers is drawing n noises, as far as sums over the traces can tell: the joint law of the sums is exactly that of
noise per trace, at every order. Samples are independent of each other, given the levels, there as here.

A multinomial is drawn as binomials, one after the other, of what the values before have left over; a level with few
traces is given its noises one by one. The chance is a function of (seed, sample, group): no shard, worker, engine or
thread changes it. Traces that are looked at before others are there get their noise by themselves: each such segment
has streams of its own. Without noise there is no chance at all, and the sums are those of `power.sample`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit
from scipy import special

from workers.simulation.binomial import binomial
from workers.simulation.draws import normal_at, stream
from workers.simulation.levels import Scale
from workers.simulation.moments import LIMIT, PowerSums, by_samples
from workers.simulation.power import SamplePlan
from workers.simulation.tallies import Tally

LAW_PURPOSE = 2
"""The purpose of its streams in `draws`; their index is (segment * samples + sample) * groups + group."""
_REACH = 9.0
"""Sigmas beyond which no value has a probability of its own: 2e-19 of the noise is given to the outermost ones."""
SINGLY = 2
"""A level with fewer traces than so many times the values is given its noises one by one: that is faster."""


@dataclass(frozen=True, slots=True)
class Law:
    """The probabilities of the quantised values around a noise-free one, for each part of a step that it can lie at."""

    sigma: float
    """Of the noise, in steps."""
    value: npt.NDArray[np.int64]
    """[parts, values] x less the step below the noise-free value, from the nearest to the farthest."""
    share: npt.NDArray[np.float64]
    """[parts, values] probability of each among those from it on; the last is 1."""


def law_of(samples: SamplePlan, scale: Scale) -> Law:
    """Return the law of a campaign's noise."""
    sigma = samples.noise_sigma / samples.step
    parts = max(1, round(1 / float(scale.grain.min(initial=1.0))))
    at = np.arange(parts)[:, np.newaxis] / parts
    if sigma == 0.0:
        return Law(0.0, np.zeros((parts, 1), np.int64), np.ones((parts, 1)))
    reach = int(np.ceil(_REACH * sigma)) + 1
    near = np.arange(-reach, reach + 2)
    value = np.take_along_axis(
        np.broadcast_to(near, (parts, len(near))), np.argsort(np.abs(near - at), axis=1, kind="stable"), axis=1
    )
    low, high = (value - 0.5 - at) / sigma, (value + 0.5 - at) / sigma
    flipped = low > 0  # of two numbers near 1 the difference is lost; in the other tail it is not
    low, high = np.where(flipped, -high, low), np.where(flipped, -low, high)
    probability = special.ndtr(high) - special.ndtr(low)
    rest = np.cumsum(probability[:, ::-1], axis=1)[:, ::-1]  # smallest first
    share = np.divide(probability, rest, out=np.ones_like(rest), where=rest > 0)
    share[:, -1] = 1.0
    return Law(sigma, value, share)


def settle(
    tallies: Sequence[Tally],
    samples: SamplePlan,
    scale: Scale,
    law: Law,
    *,
    seed: int,
    span: slice | None = None,
    segment: int = 0,
    threads: int = 1,
) -> tuple[PowerSums, int]:
    """Return the power sums of the tallies' traces in a `span` of the samples, else in all, and how many were clipped.

    The traces are those of one `segment` of the campaign, all of it: its chance is its own.
    """
    start, stop = (0, samples.samples) if span is None else (span.start, span.stop)
    first, last = np.searchsorted(samples.carrier, [start, stop - 1], side="left")
    here = slice(int(first), int(last) + 1 if stop > start else int(first))
    offsets = scale.levels.offsets[here.start : here.stop + 1]
    bins = slice(int(offsets[0]), int(offsets[-1]))
    levels = np.ascontiguousarray(tallies[0].levels[:, bins])
    for tally in tallies[1:]:
        levels = levels + tally.levels[:, bins]
    power = PowerSums(len(levels), stop - start)
    clipped = np.zeros(here.stop - here.start, np.int64)
    arrays = (offsets - bins.start, scale.grain[here], scale.origin[here], samples.carrier[here], law.value, law.share)
    chance = (law.sigma, np.uint64(seed), segment * samples.samples)

    def work(low: int, high: int) -> None:
        _settle(levels, *arrays, *chance, start, stop, low, high, power.sums, clipped)

    by_samples(work, len(clipped), threads)
    for tally in tallies:
        power.counts += tally.counts
    return power, int(clipped.sum())


@njit(cache=True, nogil=True)
def _add(value: int, count: int, sums: npt.NDArray[np.int64], sample: int) -> int:
    """Add `count` samples of this value to the sums [orders, samples] and return how many were clipped."""
    x = min(max(value, -LIMIT), LIMIT)
    square = x * x
    sums[0, sample] += count * x
    sums[1, sample] += count * square
    sums[2, sample] += count * square * x
    sums[3, sample] += count * square * square
    return count if x != value else 0


@njit(cache=True, nogil=True)
def _spread(  # noqa: PLR0917 - numba knows no keyword-only arguments
    count: int,
    at: float,
    value: npt.NDArray[np.int64],
    share: npt.NDArray[np.float64],
    sigma: float,
    start: np.uint64,
    gamma: np.uint64,
    used: int,
    sums: npt.NDArray[np.int64],
    sample: int,
) -> tuple[int, int]:
    """Add the samples of `count` traces whose noise-free value is `at`; return the words used so far and the clipped."""
    clipped = 0
    if sigma == 0.0:
        return used, _add(int(np.rint(at)), count, sums, sample)
    if count < SINGLY * value.shape[1]:
        for _ in range(count):
            clipped += _add(int(np.rint(at + sigma * normal_at(used, start, gamma))), 1, sums, sample)
            used += 1
        return used, clipped
    below = int(np.floor(at))
    part = int((at - below) * len(value))
    for k in range(value.shape[1]):
        here, used = binomial(count, share[part, k], start, gamma, used)
        if here:
            clipped += _add(below + value[part, k], here, sums, sample)
            count -= here
            if count == 0:
                break
    return used, clipped


@njit(cache=True, nogil=True)
def _settle(  # noqa: PLR0917 - numba knows no keyword-only arguments
    levels: npt.NDArray[np.int64],
    offsets: npt.NDArray[np.int64],
    grain: npt.NDArray[np.float64],
    origin: npt.NDArray[np.float64],
    carrier: npt.NDArray[np.int64],
    value: npt.NDArray[np.int64],
    share: npt.NDArray[np.float64],
    sigma: float,
    seed: np.uint64,
    base: int,
    start: int,
    stop: int,
    low: int,
    high: int,
    sums: npt.NDArray[np.int64],
    clipped: npt.NDArray[np.int64],
) -> None:
    """Settle instructions [low, high) in the samples [start, stop): `sums` [groups, orders, stop - start], `clipped` [window].

    The window's first instruction is the one that sample `start` belongs to, its last that of the last sample.
    """
    groups = len(levels)
    for i in range(low, high):
        for group in range(groups):
            bins = levels[group, offsets[i] : offsets[i + 1]]
            first = carrier[i - 1] + 1 if i else start
            for sample in range(first, min(carrier[i] + 1, stop)):
                at_sample = sample - start
                index = np.uint64((base + sample) * groups + group)
                begin, gamma = stream(seed, index, np.uint64(LAW_PURPOSE))
                used = 0
                if sample < carrier[i]:  # noise alone
                    traces = bins.sum()
                    if traces:
                        used, out = _spread(
                            traces, 0.0, value, share, sigma, begin, gamma, used, sums[group], at_sample
                        )
                        clipped[i] += out
                    continue
                for level in range(len(bins)):
                    if bins[level]:
                        at = grain[i] * level + origin[i]
                        used, out = _spread(
                            bins[level], at, value, share, sigma, begin, gamma, used, sums[group], at_sample
                        )
                        clipped[i] += out
