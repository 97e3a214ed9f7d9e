"""Sums of products of pairs of samples: what a second-order bivariate t-test needs, in integers that merge by addition.

For each group of traces: the sums of x_i, x_i x_j, x_i^2 x_j and x_i^2 x_j^2 over all samples i, j of a window. They come
from matrix products in float64, which are exact: with |x| <= 511 every sum in a block of BLOCK_ROWS traces is an integer
below 2^53, so no order of additions, number of threads or BLAS changes a bit. Blocks add up in int64, within the bounds
of `moments.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from workers.simulation.moments import LIMIT, MAX_COUNT, as_labels, as_traces

BLOCK_ROWS = 2**53 // LIMIT**4 // 2
"""Traces of one matrix product: 66,054."""

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Products:
    """Sums of the traces of one set, about any integer centre of each sample."""

    count: int
    first: Integers
    """[samples] sum of x_i"""
    second: Integers
    """[samples, samples] sum of x_i x_j"""
    third: Integers
    """[samples, samples] sum of x_i^2 x_j"""
    fourth: Integers
    """[samples, samples] sum of x_i^2 x_j^2"""

    def centred(self) -> "Products":
        """Return the sums about the integer nearest to each mean."""
        n = np.int64(max(self.count, 1))
        one, two, three, four = self.first, self.second, self.third, self.fourth
        centre = (2 * one + n) // (2 * n)
        square, squares = centre * centre, np.diagonal(two)
        # Products wrap modulo 2^64 on the way; the results fit, so they are exact.
        i, j = np.s_[:, np.newaxis], np.s_[np.newaxis, :]
        outer = centre[i] * centre[j]
        moved_two = two - centre[i] * one[j] - centre[j] * one[i] + n * outer
        moved_three = (
            three
            - centre[j] * squares[i]
            - 2 * centre[i] * two
            + 2 * outer * one[i]
            + square[i] * one[j]
            - n * square[i] * centre[j]
        )
        moved_four = (
            four
            - 2 * centre[j] * three
            - 2 * centre[i] * three.T
            + square[j] * squares[i]
            + square[i] * squares[j]
            + 4 * outer * two
            - 2 * outer * centre[j] * one[i]
            - 2 * outer * centre[i] * one[j]
            + n * outer * outer
        )
        return Products(self.count, one - n * centre, moved_two, moved_three, moved_four)

    def covariance(self) -> tuple[Floats, Floats]:
        """Return [samples, samples] the covariance of each pair, and the variance of its centred product.

        Nothing is divided by n - 1. Both are exactly 0 where a sample is constant.
        """
        n = max(self.count, 1)
        moved = self.centred()
        d, two = moved.first / n, moved.second / n
        three, four = moved.third / n, moved.fourth / n
        i, j = np.s_[:, np.newaxis], np.s_[np.newaxis, :]
        outer, squares = d[i] * d[j], np.diagonal(two)
        covariance = two - outer
        fourth = (
            four
            - 2 * d[j] * three
            - 2 * d[i] * three.T
            + d[j] ** 2 * squares[i]
            + d[i] ** 2 * squares[j]
            + 4 * outer * two
            - 3 * outer**2
        )
        variance = fourth - covariance**2
        rows, columns = np.nonzero((four > 0) & (variance <= 1e-6 * fourth))
        variance[rows, columns] = [
            moved.exact_variance(a, b) for a, b in zip(rows.tolist(), columns.tolist(), strict=True)
        ]
        return covariance, variance

    def exact_variance(self, i: int, j: int) -> float:
        """Return the variance of the centred product of two samples, by exact arithmetic."""
        n, a, b = self.count, int(self.first[i]), int(self.first[j])
        two, squares_i, squares_j = int(self.second[i, j]), int(self.second[i, i]), int(self.second[j, j])
        covariance = n * two - a * b  # n^2 times it
        fourth = (
            n**3 * int(self.fourth[i, j])
            - 2 * n * n * (b * int(self.third[i, j]) + a * int(self.third[j, i]))
            + n * (b * b * squares_i + a * a * squares_j + 4 * a * b * two)
            - 3 * a * a * b * b
        )
        return (fourth - covariance**2) / n**4


class CoMoments:
    """Sums of products of pairs of samples, per group of traces."""

    def __init__(self, groups: int, samples: int) -> None:
        self.counts = np.zeros(groups, np.int64)
        """[groups] traces."""
        self.first = np.zeros((groups, samples), np.int64)
        """[groups, samples]"""
        self.products = np.zeros((groups, 3, samples, samples), np.int64)
        """[groups, 3, samples, samples] sums of x_i x_j, x_i^2 x_j, x_i^2 x_j^2."""

    @property
    def samples(self) -> int:
        """Return the number of samples of the window."""
        return self.first.shape[1]

    def update(self, traces: npt.NDArray[np.int16], groups: npt.NDArray[np.uint8]) -> None:
        """Add `traces` [n, samples] of the groups [n]; raise TypeError, ValueError or OverflowError and add nothing."""
        traces = as_traces(traces, self.samples)
        labels = as_labels(groups, len(traces))
        if len(labels) and labels.max() >= len(self.counts):
            raise ValueError(f"group {labels.max()} of {len(self.counts)}")
        added = np.bincount(labels, minlength=len(self.counts))
        _guard(self.counts + added)
        for group in np.flatnonzero(added):
            rows = traces[labels == group]
            for start in range(0, len(rows), BLOCK_ROWS):
                x = rows[start : start + BLOCK_ROWS].astype(np.float64)
                square = x * x
                self.first[group] += x.sum(axis=0).astype(np.int64)
                for order, product in enumerate((x.T @ x, square.T @ x, square.T @ square)):
                    self.products[group, order] += product.astype(np.int64)
        self.counts += added

    def merge(self, other: "CoMoments") -> None:
        """Add the sums of other traces; raise ValueError for other shapes, OverflowError beyond the bounds."""
        if other.products.shape != self.products.shape:
            raise ValueError(f"shapes differ: {self.products.shape} and {other.products.shape}")
        _guard(self.counts + other.counts)
        self.counts += other.counts
        self.first += other.first
        self.products += other.products

    def union(self, groups: list[int], samples: int) -> Products:
        """Return the sums of several groups together, of the first `samples` samples."""
        _guard(self.counts[groups].sum())
        two, three, four = self.products[groups, :, :samples, :samples].sum(axis=0)
        return Products(int(self.counts[groups].sum()), self.first[groups, :samples].sum(axis=0), two, three, four)

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return the state as arrays, by name; of symmetric sums one half."""
        half = np.triu_indices(self.samples)
        return {
            "counts": self.counts,
            "first": self.first,
            "second": self.products[:, 0, half[0], half[1]],
            "third": self.products[:, 1],
            "fourth": self.products[:, 2, half[0], half[1]],
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """Return the sums whose state `to_arrays` gave."""
        counts, first = arrays["counts"], arrays["first"]
        out = cls(len(counts), first.shape[1])
        if arrays["third"].shape != out.products[:, 1].shape:
            raise ValueError(f"counts {counts.shape} and sums {arrays['third'].shape} do not belong together")
        rows, columns = np.triu_indices(out.samples)
        out.counts[:], out.first[:] = counts, first
        out.products[:, 1] = arrays["third"]
        for order, name in ((0, "second"), (2, "fourth")):
            out.products[:, order, rows, columns] = arrays[name]
            out.products[:, order, columns, rows] = arrays[name]
        return out


def _guard(counts: Any) -> None:
    if np.max(counts) > MAX_COUNT:
        raise OverflowError(f"{np.max(counts)} traces in a group; sums are exact up to {MAX_COUNT}")
