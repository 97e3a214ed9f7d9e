"""Power sums: everything a t-test needs of the traces, in integers that merge by addition.

For each group of traces and each sample: the sums of x, x^2, x^3 and x^4 as int64. Integer addition is associative,
so any split of the traces into shards, merged in any order, gives the same bits.

Bounds. |x| <= 511, and at most 100,000,000 traces a group (`MAX_COUNT`). Then the sums stay below 6.9e18, and the
fourth moment about the mean, summed, is at most n * 1022^4 / 12 (a two-valued sample), which with the rounding of the
centre is 9.2e18 < 2^63. More is refused before it is added.

Central moments (`Group.moments`) do not suffer from cancellation: the sums are first moved, in exact integer
arithmetic, to the integer c nearest to the mean. What is left of the mean, d = T1/n with |d| <= 1/2, is removed in
float64; integers whose mean lies d away from an integer have a variance of at least |d|(1 - |d|), so at most one bit
is lost there.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from numba import njit

from workers.simulation import blocks
from workers.simulation.large import Large

LIMIT = 511
"""Largest magnitude of a sample."""
MAX_COUNT = 100_000_000
"""Most traces of a group whose sums are exact."""
ORDERS = 4

_ROWS = 16  # of a block: 16 cubes fit an int32
_TILE = 1024  # samples of a block: the sums of a tile stay in the first-level cache


@dataclass(frozen=True, slots=True)
class Moments:
    """The central moments of a group; nothing is divided by n - 1."""

    count: int
    mean: npt.NDArray[np.float64]
    """[samples]"""
    second: npt.NDArray[np.float64]
    """[samples] mean of (x - mean)^2; 0 exactly where the sample is constant."""
    third: npt.NDArray[np.float64]
    """[samples]"""
    fourth: npt.NDArray[np.float64]
    """[samples]"""
    square_variance: npt.NDArray[np.float64]
    """[samples] variance of (x - mean)^2: fourth - second^2; 0 exactly where (x - mean)^2 is constant."""


@dataclass(frozen=True, slots=True)
class Group:
    """The exact sums of one group of traces."""

    count: int
    sums: npt.NDArray[np.int64]
    """[orders, samples] sums of x, x^2, x^3, x^4."""

    def centred(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return the integer nearest to each mean [samples], and the sums of (x - c)^k about it [orders, samples]."""
        count = np.int64(max(self.count, 1))
        s1, s2, s3, s4 = self.sums
        centre = (2 * s1 + count) // (2 * count)  # |2 s1| + n < 2^63 with the bounds above
        # Products wrap modulo 2^64 on the way; the results fit, so they are exact.
        c2 = centre * centre
        moved = np.empty_like(self.sums)
        moved[0] = s1 - count * centre
        moved[1] = s2 - 2 * centre * s1 + count * c2
        moved[2] = s3 - 3 * centre * s2 + 3 * c2 * s1 - count * c2 * centre
        moved[3] = s4 - 4 * centre * s3 + 6 * c2 * s2 - 4 * c2 * centre * s1 + count * c2 * c2
        return centre, moved

    def moments(self) -> Moments:
        """Return the central moments; all 0 for an empty group."""
        centre, moved = self.centred()
        t1, t2, t3, t4 = moved.astype(np.float64) / max(self.count, 1)
        d2 = t1 * t1
        second = t2 - d2
        fourth = t4 - 4 * t1 * t3 + 6 * d2 * t2 - 3 * d2 * d2
        square_variance = fourth - second * second
        # Rounding leaves some 1e-15 of the fourth moment where the difference is nil: ask the integers.
        for sample in np.flatnonzero((second > 0) & (square_variance <= 1e-6 * fourth)):
            square_variance[sample] = _square_variance(self.count, *(int(value) for value in moved[:, sample]))
        third = t3 - 3 * t1 * t2 + 2 * d2 * t1
        return Moments(self.count, centre + t1, second, third, fourth, square_variance)


class PowerSums:
    """Sums of the powers 1 to 4 of every sample, per group of traces."""

    def __init__(self, groups: int, samples: int, *, folder: Path | None = None) -> None:
        """Begin without traces; with a `folder` the sums lie in a file of it."""
        self.counts = np.zeros(groups, np.int64)
        """[groups] traces."""
        self._large = Large((groups, ORDERS, samples), np.int64, folder)
        self.sums: npt.NDArray[np.int64] = self._large.values
        """[groups, orders, samples]"""

    def update(self, traces: npt.NDArray[np.int16], groups: npt.NDArray[np.uint8], *, threads: int = 1) -> None:
        """Add `traces` [n, samples], of the groups [n]; raise TypeError, ValueError or OverflowError and add nothing."""
        traces = as_traces(traces, self.sums.shape[2])
        labels = as_labels(groups, len(traces))
        if len(labels) and labels.max() >= len(self.counts):
            raise ValueError(f"group {labels.max()} of {len(self.counts)}")
        added = np.bincount(labels, minlength=len(self.counts))
        _guard(self.counts + added)
        order = np.argsort(labels, kind="stable")
        bounds = np.concatenate([[0], np.cumsum(added)])
        by_samples(lambda low, high: _add(traces, order, bounds, low, high, self.sums), traces.shape[1], threads)
        self.counts += added

    def merge(self, other: "PowerSums") -> None:
        """Add the sums of other traces; raise ValueError for other shapes, OverflowError beyond the bounds."""
        if other.sums.shape != self.sums.shape:
            raise ValueError(f"shapes differ: {self.sums.shape} and {other.sums.shape}")
        _guard(self.counts + other.counts)
        self.counts += other.counts
        self.sums += other.sums

    def union(self, groups: Sequence[int]) -> Group:
        """Return the sums of the traces of several groups together."""
        chosen = list(groups)
        count = self.counts[chosen].sum()
        _guard(count)
        return Group(int(count), self.sums[chosen].sum(axis=0))

    def blank(self) -> Self:
        """Return sums of the same shape, of no traces."""
        return type(self)(len(self.counts), self.sums.shape[2])

    def block(self, span: slice) -> Self:
        """Return the sums of some samples: a view."""
        out = type(self)(len(self.counts), 0)
        out.counts, out.sums = self.counts, self.sums[:, :, span]
        return out

    def let_go(self) -> None:
        """Hand the memory of sums that lie in a file back; they are read again when they are used."""
        self._large.let_go()

    def arrays(self) -> Iterator[tuple[str, npt.NDArray[Any]]]:
        """Yield the state as arrays, each with its name: the sums block by block."""
        yield "counts", self.counts
        yield from blocks.cut("sums", self.sums)

    def add(self, stored: Mapping[str, npt.NDArray[Any]]) -> None:
        """Add the sums whose state `arrays` gave, which are read block by block; raise as `merge`."""
        counts = stored["counts"]
        if counts.shape != self.counts.shape:
            raise ValueError(f"shapes differ: {self.counts.shape} and {counts.shape} groups")
        _guard(self.counts + counts)
        blocks.add("sums", stored, self.sums, done=self.let_go)
        self.counts += counts


