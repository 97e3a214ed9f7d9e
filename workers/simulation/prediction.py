"""Sums of predictions times samples: the state of an attack whose prediction depends on two known bytes at once.

    P[g, j] = sum over traces of h_g x_j,    rho[g, j] = (P - H1 mean_j) / sqrt((H2 - H1^2 / n) (S2 - S1^2 / n))

Everything is an integer and merges by addition. A block's products are made by a float32 matrix product that is exact,
whatever order the BLAS adds in: 8 * 511 * 4,096 < 2^24.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workers.simulation.aes import VALUES
from workers.simulation.class_kernels import BLOCK
from workers.simulation.correlating import columns, correlate, guard
from workers.simulation.large import Large, name_of, narrowed, slices
from workers.simulation.leakage import Leakage, Pairing
from workers.simulation.moments import as_traces
from workers.simulation.peaks import TILE, keep_peaks

_TOGETHER = 1024
"""Samples of one matrix product."""
WAITING_BYTES = 64 * 2**20
"""Of traces that wait to be added."""


class PredictionSums:
    """Sums of what every guess predicts, times the samples, for each of `bytes_` bytes."""

    def __init__(self, pairing: Pairing, samples: int, bytes_: int = 16, *, folder: Path | None = None) -> None:
        """Begin without traces; with a `folder` the products lie in a file of it."""
        self.pairing = pairing
        self._large = Large((bytes_, VALUES, samples), np.int64, folder)
        self._products: npt.NDArray[np.int64] = self._large.values
        self._predicted = np.zeros((2, bytes_, VALUES), np.int64)
        self._totals = np.zeros((2, samples), np.int64)
        self._count = 0
        self._waiting: list[tuple[npt.NDArray[np.int16], npt.NDArray[np.uint8], npt.NDArray[np.uint8]]] = []
        self._held = 0
        self._most = max(1, min(BLOCK, WAITING_BYTES // (2 * max(samples, 1))))

    @property
    def count(self) -> int:
        """Return the number of traces."""
        return self._count + self._held

    @property
    def samples(self) -> int:
        """Return the number of samples of a trace."""
        return self._products.shape[2]

    @property
    def bytes(self) -> int:
        """Return the number of bytes that are guessed."""
        return self._products.shape[0]

    @property
    def products(self) -> npt.NDArray[np.int64]:
        """Return the sums of prediction times sample [bytes, guesses, samples]."""
        self._flush()
        return self._products

    @property
    def predicted(self) -> npt.NDArray[np.int64]:
        """Return the sums of the predictions and of their squares [2, bytes, guesses]."""
        self._flush()
        return self._predicted

    @property
    def totals(self) -> npt.NDArray[np.int64]:
        """Return the sums of x and of x^2 over all traces [2, samples]."""
        self._flush()
        return self._totals

    def update(
        self, traces: npt.NDArray[np.int16], values: npt.NDArray[np.uint8], partners: npt.NDArray[np.uint8]
    ) -> None:
        """Add `traces` [n, samples] whose two known bytes are `values` and `partners` [n, bytes].

        Raise TypeError, ValueError or OverflowError and add nothing.
        """
        traces = as_traces(traces, self.samples)
        for name, known in (("values", values), ("partners", partners)):
            if known.dtype != np.uint8 or known.shape != (len(traces), self.bytes):
                raise ValueError(
                    f"{name} must be uint8 [{len(traces)}, {self.bytes}], not {known.dtype} {list(known.shape)}"
                )
        guard(self.count + len(traces))
        for start in range(0, len(traces), self._most):
            rows = slice(start, start + self._most)
            block = (traces[rows].copy(), values[rows].copy(), partners[rows].copy())
            if self._held + len(block[0]) > self._most:
                self._flush()
            self._waiting.append(block)
            self._held += len(block[0])

    def merge(self, other: "PredictionSums") -> None:
        """Add the sums of other traces; raise ValueError for other shapes, OverflowError beyond the bounds."""
        if other.products.shape != self.products.shape or other.pairing is not self.pairing:
            raise ValueError(f"sums differ in shape or pairing: {self.products.shape} and {other.products.shape}")
        self.add(dict(other.arrays()))

    def arrays(self) -> Iterator[tuple[str, npt.NDArray[Any]]]:
        """Yield the state as arrays, each with its name: the products part by part, in the narrowest type for one."""
        yield "predicted", self.predicted
        yield "totals", self._totals
        yield "count", np.array(self._count)
        for byte, span, products in self.pieces():
            yield name_of("products", byte, span), narrowed(products)

    def add(self, stored: Mapping[str, npt.NDArray[Any]]) -> None:
        """Add the sums whose state `arrays` gave, of the same pairing, which are read part by part; raise as `merge`."""
        predicted, totals = stored["predicted"], stored["totals"]
        if (predicted.shape, totals.shape) != (self._predicted.shape, self._totals.shape):
            raise ValueError(
                f"shapes differ: predicted {self._predicted.shape} and {predicted.shape}, "
                f"totals {self._totals.shape} and {totals.shape}"
            )
        guard(self.count + int(stored["count"]))
        for byte, span, products in self.pieces():
            np.add(products, stored[name_of("products", byte, span)], out=products)
        self._predicted += predicted
        self._totals += totals
        self._count += int(stored["count"])

    def pieces(self) -> Iterator[tuple[int, slice, npt.NDArray[np.int64]]]:
        """Yield a byte, a slice of the samples and the products there [guesses, slice], each to be done with before the next."""
        self._flush()
        yield from self._large.pieces()

    def let_go(self) -> None:
        """Hand the memory of sums that lie in a file back; they are read again when they are used."""
        self._large.let_go()

    def correlations(self, byte: int, leakage: Leakage) -> npt.NDArray[np.float32]:
        """Return the correlation of each guess with each sample [256, samples]; 0 where one of them is constant.

        `leakage` must be the pairing that was summed: raise ValueError for another.
        """
        self._only(leakage)
        mean, scale = columns(self.count, self.totals)
        return correlate(self.products[byte], self.predicted[:, byte], self.count, mean, scale)

    def correlations_of(self, guess: int, byte: int, leakage: Leakage) -> npt.NDArray[np.float32]:
        """Return those of one guess [samples]; raise as `correlations`."""
        self._only(leakage)
        mean, scale = columns(self.count, self.totals)
        found = np.empty(self.samples, np.float32)
        for span in slices(self.samples):
            tile = (self.products[byte, :, span], self.predicted[:, byte], self.count, mean[span], scale[span])
            found[span] = correlate(*tile)[guess]
            self._large.let_go()
        return found

    def peaks(
        self,
        leakage: Leakage,
        *,
        among: npt.NDArray[np.bool_] | None = None,
        bytes_: Sequence[int] | None = None,
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int32]]:
        """Return each guess's correlation of largest magnitude [bytes, 256] and its first sample [bytes, 256].

        Arguments as of `ClassSums.peaks`; raise ValueError for another leakage than the pairing that was summed.
        """
        self._only(leakage)
        mean, scale = columns(self.count, self.totals)
        if among is not None:
            scale[~among] = 0.0  # as if it were constant
        chosen = range(self.bytes) if bytes_ is None else bytes_
        rho, sample = np.zeros((len(chosen), VALUES), np.float32), np.zeros((len(chosen), VALUES), np.int32)
        for at, byte in enumerate(chosen):
            products, predicted = self.products[byte], self.predicted[:, byte]
            for start in range(0, self.samples, TILE):
                tile = slice(start, start + TILE)
                found = correlate(products[:, tile], predicted, self.count, mean[tile], scale[tile])
                keep_peaks(leakage, found, start, rho[at], sample[at])
                self._large.let_go()
        return rho, sample

    def _only(self, leakage: Leakage) -> None:
        if leakage is not self.pairing:
            raise ValueError("these sums hold the predictions of their pairing alone")

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        held, self._held = self._held, 0
        if not waiting:
            return
        values, partners = (np.concatenate([block[at] for block in waiting]) for at in (1, 2))
        guesses = []
        for byte in range(self.bytes):
            guessed = self.pairing.predictions(values[:, byte], partners[:, byte])
            counted = guessed.astype(np.int64)
            self._predicted[:, byte] += [counted.sum(axis=0), (counted * counted).sum(axis=0)]
            guesses.append(np.ascontiguousarray(guessed.T))
        for first in range(0, self.samples, _TOGETHER):
            span = slice(first, min(first + _TOGETHER, self.samples))
            traces = np.concatenate([block[:, span] for block, _, _ in waiting])
            wide = traces.astype(np.int64)
            self._totals[:, span] += [wide.sum(axis=0), (wide * wide).sum(axis=0)]
            measured = traces.astype(np.float32)
            for byte, guessed in enumerate(guesses):
                self._products[byte, :, span] += (guessed.astype(np.float32) @ measured).astype(np.int64)
                self._large.let_go()
        self._count += held
