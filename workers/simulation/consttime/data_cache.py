"""A data cache: which accesses miss. Set-associative, least recently used goes first, empty at the start.

Stores allocate like loads, and what is written back takes no time. An access that goes over the end of a line takes both.
"""

import numpy as np
import numpy.typing as npt
from numba import njit

from jobs.assessing import DataCache


def misses(touches: npt.NDArray[np.void], cache: DataCache) -> npt.NDArray[np.uint8]:
    """Return [accesses] how many lines each TOUCH of an execution had to wait for: 0, 1 or 2."""
    shift = cache.line_bytes.bit_length() - 1
    address = touches["address"].astype(np.int64)
    last = address + np.maximum(touches["size"].astype(np.int64), 1) - 1
    return np.asarray(_misses(address >> shift, last >> shift, cache.sets, cache.ways))


@njit(cache=True)
def _misses(first: npt.NDArray[np.int64], last: npt.NDArray[np.int64], sets: int, ways: int) -> npt.NDArray[np.uint8]:
    held = np.full((sets, ways), np.int64(-1))  # lines of each set, the most recently used first
    out = np.zeros(len(first), np.uint8)
    for k in range(len(first)):
        for line in range(first[k], last[k] + 1):
            row = held[line % sets]
            at = 0
            while at < ways - 1 and row[at] != line:
                at += 1
            if row[at] != line:
                out[k] += 1
            for behind in range(at, 0, -1):
                row[behind] = row[behind - 1]
            row[0] = line
    return out