def as_traces(traces: npt.NDArray[np.int16], samples: int) -> npt.NDArray[np.int16]:
    """Return `traces` in C order if they are int16 [n, samples] within +-511; raise TypeError or ValueError if not."""
    if not isinstance(traces, np.ndarray) or traces.dtype != np.int16:
        raise TypeError(f"traces must be an int16 array, not {getattr(traces, 'dtype', type(traces).__name__)}")
    if traces.ndim != 2 or traces.shape[1] != samples:
        raise ValueError(f"traces must be [n, {samples}], not {list(traces.shape)}")
    traces = np.ascontiguousarray(traces)
    if traces.size and (traces.min() < -LIMIT or traces.max() > LIMIT):
        raise ValueError(f"traces must lie within -{LIMIT} and {LIMIT}")
    return traces


def as_labels(labels: npt.NDArray[np.uint8], traces: int) -> npt.NDArray[np.uint8]:
    """Return `labels` if they are uint8 [traces]; raise TypeError or ValueError if not."""
    if not isinstance(labels, np.ndarray) or labels.dtype != np.uint8:
        raise TypeError(f"groups must be a uint8 array, not {getattr(labels, 'dtype', type(labels).__name__)}")
    if labels.shape != (traces,):
        raise ValueError(f"groups must be [{traces}], not {list(labels.shape)}")
    return labels


def by_samples(work: Callable[[int, int], object], samples: int, threads: int) -> None:
    """Call `work(low, high)` over slices that cover [0, samples), on `threads` threads."""
    cuts = [samples * k // threads for k in range(threads + 1)]
    if threads == 1:
        work(0, samples)
        return
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, cuts[:-1], cuts[1:]))


def _guard(counts: npt.NDArray[np.int64]) -> None:
    if np.max(counts) > MAX_COUNT:
        raise OverflowError(f"{np.max(counts)} traces in a group; sums are exact up to {MAX_COUNT}")


def _square_variance(n: int, t1: int, t2: int, t3: int, t4: int) -> float:
    """Return the variance of (x - mean)^2 from integer sums about any centre, by exact arithmetic."""
    second = n * t2 - t1 * t1  # n^2 times the second central moment
    fourth = n**3 * t4 - 4 * n * n * t1 * t3 + 6 * n * t1 * t1 * t2 - 3 * t1**4  # n^4 times the fourth
    return (fourth - second * second) / n**4 if n else 0.0


@njit(cache=True, nogil=True)
def _add(  # noqa: PLR0917 - numba knows no keyword-only arguments
    traces: npt.NDArray[np.int16],
    order: npt.NDArray[np.int64],
    bounds: npt.NDArray[np.int64],
    low: int,
    high: int,
    sums: npt.NDArray[np.int64],
) -> None:
    """Add samples [low, high) of the traces to `sums`; the traces of group g are order[bounds[g]:bounds[g + 1]]."""
    one = np.empty(_TILE, np.int32)
    two = np.empty(_TILE, np.int32)
    three = np.empty(_TILE, np.int32)
    for tile in range(low, high, _TILE):
        width = min(_TILE, high - tile)
        for group in range(len(bounds) - 1):
            s1, s2 = sums[group, 0, tile : tile + width], sums[group, 1, tile : tile + width]
            s3, s4 = sums[group, 2, tile : tile + width], sums[group, 3, tile : tile + width]
            for block in range(bounds[group], bounds[group + 1], _ROWS):
                one[:] = 0
                two[:] = 0
                three[:] = 0
                for position in range(block, min(block + _ROWS, bounds[group + 1])):
                    x = traces[order[position], tile : tile + width]
                    for j in range(width):
                        v = np.int32(x[j])
                        square = np.int32(v * v)
                        one[j] += v
                        two[j] += square
                        three[j] += np.int32(square * v)
                        s4[j] += np.int64(square) * np.int64(square)
                for j in range(width):
                    s1[j] += one[j]
                    s2[j] += two[j]
                    s3[j] += three[j]
