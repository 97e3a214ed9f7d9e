"""Count the levels of executions whose activity is at hand."""

import numpy as np
import numpy.typing as npt
from numba import njit

from renode.trace import BUS_HD, BUS_HW, LOW_BYTE, REGISTER_HD, REGISTER_HW, Levels

_TILE = 64  # instructions whose bins are counted together: they stay in the second-level cache


def count(
    activity: npt.NDArray[np.uint64],
    lengths: npt.NDArray[np.int32],
    groups: npt.NDArray[np.uint8],
    levels: Levels,
    counts: npt.NDArray[np.int64],
) -> None:
    """Add to `counts` [groups, bins] the levels of the first `lengths` [N] instructions of each row of `activity`.

    `activity` is [N, instructions], `groups` [N]. Raise ValueError for a level outside the bins of its instruction:
    what was counted before it stays.
    """
    check(len(activity), activity.shape[1], groups, levels, counts)
    if lengths.shape != groups.shape:
        raise ValueError(f"lengths {lengths.shape} do not fit {len(activity)} executions")
    wrong = _count(activity, lengths, groups, levels.first, levels.weights, levels.lowest, levels.offsets, counts)
    if wrong >= 0:
        raise ValueError(f"instruction {wrong} of the path has a level that no instruction like it can have")


def check(
    executions: int,
    instructions: int,
    groups: npt.NDArray[np.uint8],
    levels: Levels,
    counts: npt.NDArray[np.int64],
) -> None:
    """Raise ValueError where `groups` [executions], `levels` and `counts` [groups, bins] do not fit each other."""
    if counts.dtype != np.int64 or counts.ndim != 2 or counts.shape[1] != levels.bins:
        raise ValueError(f"counts must be int64 [groups, {levels.bins}], not {counts.dtype} {counts.shape}")
    if groups.shape != (executions,) or groups.max(initial=0) >= len(counts):
        raise ValueError(f"groups {groups.shape} do not fit {executions} executions in {len(counts)} groups")
    if levels.first + len(levels.lowest) > instructions:
        raise ValueError(f"the levels begin or end outside a path of {instructions} instructions")


@njit(cache=True, nogil=True)
def _count(  # noqa: PLR0917 -- numba is called by position
    activity: npt.NDArray[np.uint64],
    lengths: npt.NDArray[np.int32],
    groups: npt.NDArray[np.uint8],
    first: int,
    weights: npt.NDArray[np.int32],
    lowest: npt.NDArray[np.int32],
    offsets: npt.NDArray[np.int64],
    counts: npt.NDArray[np.int64],
) -> int:
    """Return the position of an instruction whose level is not among its bins, or -1."""
    found = np.empty(_TILE, np.int32)
    for tile in range(0, len(lowest), _TILE):
        end = min(tile + _TILE, len(lowest))
        # Slices of their own let the loops below run in vector registers.
        a, b, c = weights[0, tile:end], weights[1, tile:end], weights[2, tile:end]
        d, e, low, begins = weights[3, tile:end], weights[4, tile:end], lowest[tile:end], offsets[tile:end]
        last = (offsets[tile + 1 : end + 1] - begins - 1).astype(np.int32)
        for row in range(len(activity)):
            width = min(end - tile, lengths[row] - first - tile)
            if width <= 0:
                continue
            words = activity[row, first + tile : first + tile + width]
            for j in range(width):
                registers = np.uint32((words[j] >> np.uint64(REGISTER_HW)) & np.uint64(0xFFFFFF))
                bus = np.uint32((words[j] >> np.uint64(BUS_HW)) & np.uint64(0xFFFFFF))
                byte = np.uint32((words[j] >> np.uint64(LOW_BYTE)) & np.uint64(0xFF))
                found[j] = np.int32(
                    a[j] * np.int32(registers & np.uint32(0xFFF))
                    + b[j] * np.int32(registers >> np.uint32(REGISTER_HD - REGISTER_HW))
                    + c[j] * np.int32(bus & np.uint32(0xFFF))
                    + d[j] * np.int32(bus >> np.uint32(BUS_HD - BUS_HW))
                    + e[j] * np.int32(byte)
                    - low[j]
                )
            outside = np.int32(0)
            for j in range(width):
                outside |= found[j] | np.int32(last[j] - found[j])  # negative where one of them is
            if outside < 0:
                return first + tile + _first_outside(found, last, width)
            bins = counts[groups[row]]
            for j in range(width):
                bins[np.uint64(begins[j] + found[j])] += 1
    return -1


@njit(cache=True, nogil=True)
def _first_outside(found: npt.NDArray[np.int32], last: npt.NDArray[np.int32], width: int) -> int:
    for j in range(width):
        if found[j] < 0 or found[j] > last[j]:
            return j
    return -1
