"""The entries of a trace, parsed by compiled code: once to count and to check, once to fill arrays.

An entry is its pc, the opcode behind its length, extras that each begin with their type, and a 0. Where a core has
several instruction sets, entries lie in blocks: which set, how many instructions. Renode ends a block where it cannot
decode an instruction, and leaves the number as it was: what follows is then another block, which shows, as no entry of
a block has another pc than the one before leads to, and no opcode a length of 0, which the number's fourth byte is.
"""

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from renode.execution_trace.model import PC_BYTES

DONE, TRUNCATED, LENGTH, EXTRA, KIND, WIDTH, NAMES, BLOCK, BEFORE = range(9)
MOST_NAMES = 64
"""Registers with names of their own."""
ACCESS_BYTES, BLOCK_BYTES = 25, 9
_END, _MEMORY, _REGISTERS = 0, 1, 4
"""Types of extras; 2 and 3 are RISC-V's."""
_LONGEST_BLOCK = 2**24
_KINDS = 5
Array = npt.NDArray[Any]

_compiled: Any = numba.njit(cache=True, error_model="numpy", nogil=True)


@_compiled
def number(data: Array, at: int, count: int) -> Any:
    """Return `count` bytes, little-endian."""
    value = np.uint64(0)
    for k in range(count):
        value |= np.uint64(data[at + k]) << np.uint64(8 * k)
    return value


@_compiled
def _name_of(data: Array, at: int, names: Array, count: int, guess: int) -> int:
    """Return which of the names seen is at `at`, behind its length: `count` if none is."""
    size = np.int64(data[at])
    for turn in range(count):
        k = (guess + turn) % count
        other = names[k]
        same = np.int64(data[other]) == size
        for i in range(1, size + 1):
            if not same:
                break
            same = data[other + i] == data[at + i]
        if same:
            return k
    return count


@_compiled
def parse(  # noqa: C901, PLR0911, PLR0912, PLR0915, PLR0917 -- numba is called by position
    data: Array,
    start: int,
    has_opcodes: int,
    triples: int,
    fill: int,
    entries: Array,
    accesses: Array,
    registers: Array,
    names: Array,
    cuts: Array,
) -> Any:
    """Return how it ended, at which byte, and how many entries, accesses, registers, names and cuts there are.

    Where `fill` is set, they are put into `entries`, `accesses`, `registers`, `names` (where each first is) and `cuts`,
    which are as long as they have to be.
    """
    end = len(data)
    at = np.int64(start)
    n = a = r = named = cut = guess = np.int64(0)
    left, triple, expected = np.int64(0), np.int64(0), np.int64(-1)
    while at < end or left > 0:
        if triples > 1:
            fits = left > 0 and at + PC_BYTES < end
            if fits:
                size = data[at + PC_BYTES]
                fits = size == 2 or size == 4  # noqa: PLR1714 -- compiled
                pc = np.int64(number(data, at, PC_BYTES))
                fits = fits and (expected < 0 or pc == expected)
            if left > 0 and not fits:
                if fill:
                    cuts[cut] = n
                cut += 1
                left = np.int64(0)
                continue
            if left == 0:
                if at + BLOCK_BYTES > end:
                    return TRUNCATED, at, n, a, r, named, cut
                triple, left = np.int64(data[at]), np.int64(number(data, at + 1, 8))
                if triple >= triples or left <= 0 or left >= _LONGEST_BLOCK:
                    return BLOCK, at, n, a, r, named, cut
                at, expected = at + BLOCK_BYTES, np.int64(-1)
                continue
            left -= 1
        begun = at
        if at + PC_BYTES + has_opcodes > end:
            return TRUNCATED, begun, n, a, r, named, cut
        pc = np.int64(number(data, at, PC_BYTES))
        at += PC_BYTES
        size, opcode = np.int64(0), np.int64(0)
        if has_opcodes:
            size = np.int64(data[at])
            at += 1
            if size != 2 and size != 4:  # noqa: PLR1714 -- compiled
                return LENGTH, begun, n, a, r, named, cut
            if at + size > end:
                return TRUNCATED, begun, n, a, r, named, cut
            opcode = np.int64(number(data, at, 2))
            if size == 4:
                opcode = opcode << 16 | np.int64(number(data, at + 2, 2))
            at += size
        expected = (pc + size) & 0xFFFFFFFF
        while True:
            if at >= end:
                return TRUNCATED, begun, n, a, r, named, cut
            kind = data[at]
            at += 1
            if kind == _END:
                break
            if kind == _MEMORY:
                if at + ACCESS_BYTES > end:
                    return TRUNCATED, begun, n, a, r, named, cut
                if data[at] >= _KINDS:
                    return KIND, at, n, a, r, named, cut
                if fill:
                    access = accesses[a]
                    access.index, access.kind = n, data[at]
                    access.address, access.value = number(data, at + 1, 8), number(data, at + 9, 8)
                    access.physical = number(data, at + 17, 8)
                a += 1
                at += ACCESS_BYTES
            elif kind == _REGISTERS:
                if at + 2 > end:
                    return TRUNCATED, begun, n, a, r, named, cut
                before, count = data[at], np.int64(data[at + 1])
                if before > 1:
                    return BEFORE, at, n, a, r, named, cut
                at += 2
                for _ in range(count):
                    if at + 1 > end or at + 2 + data[at] > end:
                        return TRUNCATED, begun, n, a, r, named, cut
                    name = _name_of(data, at, names, named, guess)
                    if name == named:
                        if named == MOST_NAMES:
                            return NAMES, at, n, a, r, named, cut
                        names[named] = at
                        named += 1
                    guess = name + 1
                    at += 1 + np.int64(data[at])
                    width = np.int64(data[at])
                    if width != 1 and width != 2 and width != 4 and width != 8:  # noqa: PLR1714 -- compiled
                        return WIDTH, at, n, a, r, named, cut
                    at += 1
                    if at + width > end:
                        return TRUNCATED, begun, n, a, r, named, cut
                    if fill:
                        register = registers[r]
                        register.index, register.before, register.name = n, before, name
                        register.width, register.value = width, number(data, at, width)
                    r += 1
                    at += width
            else:
                return EXTRA, at - 1, n, a, r, named, cut
        if fill:
            entry = entries[n]
            entry.pc, entry.opcode, entry.size = pc, opcode, size
            entry.triple, entry.offset = triple, begun
        n += 1
    return DONE, at, n, a, r, named, cut
