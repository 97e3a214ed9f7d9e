"""Sums of predictions times samples: the state of an attack whose prediction depends on two known bytes at once.

    P[g, j] = sum over traces of h_g x_j,    rho[g, j] = (P - H1 mean_j) / sqrt((H2 - H1^2 / n) (S2 - S1^2 / n))

Everything is an integer and merges by addition. A block's products are made by a float32 matrix product that is exact,
whatever order the BLAS adds in: 8 * 511 * 4,096 < 2^24.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np
import numpy.typing as npt
from numba import njit

from workers.simulation.aes import VALUES
from workers.simulation.class_kernels import BLOCK
from workers.simulation.leakage import Leakage, Pairing
from workers.simulation.moments import MAX_COUNT, Group, as_traces
from workers.simulation.peaks import TILE, keep_peaks


class PredictionSums:
    """Sums of what every guess predicts, times the samples, for each of `bytes_` bytes."""

    def __init__(self, pairing: Pairing, samples: int, bytes_: int = 16) -> None:
        self.pairing = pairing
        self._products = np.zeros((bytes_, VALUES, samples), np.int64)
        self._predicted = np.zeros((2, bytes_, VALUES), np.int64)
        self._totals = np.zeros((2, samples), np.int64)
        self._count = 0
        self._waiting: list[tuple[npt.NDArray[np.int16], npt.NDArray[np.uint8], npt.NDArray[np.uint8]]] = []
        self._held = 0

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
        _guard(self.count + len(traces))
        for start in range(0, len(traces), BLOCK):
            rows = slice(start, start + BLOCK)
            block = (traces[rows].copy(), values[rows].copy(), partners[rows].copy())
            if self._held + len(block[0]) > BLOCK:
                self._flush()
            self._waiting.append(block)
            self._held += len(block[0])

    def merge(self, other: "PredictionSums") -> None:
        """Add the sums of other traces; raise ValueError for other shapes, OverflowError beyond the bounds."""
        if other.products.shape != self.products.shape or other.pairing is not self.pairing:
            raise ValueError(f"sums differ in shape or pairing: {self.products.shape} and {other.products.shape}")
        _guard(self.count + other.count)
        self._count += other.count
        self._products += other.products
        self._predicted += other.predicted
        self._totals += other.totals

    def to_arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """Return the state as arrays by name, the products in the narrowest type that holds them."""
        largest = max(abs(int(self.products.min(initial=0))), int(self.products.max(initial=0)))
        narrow = np.int32 if largest <= np.iinfo(np.int32).max else np.int64
        return {
            "products": self._products.astype(narrow, copy=False),
            "predicted": self._predicted,
            "totals": self._totals,
            "count": np.array(self._count),
        }

    @classmethod
    def from_arrays(cls, pairing: Pairing, arrays: Mapping[str, npt.NDArray[np.generic]]) -> Self:
        """Return the sums whose state `to_arrays` gave."""
        products, predicted, totals = arrays["products"], arrays["predicted"], arrays["totals"]
        if predicted.shape != (2, *products.shape[:2]) or totals.shape != (2, products.shape[-1]):
            raise ValueError(f"{products.shape}, {predicted.shape} and {totals.shape} do not belong together")
        out = cls(pairing, products.shape[2], products.shape[0])
        out._products[:] = products
        out._predicted[:] = predicted
        out._totals[:] = totals
        out._count = int(arrays["count"])
        return out

    def correlations(self, byte: int, leakage: Leakage) -> npt.NDArray[np.float32]:
        """Return the correlation of each guess with each sample [256, samples]; 0 where one of them is constant.

        `leakage` must be the pairing that was summed: raise ValueError for another.
        """
        self._only(leakage)
        mean, scale = columns(self.count, self.totals)
        return correlate(self.products[byte], self.predicted[:, byte], self.count, mean, scale)

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
        return rho, sample

    def _only(self, leakage: Leakage) -> None:
        if leakage is not self.pairing:
            raise ValueError("these sums hold the predictions of their pairing alone")

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        held, self._held = self._held, 0
        if not waiting:
            return
        traces, values, partners = (np.concatenate(column) for column in zip(*waiting, strict=True))
        measured, wide = traces.astype(np.float32), traces.astype(np.int64)
        self._totals += [wide.sum(axis=0), (wide * wide).sum(axis=0)]
        for byte in range(self.bytes):
            guessed = self.pairing.predictions(values[:, byte], partners[:, byte])
            counted = guessed.astype(np.int64)
            self._predicted[:, byte] += [counted.sum(axis=0), (counted * counted).sum(axis=0)]
            self._products[byte] += (guessed.T.astype(np.float32) @ measured).astype(np.int64)
        self._count += held


def columns(count: int, totals: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return each sample's mean and 1 / sqrt(n variance), 0 for a constant one, from sums of x and x^2 [2, samples]."""
    first, second = totals
    zero = np.zeros_like(first)
    centre, moved = Group(count, np.stack([first, second, zero, zero])).centred()
    shift, squares = moved[:2].astype(np.float64)
    n = max(count, 1)
    spread = squares - shift * shift / n  # 0 exactly for a constant: it is its own centre
    scale = np.zeros_like(spread)
    np.divide(1.0, np.sqrt(spread), out=scale, where=spread > 0)
    return centre + shift / n, scale


def correlate(
    products: npt.NDArray[np.int64] | npt.NDArray[np.float64],
    predicted: npt.NDArray[np.int64],
    count: int,
    mean: npt.NDArray[np.float64],
    scale: npt.NDArray[np.float64],
) -> npt.NDArray[np.float32]:
    """Return the correlations [256, samples] from products of that shape and sums of h and h^2 `predicted` [2, 256]."""
    inverse = np.zeros(VALUES)
    for guess, (one, two) in enumerate(predicted.T):
        spread = count * int(two) - int(one) ** 2  # exact, and beyond 64 bits
        inverse[guess] = math.sqrt(count / spread) if spread > 0 else 0.0
    out = np.empty(products.shape, np.float32)
    _correlate(products, predicted[0], mean, scale, inverse, out)
    return out


@njit(cache=True, nogil=True)
def _correlate(  # noqa: PLR0917 - numba knows no keyword-only arguments
    products: npt.NDArray[np.int64] | npt.NDArray[np.float64],
    predicted: npt.NDArray[np.int64],
    mean: npt.NDArray[np.float64],
    scale: npt.NDArray[np.float64],
    inverse: npt.NDArray[np.float64],
    out: npt.NDArray[np.float32],
) -> None:
    for guess in range(len(products)):
        first, factor = np.float64(predicted[guess]), inverse[guess]
        row, to = products[guess], out[guess]
        for j in range(len(row)):
            rho = (np.float64(row[j]) - first * mean[j]) * scale[j] * factor
            to[j] = np.float32(min(max(rho, -1.0), 1.0))


def _guard(count: int) -> None:
    if count > MAX_COUNT:
        raise OverflowError(f"{count} traces; sums are exact up to {MAX_COUNT}")
