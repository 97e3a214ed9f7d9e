"""Which instructions spend energy together: Pearson correlation of their energy over time, by matrix products.

Each instruction's samples are averaged in up to 64 equal bins of the file's time. Two instructions are compared over the
bins in which both have samples; fewer than 16 say nothing. With masks M and values X (0 where there is none):

    n = M M'   sx = X M'   sy = M X'   sxx = X^2 M'   syy = M X^2'   sxy = X X'
    r = (n sxy - sx sy) / sqrt((n sxx - sx^2) (n syy - sy^2))
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.query.measured import Series

BINS = 64
MIN_OVERLAP = 16
STRONG = 0.7
STRONGEST = 10
"""Pairs kept per instruction: those among the strongest of either."""
BLOCK = 256
"""Instructions compared with all others at once, at most."""
MOST_COMPARED = 10_000
"""Series that are compared: some 10 s, which grow with their square."""
CELLS = 2_560_000
"""Of a matrix: 20 MB."""
FLAT = 1e-9
"""A series whose spread is below this, relative to its size, is constant."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two series that go together; `first` < `second`."""

    first: int
    second: int
    weight: float
    overlap: int


def binned(series: Series, count: int) -> NDArray[np.float64]:
    """Return [count, bins] mean energies of instructions in equal bins of the file's time, NaN where there are none."""
    codes, times, values = series.codes, series.times, series.energies
    kept = (codes >= 0) & ~np.isnan(values)
    codes, values = codes[kept], values[kept]
    if not len(values):
        return np.full((count, 1), np.nan)
    first, last = float(times.min()), float(times.max())
    width = (last - first) / BINS
    bins = BINS if width > 0 else 1
    position = np.zeros(len(values), np.int64)
    if bins > 1:
        position = np.minimum((times[kept] - first) // width, bins - 1).astype(np.int64)
    cells = codes.astype(np.int64) * bins + position
    counts = np.bincount(cells, minlength=count * bins)
    sums = np.bincount(cells, weights=values, minlength=count * bins)
    means = np.divide(sums, counts, out=np.full(count * bins, np.nan), where=counts > 0)
    shaped: NDArray[np.float64] = means.reshape(count, bins)
    return shaped


def correlated(
    means: NDArray[np.float64],
    check: Callable[[], None] = lambda: None,
    *,
    most: int = MOST_COMPARED,
    block: int = BLOCK,
) -> list[Pair]:
    """Return the pairs of [n, bins] series with r > 0.7 over at least 16 bins, at most ten a series, in order.

    Of more than `most` series those with the most bins are compared, at most `block` with all others at once. `check` is
    asked before each of these, and raises when the job should stop.
    """
    mask, values = _scaled(means)
    bins = mask.sum(axis=1)
    usable = np.flatnonzero(bins >= MIN_OVERLAP)
    usable = np.sort(usable[np.argsort(-bins[usable], kind="stable")[:most]])
    mask, values = mask[usable], values[usable]
    squares = values**2
    kept: dict[tuple[int, int], Pair] = {}
    block = max(1, min(block, CELLS // max(len(usable), 1)))
    for start in range(0, len(usable), block):
        check()
        rows = slice(start, start + block)
        weights, overlaps = _weights(mask, values, squares, rows)
        own = np.arange(start, min(start + block, len(usable)))
        weights[own - start, own] = -np.inf
        for row, column in _strongest(weights):
            first, second = sorted((int(usable[start + row]), int(usable[column])))
            pair = Pair(first, second, float(weights[row, column]), int(overlaps[row, column]))
            kept.setdefault((first, second), pair)
    return [kept[key] for key in sorted(kept)]


def left_out(means: NDArray[np.float64], *, most: int = MOST_COMPARED) -> str | None:
    """Say it if not all series that have enough bins can be compared."""
    count = int(((~np.isnan(means)).sum(axis=1) >= MIN_OVERLAP).sum())
    return f"Of {count} instructions the {most} seen most were compared with each other." if count > most else None


def _scaled(means: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return masks and values centred and scaled per series, which changes no r and keeps the products exact."""
    present = ~np.isnan(means)
    counts = np.maximum(present.sum(axis=1, keepdims=True), 1)
    filled = np.where(present, means, 0.0)
    centre = filled.sum(axis=1, keepdims=True) / counts
    centred = np.where(present, filled - centre, 0.0)
    spread = np.sqrt((centred**2).sum(axis=1, keepdims=True) / counts)
    varies = spread > FLAT * np.maximum(np.abs(centre), np.finfo(np.float64).tiny)
    scaled = np.divide(centred, spread, out=np.zeros_like(centred), where=varies)
    return np.where(varies, present, False).astype(np.float64), scaled  # noqa: FBT003 - an array's value


def _weights(
    mask: NDArray[np.float64], values: NDArray[np.float64], squares: NDArray[np.float64], rows: slice
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return [block, n] correlations, -inf where there is none, and the bins that they rest on."""
    n = mask[rows] @ mask.T
    sx, sy = values[rows] @ mask.T, mask[rows] @ values.T
    spread_x = n * (squares[rows] @ mask.T) - sx**2
    spread_y = n * (mask[rows] @ squares.T) - sy**2
    told = (n >= MIN_OVERLAP) & (spread_x > FLAT * n**2) & (spread_y > FLAT * n**2)
    scale = np.sqrt(np.where(told, spread_x * spread_y, 1.0))
    weights = np.clip((n * (values[rows] @ values.T) - sx * sy) / scale, -1, 1)
    return np.where(told, weights, -np.inf), n


def _strongest(weights: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Return (row, column) of each row's strongest pairs above the threshold; equal ones by column."""
    candidates = weights > STRONG
    crowded = np.flatnonzero(candidates.sum(axis=1) > STRONGEST)
    if len(crowded):
        edge = np.partition(weights[crowded], -STRONGEST, axis=1)[:, -STRONGEST]
        candidates[crowded] &= weights[crowded] >= edge[:, np.newaxis]
    rows, columns = np.nonzero(candidates)
    order = np.lexsort((columns, -weights[rows, columns], rows))
    rows, columns = rows[order], columns[order]
    place = np.arange(len(rows)) - np.searchsorted(rows, rows, side="left")
    return [
        (int(row), int(column)) for row, column in zip(rows[place < STRONGEST], columns[place < STRONGEST], strict=True)
    ]
