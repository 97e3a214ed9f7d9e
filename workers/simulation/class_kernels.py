"""Add traces to class sums: sorted by class, so that the traces of a class meet in 16-bit lanes before memory."""

import numpy as np
import numpy.typing as npt
from numba import njit

from workers.simulation.aes import VALUES
from workers.simulation.moments import LIMIT

BLOCK = 4096
"""Most traces of one call: their squares, and the rows of a tile, fit."""

_INT16_TRACES = (2**15 - 1) // LIMIT  # traces whose sum fits an int16: 64, a multiple of four
_TILE = 128  # samples accumulated together: with the rows of a block they stay in the second-level cache


@njit(cache=True, nogil=True)
def sort_rows(values: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return the rows of each byte by class [bytes, n + padding], and where each class begins [bytes, 257].

    Classes are filled up to multiples of four with row n, which `_accumulate` keeps at zero.
    """
    bytes_, n = values.shape
    order = np.full((bytes_, n + 3 * VALUES), n, np.int32)
    bounds = np.zeros((bytes_, VALUES + 1), np.int32)
    for byte in range(bytes_):
        for i in range(n):
            bounds[byte, values[byte, i] + 1] += 1
        for value in range(VALUES):
            bounds[byte, value + 1] = bounds[byte, value] + ((bounds[byte, value + 1] + 3) & ~3)
        position = bounds[byte].copy()
        for i in range(n):
            value = values[byte, i]
            order[byte, position[value]] = i
            position[value] += 1
    return order, bounds


@njit(cache=True, nogil=True)
def _add_rows(near: npt.NDArray[np.int16], rows: npt.NDArray[np.int32], part: npt.NDArray[np.int16]) -> None:
    """Write into `part` the sum of the given rows of `near`, whose number is a multiple of four."""
    part[:] = 0
    for i in range(0, len(rows), 4):
        # Four rows for each time that the sums are loaded and stored.
        a, b, c, d = near[rows[i]], near[rows[i + 1]], near[rows[i + 2]], near[rows[i + 3]]
        for j in range(len(part)):
            part[j] = np.int16(part[j] + a[j] + b[j] + c[j] + d[j])


@njit(cache=True, nogil=True)
def accumulate(  # noqa: PLR0917 - numba knows no keyword-only arguments
    traces: npt.NDArray[np.int16],
    order: npt.NDArray[np.int32],
    bounds: npt.NDArray[np.int32],
    low: int,
    high: int,
    sums: npt.NDArray[np.int32] | npt.NDArray[np.int64],
    totals: npt.NDArray[np.int64],
) -> None:
    """Add samples [low, high) of at most BLOCK traces, as `sort_rows` ordered them, to `sums` and `totals`."""
    n = len(traces)
    near = np.zeros((n + 1, _TILE), np.int16)
    part = np.empty(_TILE, np.int16)
    one = np.empty(_TILE, np.int32)
    two = np.empty(_TILE, np.int32)
    for tile in range(low, high, _TILE):
        width = min(_TILE, high - tile)
        one[:] = 0
        two[:] = 0
        for i in range(n):
            far, here = traces[i, tile : tile + width], near[i]
            for j in range(width):
                v = np.int32(far[j])
                here[j] = far[j]
                one[j] += v
                two[j] += np.int32(v * v)  # 4,096 squares fit
        first, second = totals[0, tile : tile + width], totals[1, tile : tile + width]
        for j in range(width):
            first[j] += one[j]
            second[j] += two[j]
        for byte in range(len(order)):
            for value in range(VALUES):
                target = sums[byte, value, tile : tile + width]
                for start in range(bounds[byte, value], bounds[byte, value + 1], _INT16_TRACES):
                    _add_rows(near, order[byte, start : min(start + _INT16_TRACES, bounds[byte, value + 1])], part)
                    for j in range(width):
                        target[j] += part[j]
