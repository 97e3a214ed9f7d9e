"""Correlation power analysis (Brier, Clavier, Olivier 2004) from class sums.

For each attacked byte, each of its 256 values and each sample: the sum of the samples of the traces that had this
value, exact integers that merge by addition. Every model of that byte is evaluated from them afterwards:

    rho[k, j] = sum_v (M[v, k] - mean_k) CS[v, j] / sqrt((sum_v n_v M[v, k]^2 - n mean_k^2) (S2[j] - S1[j]^2 / n))

The state is 1 KiB for each byte and sample and grows no further with the traces.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy import special

from workers.simulation.aes import VALUES
from workers.simulation.class_kernels import BLOCK, accumulate, sort_rows
from workers.simulation.dyadic import Sums, correlate_all, correlate_peaks, inverse_deviations, spectrum
from workers.simulation.leakage import Leakage
from workers.simulation.moments import LIMIT, MAX_COUNT, as_traces, by_samples
from workers.simulation.peaks import TILE, keep_peaks
from workers.simulation.prediction import columns, correlate

_INT32_TRACES = (2**31 - 1) // LIMIT  # traces of one class whose sum surely fits
_BLAS_TILE = 4096  # samples of one matrix product: calling it costs more than a narrow one takes
_DIRECT = 1024  # traces from which a block need not be full


class ClassSums:
    """Sums of the samples by the value of each of `bytes_` bytes."""

    def __init__(self, samples: int, bytes_: int = 16) -> None:
        self._counts = np.zeros((bytes_, VALUES), np.int64)
        self._sums: Sums = np.zeros((bytes_, VALUES, samples), np.int32)
        self._totals = np.zeros((2, samples), np.int64)
        # Every block touches the whole state: rows wait here until there are enough of them.
        self._waiting = np.empty((0, samples), np.int16)
        self._waiting_values = np.empty((0, bytes_), np.uint8)
        self._held = 0

    @property
    def count(self) -> int:
        """Return the number of traces."""
        return int(self._counts[0].sum()) + self._held

    @property
    def samples(self) -> int:
        """Return the number of samples of a trace."""
        return self._sums.shape[2]

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """Return the traces of each class [bytes, values]."""
        self._flush(1)
        return self._counts

    @property
    def sums(self) -> Sums:
        """Return the sums of the samples of each class [bytes, values, samples]: int32, int64 when it must be."""
        self._flush(1)
        return self._sums

    @property
    def totals(self) -> npt.NDArray[np.int64]:
        """Return the sums of x and of x^2 over all traces [2, samples]."""
        self._flush(1)
        return self._totals

    def update(self, traces: npt.NDArray[np.int16], values: npt.NDArray[np.uint8], *, threads: int = 1) -> None:
        """Add `traces` [n, samples] whose bytes are `values` [n, bytes].

        Raise TypeError, ValueError or OverflowError and add nothing.
        """
        traces = as_traces(traces, self.samples)
        if not isinstance(values, np.ndarray) or values.dtype != np.uint8:
            raise TypeError(f"values must be a uint8 array, not {getattr(values, 'dtype', type(values).__name__)}")
        if values.shape != (len(traces), len(self._counts)):
            raise ValueError(f"values must be [{len(traces)}, {len(self._counts)}], not {list(values.shape)}")
        _guard(self.count + len(traces))
        done = 0
        while done < len(traces):
            if self._held == 0 and len(traces) - done >= _DIRECT:
                self._add(traces[done : done + BLOCK], values[done : done + BLOCK], threads)
                done += BLOCK
                continue
            taken = min(BLOCK - self._held, len(traces) - done)
            self._hold(traces[done : done + taken], values[done : done + taken])
            done += taken
            if self._held == BLOCK:
                self._flush(threads)

    def merge(self, other: "ClassSums") -> None:
        """Add the sums of other traces; raise ValueError for other shapes, OverflowError beyond the bounds."""
        if other.sums.shape != self.sums.shape:
            raise ValueError(f"shapes differ: {self.sums.shape} and {other.sums.shape}")
        _guard(self.count + other.count)
        self._widen(other.counts)
        self._counts += other.counts
        self._sums += other.sums
        self._totals += other.totals

    def to_arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """Return the state as arrays by name, in the narrowest type that holds the sums."""
        largest = max(abs(int(self.sums.min(initial=0))), int(self.sums.max(initial=0)))
        narrow = next(kind for kind in (np.int16, np.int32, np.int64) if largest <= np.iinfo(kind).max)
        return {"counts": self.counts, "sums": self.sums.astype(narrow, copy=False), "totals": self.totals}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[np.generic]]) -> Self:
        """Return the sums whose state `to_arrays` gave."""
        counts, sums, totals = arrays["counts"], arrays["sums"], arrays["totals"]
        if sums.ndim != 3 or counts.shape != sums.shape[:2] or totals.shape != (2, sums.shape[2]):
            raise ValueError(f"counts {counts.shape}, sums {sums.shape}, totals {totals.shape} do not belong together")
        out = cls(sums.shape[2], sums.shape[0])
        out._widen(counts.astype(np.int64))
        out._counts[:] = counts
        out._sums[:] = sums
        out._totals[:] = totals
        return out

    def correlations(self, byte: int, leakage: Leakage) -> npt.NDArray[np.float32]:
        """Return the correlation of each guess with each sample [256, samples]; 0 where one of them is constant."""
        mean, scale = columns(self.count, self.totals)
        return self._correlated(byte, leakage, slice(0, self.samples), mean, scale)

    def peaks(
        self,
        leakage: Leakage,
        *,
        among: npt.NDArray[np.bool_] | None = None,
        bytes_: Sequence[int] | None = None,
        threads: int = 1,
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int32]]:
        """Return each guess's correlation of largest magnitude [bytes, 256] and its first sample [bytes, 256].

        Only samples that are true in `among` [samples] count, where it is given, and only `bytes_`. Where a guess and its
        complement predict opposites, it is the largest positive correlation.
        """
        chosen = range(len(self._counts)) if bytes_ is None else bytes_
        rho, sample = np.zeros((len(chosen), VALUES), np.float32), np.zeros((len(chosen), VALUES), np.int32)
        mean, scale = columns(self.count, self.totals)
        if among is not None:
            scale[~among] = 0.0  # as if it were constant
        sums, counts = self.sums, self.counts

        def part(first: int, last: int) -> None:
            for at in range(first, last):
                byte = chosen[at]
                if leakage.how == "xor" and not leakage.mirrored:
                    inverse = inverse_deviations(counts[byte], leakage)
                    weights = spectrum(leakage)
                    correlate_peaks(sums[byte], counts[byte], mean, scale, weights, inverse, rho[at], sample[at])
                    continue
                step = TILE if leakage.how == "xor" else _BLAS_TILE
                for start in range(0, self.samples, step):
                    tile = slice(start, start + step)
                    found = self._correlated(byte, leakage, tile, mean[tile], scale[tile])
                    keep_peaks(leakage, found, start, rho[at], sample[at])

        by_samples(part, len(chosen), threads)
        return rho, sample

    def _correlated(
        self,
        byte: int,
        leakage: Leakage,
        tile: slice,
        mean: npt.NDArray[np.float64],
        scale: npt.NDArray[np.float64],
    ) -> npt.NDArray[np.float32]:
        """Return the correlations of a tile of samples [256, tile]."""
        counts = self.counts[byte]
        sums: Sums = self.sums[byte, :, tile]
        if leakage.how == "xor":
            out = np.empty((VALUES, sums.shape[1]), np.float32)
            inverse = inverse_deviations(counts, leakage)
            together = sums if sums.flags.c_contiguous else sums.copy()
            correlate_all(together, counts, mean, scale, spectrum(leakage), inverse, out)
            return out
        # Integers below 2^53, which float64 adds up exactly in whatever order the BLAS takes.
        table = leakage.table()
        products = table.T.astype(np.float64) @ sums.astype(np.float64)
        predicted = np.stack([counts @ table, counts @ (table * table)])
        return correlate(products, predicted, self.count, mean, scale)

    def _hold(self, traces: npt.NDArray[np.int16], values: npt.NDArray[np.uint8]) -> None:
        if not len(self._waiting):
            self._waiting = np.empty((BLOCK, self.samples), np.int16)
            self._waiting_values = np.empty((BLOCK, len(self._counts)), np.uint8)
        self._waiting[self._held : self._held + len(traces)] = traces
        self._waiting_values[self._held : self._held + len(traces)] = values
        self._held += len(traces)

    def _flush(self, threads: int) -> None:
        held, self._held = self._held, 0
        if held:
            self._add(self._waiting[:held], self._waiting_values[:held], threads)

    def _add(self, traces: npt.NDArray[np.int16], values: npt.NDArray[np.uint8], threads: int) -> None:
        order, bounds = sort_rows(np.ascontiguousarray(values.T))
        added = np.stack([np.bincount(column, minlength=VALUES) for column in values.T])
        self._widen(added)

        def part(low: int, high: int) -> None:
            accumulate(traces, order, bounds, low, high, self._sums, self._totals)

        by_samples(part, self.samples, threads)
        self._counts += added

    def _widen(self, added: npt.NDArray[np.int64]) -> None:
        if self._sums.dtype == np.int32 and (self._counts + added).max() > _INT32_TRACES:
            self._sums = self._sums.astype(np.int64)


def rank(scores: npt.NDArray[np.floating], true: int) -> int:
    """Return how many wrong guesses score at least as much as the true one: ties count against us."""
    return int(np.count_nonzero(scores >= scores[true])) - 1


def guessing_entropy(ranks: npt.NDArray[np.integer]) -> float:
    """Return the mean over the bytes of log2(rank + 1): bits of search left per byte (after Standaert et al. 2009)."""
    return float(np.mean(np.log2(np.asarray(ranks, np.float64) + 1)))


def noise_floor(traces: int) -> float:
    """Return 4 / sqrt(N), the |rho| that a wrong guess at one sample exceeds about once in 16,000 (Mangard et al. 2007)."""
    return 4 / math.sqrt(traces) if traces else math.inf


def interval(rho: float, traces: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the confidence interval of a correlation: tanh(atanh(rho) +- z / sqrt(N - 3)) (Fisher 1921)."""
    if traces <= 3:
        return -1.0, 1.0
    if abs(rho) >= 1:
        return rho, rho
    reach = float(special.ndtri((1 + confidence) / 2)) / math.sqrt(traces - 3)
    return math.tanh(math.atanh(rho) - reach), math.tanh(math.atanh(rho) + reach)


def _guard(count: int) -> None:
    if count > MAX_COUNT:
        raise OverflowError(f"{count} traces; sums are exact up to {MAX_COUNT}")
