"""Where everything lies that kernels work on: one stretch of memory, the state first, then rows.

Kernels are given its base; what they address lies at multiples of 64 bytes from there, and records hold them as such
units in 32 bits. Memory rows are last: pages that are never touched cost nothing.
"""

import mmap
from typing import Final

import numpy as np
import numpy.typing as npt

from renode.lockstep.emit import MOST_TABLE_BYTES
from renode.lockstep.program import PLACE_ROWS

UNIT = 64
MOST_LANES = 512
BLOCKS = 8
"""Of a batch: an eighth of its lanes, (lane % 16) // 2, whose lanes belong to one group."""
TILE = 16
"""Instructions whose activity words are put into the output at a time."""

# The state, in bytes from the base.
LIVE_BITS: Final = 0
"""512 bits as `kernels_tally` lays out bits of lanes: those that are counted."""
SLOT_COUNT: Final = 64
INPUTS: Final = 72
INPUT_STRIDE: Final = 80
ORDER: Final = 88
"""[lanes] int32 of the batch: the row of the inputs that a lane executes; ~row where it only fills up."""
OUTPUTS: Final = 96
OUTPUT_STRIDE: Final = 104
WORDS_OUT: Final = 112
"""Activity words [rows, instructions], when they are kept."""
WORDS_STRIDE: Final = 120
LOST_OUT: Final = 128
TABLES: Final = 144
"""[BLOCKS] where the histograms of each block's group are, for levels counted one by one."""
STRAYED: Final = 208
"""Whether a lane was lost since LIVE_BITS was written."""
BEYOND: Final = 216
"""Whether a level was outside of its range."""
OUTSIDE: Final = 256
"""Where lanes write that must not write."""
SLOTS: Final = 512
"""[SLOT_COUNT, 128 bytes] of histograms: a mask of the blocks [8 bins, BLOCKS], then where the histograms begin."""
ROWS_ORDER: Final = 2048
"""[lanes] int32: ORDER without its complements."""
LIVE: Final = 4096
"""[lanes] uint32: all ones or 0."""
LOST: Final = 6144
"""[lanes] int32: instructions done."""
LEVELS: Final = 8192
"""The levels of the instruction so far: bytes, or words of 16 bits, in the order in which samples are packed."""
REGISTER_SUMS: Final = 10240
"""[lanes] uint32: the fields of register writes, as in an activity word."""
BUS_SUMS: Final = 12288
LOW_SUMS: Final = 14336
ADDRESSES: Final = 16384
"""[lanes] uint32: the bytes of the arena that a kernel is going to write."""
TILE_ROWS: Final = 18432
"""[TILE, lanes] uint64"""
ROWS: Final = TILE_ROWS + TILE * MOST_LANES * 8

_LARGEST: Final = 1 << 30
_HUGE: Final = 1 << 21


class Arena:
    """The memory of `lanes` lanes, a multiple of 64, for `words` words of writable memory and `tables`."""

    def __init__(self, lanes: int, words: int, tables: npt.NDArray[np.uint8]) -> None:
        """Reserve it; use fewer lanes where it would be more than a GiB.

        Raise ValueError where 64 lanes do not fit, MemoryError where the system has no more.
        """
        while lanes > UNIT and _size(lanes, words, len(tables)) > _LARGEST:
            lanes //= 2
            lanes -= lanes % UNIT
        if _size(lanes, words, len(tables)) > _LARGEST:
            raise ValueError(f"{words} words of memory are too many for lanes")
        self.lanes = lanes
        self._tables = ROWS + PLACE_ROWS * 4 * lanes
        self._memory = self._tables + _padded(len(tables))
        self.bytes: npt.NDArray[np.uint8] = np.frombuffer(_mapped(_size(lanes, words, len(tables))), np.uint8)
        self.bytes[self._tables : self._tables + len(tables)] = tables

    @property
    def address(self) -> int:
        """Return where it is."""
        return int(self.bytes.ctypes.data)

    def place(self, row: int) -> int:
        """Return the unit where a row of PLACES is."""
        return (ROWS + row * 4 * self.lanes) // UNIT

    def memory(self, row: int) -> int:
        """Return the unit where a row of MEMORY is."""
        return (self._memory + row * 4 * self.lanes) // UNIT

    def table(self, at: int) -> int:
        """Return the byte where byte `at` of the tables is."""
        return self._tables + at

    def set(self, at: int, value: int) -> None:
        """Write a 64-bit word of the state."""
        self.bytes[at : at + 8].view(np.uint64)[0] = value

    def get(self, at: int) -> int:
        """Return a 64-bit word of the state."""
        return int(self.bytes[at : at + 8].view(np.uint64)[0])


class Zeros:
    """Memory for histograms: zeros, on pages as large as the system has."""

    def __init__(self, size: int) -> None:
        """Reserve it; raise MemoryError where the system has no more."""
        mapped = _mapped(-(-max(size, 1) // _HUGE) * _HUGE)
        if hasattr(mmap, "MADV_HUGEPAGE"):
            mapped.madvise(mmap.MADV_HUGEPAGE)
        self._bytes: npt.NDArray[np.uint8] = np.frombuffer(mapped, np.uint8)

    @property
    def address(self) -> int:
        """Return where it is: at the beginning of a page."""
        return int(self._bytes.ctypes.data)


def fits(words: int) -> bool:
    """Return whether there are lanes for so many words of memory, with tables as large as walks make them."""
    return _size(UNIT, words, MOST_TABLE_BYTES) <= _LARGEST


def _mapped(size: int) -> mmap.mmap:
    """Return zeroed memory of this process alone: what it has not written takes no place, even where it was read."""
    try:
        return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    except OSError as error:
        raise MemoryError(f"{size} bytes for lanes: {error}") from error


def _padded(size: int) -> int:
    # A table of bytes is read as 256 of them, whatever its size.
    return -(-(size + 256) // UNIT) * UNIT


def _size(lanes: int, words: int, table_bytes: int) -> int:
    return ROWS + PLACE_ROWS * 4 * lanes + _padded(table_bytes) + max(words, 1) * 4 * lanes
