"""Correlation power analysis (Brier, Clavier, Olivier 2004) from class sums.

For each attacked byte, each of its 256 values and each sample: the sum of the samples of the traces that had this
value, exact integers that merge by addition. Every model of that byte is evaluated from them afterwards:

    rho[k, j] = sum_v (M[v, k] - mean_k) CS[v, j] / sqrt((sum_v n_v M[v, k]^2 - n mean_k^2) (S2[j] - S1[j]^2 / n))

The state is 1 KiB for each byte and sample and grows no further with the traces.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workers.simulation.aes import VALUES
from workers.simulation.class_kernels import BLOCK, accumulate, sort_rows
from workers.simulation.correlating import columns, correlate, guard
from workers.simulation.dyadic import Sums, correlate_all, correlate_peaks, inverse_deviations, spectrum
from workers.simulation.large import Large, name_of, narrowed, slices
from workers.simulation.leakage import Leakage
from workers.simulation.moments import LIMIT, as_traces, by_samples
from workers.simulation.peaks import TILE, keep_peaks

_INT32_TRACES = (2**31 - 1) // LIMIT  # traces of one class whose sum surely fits
_BLAS_TILE = 4096  # samples of one matrix product: calling it costs more than a narrow one takes
_DIRECT = 1024  # traces from which a block need not be full
WAITING_BYTES = 64 * 2**20
"""Of traces that wait to be added."""


class ClassSums:
    """Sums of the samples by the value of each of `bytes_` bytes."""

    def __init__(self, samples: int, bytes_: int = 16, *, folder: Path | None = None) -> None:
        """Begin without traces; with a `folder` the sums lie in a file of it."""
        self._counts = np.zeros((bytes_, VALUES), np.int64)
        self._large = Large((bytes_, VALUES, samples), np.int32, folder)
        self._totals = np.zeros((2, samples), np.int64)
        # Every block touches the whole state: rows wait here until there are enough of them.
        self._waiting = np.empty((0, samples), np.int16)
        self._waiting_values = np.empty((0, bytes_), np.uint8)
        self._most = max(1, min(BLOCK, WAITING_BYTES // (2 * max(samples, 1))))
        self._held = 0

    @property
    def count(self) -> int:
        """Return the number of traces."""
        return int(self._counts[0].sum()) + self._held

    @property
    def samples(self) -> int:
        """Return the number of samples of a trace."""
        return self._large.values.shape[2]

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """Return the traces of each class [bytes, values]."""
        self._flush(1)
        return self._counts

    @property
    def sums(self) -> Sums:
        """Return the sums of the samples of each class [bytes, values, samples]: int32, int64 when it must be."""
        self._flush(1)
        return self._large.values

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
        guard(self.count + len(traces))
        done = 0
        while done < len(traces):
            if self._held == 0 and len(traces) - done >= _DIRECT:
                self._add(traces[done : done + BLOCK], values[done : done + BLOCK], threads)
                done += BLOCK
                continue
            taken = min(self._most - self._held, len(traces) - done)
            self._hold(traces[done : done + taken], values[done : done + taken])
            done += taken
            if self._held == self._most:
                self._flush(threads)

    def merge(self, other: "ClassSums") -> None:
        """Add the sums of other traces; raise ValueError for other shapes, OverflowError beyond the bounds."""
        if other.sums.shape != self.sums.shape:
            raise ValueError(f"shapes differ: {self.sums.shape} and {other.sums.shape}")
        guard(self.count + other.count)
        self.add(dict(other.arrays()))

    def arrays(self) -> Iterator[tuple[str, npt.NDArray[Any]]]:
        """Yield the state as arrays, each with its name: the sums part by part, in the narrowest type that holds those of one."""
        yield "counts", self.counts
        yield "totals", self.totals
        for byte, span, sums in self.pieces():
            yield name_of("sums", byte, span), narrowed(sums)

    def add(self, stored: Mapping[str, npt.NDArray[Any]]) -> None:
        """Add the sums whose state `arrays` gave, which are read part by part.

        Raise ValueError for other shapes, OverflowError beyond the bounds.
        """
        counts, totals = stored["counts"], stored["totals"]
        if (counts.shape, totals.shape) != (self._counts.shape, self._totals.shape):
            raise ValueError(f"shapes differ: {self.sums.shape}, and counts {counts.shape} with totals {totals.shape}")
        guard(self.count + int(counts[0].sum()))
        self._flush(1)
        self._widen(counts)
        for byte, span, sums in self.pieces():
            np.add(sums, stored[name_of("sums", byte, span)], out=sums, casting="same_kind")
        self._counts += counts
        self._totals += totals

    def pieces(self) -> Iterator[tuple[int, slice, Sums]]:
        """Yield a byte, a slice of the samples and the sums there [values, slice], each to be done with before the next."""
        self._flush(1)
        yield from self._large.pieces()

    def let_go(self) -> None:
        """Hand the memory of sums that lie in a file back; they are read again when they are used."""
        self._large.let_go()

    def correlations(self, byte: int, leakage: Leakage) -> npt.NDArray[np.float32]:
        """Return the correlation of each guess with each sample [256, samples]; 0 where one of them is constant."""
        mean, scale = columns(self.count, self.totals)
        return self._correlated(byte, leakage, slice(0, self.samples), mean, scale)

    def correlations_of(self, guess: int, byte: int, leakage: Leakage) -> npt.NDArray[np.float32]:
        """Return those of one guess [samples]."""
        mean, scale = columns(self.count, self.totals)
        found = np.empty(self.samples, np.float32)
        for span in slices(self.samples):
            found[span] = self._correlated(byte, leakage, span, mean[span], scale[span])[guess]
            self._large.let_go()
        return found

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
                    best = np.zeros(VALUES, np.int32)
                    for span in slices(self.samples):
                        of_byte = (sums[byte], counts[byte], mean, scale, weights, inverse)
                        correlate_peaks(*of_byte, span.start, span.stop, best, rho[at], sample[at])
                        self._large.let_go()
                    continue
                step = TILE if leakage.how == "xor" else _BLAS_TILE
                for start in range(0, self.samples, step):
                    tile = slice(start, start + step)
                    found = self._correlated(byte, leakage, tile, mean[tile], scale[tile])
                    keep_peaks(leakage, found, start, rho[at], sample[at])
                    self._large.let_go()

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
            self._waiting = np.empty((self._most, self.samples), np.int16)
            self._waiting_values = np.empty((self._most, len(self._counts)), np.uint8)
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

        def part(rows: slice, first: int, low: int, high: int) -> None:
            totals = self._totals if rows.start == 0 else np.empty_like(self._totals)  # they are to be added once
            into = (self._large.values[rows], totals)
            accumulate(traces, order[rows], bounds[rows], first + low, first + high, *into)

        for rows, span in self._large.parts():
            by_samples(partial(part, rows, span.start), span.stop - span.start, threads)
        self._counts += added

    def _widen(self, added: npt.NDArray[np.int64]) -> None:
        if self._large.values.dtype == np.int32 and (self._counts + added).max() > _INT32_TRACES:
            self._large = self._large.widened(np.int64)
