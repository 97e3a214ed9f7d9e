"""What a measurement file says of each instruction: sums over the file, piece by piece, and the figures they give."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.errors import TooLarge
from stores.vectors import FloatArray
from workers.query.table import DIMENSIONS, Rows

MAX_INSTRUCTIONS = 100_000


class Sums:
    """What is added up over a file. Instructions are numbered as they come; four columns stay in memory."""

    def __init__(self, *, max_instructions: int = MAX_INSTRUCTIONS) -> None:
        self.max_instructions = max_instructions
        self.names: dict[str, int] = {}
        self.rows = 0
        self.codes: list[NDArray[np.int32]] = []
        self.times: list[NDArray[np.float64]] = []
        self.energies: list[NDArray[np.float64]] = []
        self.dims = np.zeros((0, DIMENSIONS))
        self.present = np.zeros((0, DIMENSIONS), np.int64)
        self.heat = np.zeros((0, 2))
        self.latency = np.zeros(0, np.float32)

    def add(self, rows: Rows) -> None:
        """Add a piece of the file."""
        fresh = [name for name in rows.names if name not in self.names]
        self.names |= {name: len(self.names) + index for index, name in enumerate(fresh)}
        if len(self.names) > self.max_instructions:
            raise TooLarge(f"The file names more than {self.max_instructions} instructions.", field="artifact")
        self._grow(len(self.names))
        numbers = np.array([*(self.names[name] for name in rows.names), -1], np.int32)
        codes = numbers[rows.codes]
        self.rows += len(codes)
        self.codes.append(codes)
        self.times.append(rows.timestamps)
        self.energies.append(rows.energies)
        self._add_sums(rows, codes)

    def _add_sums(self, rows: Rows, codes: NDArray[np.int32]) -> None:
        order = np.argsort(codes, kind="stable")
        order = order[np.searchsorted(codes[order], 0) :]
        if not len(order):
            return
        mine = codes[order]
        starts = np.flatnonzero(np.r_[True, mine[1:] != mine[:-1]])
        groups = mine[starts]
        dims, warmth = rows.dims[order].astype(np.float64), rows.temperatures[order].astype(np.float64)
        self.dims[groups] += np.add.reduceat(np.nan_to_num(dims, nan=0.0), starts, axis=0)
        self.present[groups] += np.add.reduceat(~np.isnan(dims), starts, axis=0, dtype=np.int64)
        told = np.stack([np.nan_to_num(warmth, nan=0.0), ~np.isnan(warmth)], axis=1)
        self.heat[groups] += np.add.reduceat(told, starts, axis=0)
        slowest = np.fmax.reduceat(rows.latencies[order], starts)
        self.latency[groups] = np.fmax(self.latency[groups], slowest)

    def _grow(self, size: int) -> None:
        """Make room for instructions, twice as much as before at least."""
        if (have := len(self.latency)) >= size:
            return
        more = max(size, 2 * have, 256) - have
        self.dims = np.concatenate([self.dims, np.zeros((more, DIMENSIONS))])
        self.present = np.concatenate([self.present, np.zeros((more, DIMENSIONS), np.int64)])
        self.heat = np.concatenate([self.heat, np.zeros((more, 2))])
        self.latency = np.concatenate([self.latency, np.full(more, np.nan, np.float32)])


@dataclass(frozen=True, slots=True)
class Series:
    """All records of a file, in its order."""

    codes: NDArray[np.int32]
    """Number of the instruction; -1: none."""
    times: NDArray[np.float64]
    energies: NDArray[np.float64]
    """uJ"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a file says of its instructions, by their numbers."""

    samples: NDArray[np.int64]
    """Records with an energy."""
    mean: NDArray[np.float64]
    sd: NDArray[np.float64]
    """NaN below two samples."""
    temperature: NDArray[np.float64]
    latency: NDArray[np.float32]
    """The largest."""
    first: NDArray[np.float64]
    """When it was first seen, s."""


def series_of(sums: Sums) -> Series:
    """Return the columns of the whole file."""
    return Series(
        np.concatenate([np.zeros(0, np.int32), *sums.codes]),
        np.concatenate([np.zeros(0), *sums.times]),
        np.concatenate([np.zeros(0), *sums.energies]),
    )


def figures_of(series: Series, sums: Sums) -> Figures:
    """Return what follows from the sums, by instruction."""
    codes, times, energies = series.codes, series.times, series.energies
    size = len(sums.names)
    first = np.full(size, np.inf)
    np.minimum.at(first, codes[codes >= 0], times[codes >= 0])
    told = (codes >= 0) & ~np.isnan(energies)
    mine, values = codes[told], energies[told]
    samples = np.bincount(mine, minlength=size)
    mean = np.bincount(mine, weights=values, minlength=size) / np.maximum(samples, 1)
    squares = np.bincount(mine, weights=(values - mean[mine]) ** 2, minlength=size)
    sd = np.where(samples > 1, np.sqrt(squares / np.maximum(samples - 1, 1)), np.nan)
    heat = sums.heat[:size]
    temperature = np.divide(heat[:, 0], heat[:, 1], out=np.full(size, np.nan), where=heat[:, 1] > 0)
    return Figures(samples, mean, sd, temperature, sums.latency[:size], first)


def profiles_of(sums: Sums) -> dict[str, FloatArray]:
    """Return the mean 72-dimension record of each instruction; NaN where nothing was there."""
    size = len(sums.names)
    counts = sums.present[:size]
    means = np.divide(sums.dims[:size], counts, out=np.full((size, DIMENSIONS), np.nan), where=counts > 0)
    return dict(zip(sums.names, means.astype(np.float32), strict=True))
