"""Whether two sets of executions fall on the same values alike: chi-square of a table with two rows.

Cells with few expected executions are put together until each has FEWEST (Cochran 1954), so that the law holds.
"""

import math

import numpy as np
import numpy.typing as npt
from scipy import special

FEWEST = 5.0
"""Expected executions of a cell."""
BINS = 16
"""Cells of a table of addresses, at most."""


def log10_chance(fixed: npt.NDArray[np.int64], random: npt.NDArray[np.int64]) -> float:
    """Return log10 of the p-value that two sets with these counts [values] have one law; 0 where nothing can be said."""
    table = _pooled(np.stack([fixed, random]).astype(np.float64))
    if table.shape[1] < 2:
        return 0.0
    expected = table.sum(1, keepdims=True) * table.sum(0, keepdims=True) / table.sum()
    square = float(((table - expected) ** 2 / expected).sum())
    freedom = table.shape[1] - 1
    chance = float(special.chdtrc(freedom, square))
    if chance > 0:
        return math.log10(chance)
    # Q(a, x) ~ x^(a-1) e^-x / Gamma(a) for x far beyond a (DLMF 8.11.2).
    half = freedom / 2
    return float(((half - 1) * math.log(square / 2) - square / 2 - special.gammaln(half)) / math.log(10))


def of_addresses(addresses: npt.NDArray[np.uint32], is_random: npt.NDArray[np.bool_]) -> float:
    """Return log10 of the p-value that a load or store goes alike in both sets, from its address in each execution [N].

    Two tables are looked at, of neighbouring addresses and of those with equal low bits; the smaller p-value counts twice.
    """
    values, ranks = np.unique(addresses, return_inverse=True)
    if len(values) == 1:
        return 0.0
    order = np.sort(ranks)
    cuts = order[np.arange(1, BINS) * len(order) // BINS]
    differing = int(np.bitwise_or.reduce(values ^ values[0]))
    low = values >> np.uint32((differing & -differing).bit_length() - 1)
    tables = (np.searchsorted(cuts, ranks, side="right"), (low % np.uint32(BINS))[ranks])
    found = [log10_chance(*_counts(np.asarray(cells, np.int64), is_random)) for cells in tables]
    return min(0.0, min(found) + math.log10(2))


def _counts(
    cells: npt.NDArray[np.int64], is_random: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    size = int(cells.max()) + 1
    return np.bincount(cells[~is_random], minlength=size), np.bincount(cells[is_random], minlength=size)


def _pooled(table: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Put the rarest columns [2, values] together until each is expected often enough in both rows."""
    table = table[:, table.sum(0) > 0]
    share = float(table.sum(1).min() / max(table.sum(), 1.0))
    order = np.argsort(table.sum(0), kind="stable")
    columns, waiting = [], np.zeros(2)
    for column in order:
        waiting = waiting + table[:, column]
        if waiting.sum() * share >= FEWEST:
            columns.append(waiting)
            waiting = np.zeros(2)
    if waiting.any():
        if not columns:
            return table.sum(1, keepdims=True)
        columns[-1] = columns[-1] + waiting
    return np.stack(columns, axis=1) if columns else table[:, :0]
