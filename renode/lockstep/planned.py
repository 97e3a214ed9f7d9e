"""Which addresses an access is planned for: what is certain of it, else where the profile lanes go, and some more."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from renode.lockstep.memory import Found, Memory
from renode.lockstep.values import Faults, Lanes, Unsupported, Varying, lanes_of

_TABLE_SPAN = 4096
"""Bytes of constants that are taken for one table without a look at the profile."""
_MARGIN = 1024
"""Beyond what the profile reads of constants; tables begin and end at multiples of it, so that accesses share them."""
_MOST_ROWS = 8192
"""Of memory, at which one access may go: each is a row of lanes."""
_MOST_BYTES = 2**20
"""Of constants, that one access may read."""
_LANES_PER_END = 8
"""Of so many lanes one is taken to come nearer to an end of what is used than all the others."""


class Unseen(Exception):
    """No profile lane executes the access, and nothing is known of its address."""


@dataclass(frozen=True, slots=True)
class Planned:
    """Addresses at which accesses may begin, all of one block."""

    low: int
    high: int
    first: int
    """The row of MEMORY in which `low` lies."""
    rows: int
    content: bytes | None
    """What lies there, if it is never written."""

    def aligned(self, width: int) -> "Planned":
        """Return the same, but that `low` is a multiple of `width`."""
        skipped = -self.low % width
        content = None if self.content is None else self.content[skipped:]
        if not skipped:
            return self
        first = self.first + (self.low + skipped >> 2) - (self.low >> 2)
        return replace(self, low=self.low + skipped, first=first, rows=self.rows + self.first - first, content=content)


def planned(memory: Memory, address: Varying, lanes: npt.NDArray[np.bool_], *, width: int) -> Planned:
    """Plan accesses of `width` bytes at `address`; `lanes` are the profile lanes that count.

    Raise Unseen where there are none and they are needed, Faults where most of them, or all, end there.
    """
    least, greatest, _ = address.bounds
    block = memory.find(least) if greatest - least <= _TABLE_SPAN else None
    if block is None or isinstance(block[2], int):
        values = lanes_of(address)[lanes]
        block, values = _usual(memory, values)
        least, greatest = _narrowed(least, greatest, values, writable=isinstance(block[2], int))
    start, end, home = block
    low, high = max(least, start), min(greatest, end - width)
    if low > high:
        raise Faults(f"address: 0x{least:08x} to 0x{greatest:08x} is no memory")
    if isinstance(home, int):
        first = home + (low - start >> 2)
        rows = home + (high + width - 1 - start >> 2) - first + 1
        if rows > _MOST_ROWS:
            raise Unsupported(f"address: it may be any of 0x{low:08x} to 0x{high:08x}")
        return Planned(low, high, first, rows, None)
    if high - low > _MOST_BYTES:
        raise Unsupported(f"address: it may be any of 0x{low:08x} to 0x{high:08x}")
    return Planned(low, high, 0, 0, bytes(home[low - start : high + width - start]))


def _usual(memory: Memory, values: Lanes) -> tuple[Found, Lanes]:
    """Return the block in which the address in the middle lies, and the addresses there."""
    if not len(values):
        raise Unseen
    middle = int(np.partition(values, len(values) // 2)[len(values) // 2])
    block = memory.find(middle)
    if block is None:
        raise Faults(f"address: 0x{middle:08x} lies in no memory")
    start, end, _ = block
    if start <= values.min() and values.max() < end:
        return block, values
    return block, values[(values >= start) & (values < end)]


def _narrowed(least: int, greatest: int, values: Lanes, *, writable: bool) -> tuple[int, int]:
    """Return the bounds, or closer ones around `values` where the former are far from them."""
    lowest, highest = int(values.min()), int(values.max())
    span = highest - lowest
    margin = span * _LANES_PER_END // len(values) + 4 if writable else span + _MARGIN
    if greatest - least <= 2 * (span + 2 * margin):
        return least, greatest
    if not writable:
        lowest, highest = lowest & -_MARGIN, highest | _MARGIN - 1
    return max(least, lowest - margin), min(greatest, highest + margin)
