"""Draws instructions row by row from the decoder's table, and registers and flags for them, with a liking for edges."""

import random
import struct
from dataclasses import dataclass

from jobs.target import Core
from renode.thumb.decode import decode
from renode.thumb.micro import ALWAYS, CONTROL, MEMORY, Coded, Place
from renode.thumb.row import Row

CODE, CODE_BYTES = 0x08000000, 0x40000
RAM, RAM_BYTES = 0x20000000, 0x2000
EDGES = (
    *(0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 33, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x40000000),
    *(0x7FFFFFFF, 0x80000000, 0x80000001, 0xC0000000, 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFF0000, 0x7F80FF01),
    *(0x80007FFF, 0x7FFF7FFF, 0x80008000, 0xFFFF8000, 0x80808080, 0x01010101, 0x00010001),
)
IT = 0xBF08
"""For one instruction; the condition is in bits 4 to 7."""

Drawn = tuple[tuple[int, ...], tuple[tuple[Coded, int], ...]]
"""Halfwords, and the instructions that they are with the conditions under which they are executed."""


@dataclass(frozen=True)
class Case:
    """Instructions, the last of which is the one that is tried, and what they start from."""

    halves: tuple[int, ...]
    address: int
    steps: tuple[tuple[Coded, int], ...]
    places: tuple[int, ...]
    """Registers and flags."""


class Drawer:
    """Draws for one core."""

    def __init__(self, core: Core, rng: random.Random) -> None:
        self._core = core
        self._rng = rng

    def case(self, row: Row) -> Case:
        """Return a case of `row`, or of one that its word is rather meant to be; raise Refused."""
        address = CODE + self._rng.randrange(CODE_BYTES // 4, CODE_BYTES // 2, 2)  # others are in reach
        halves, steps = self._instructions(row, address)
        return Case(halves, address, steps, self._places(steps[-1][0]))

    def _instructions(self, row: Row, address: int) -> Drawn:
        rng = self._rng
        word = encoding(row, rng)
        halves = (word,) if row.size == 2 else (word >> 16, word & 0xFFFF)
        if row.name.startswith("STREX") and rng.random() < 0.7:
            return self._both(load_exclusive(halves, rng), halves, address)
        if self._core is not Core.M0 and not row.name.startswith("IT ") and rng.random() < 0.3:
            return self._both((IT | rng.randrange(ALWAYS + 1) << 4,), halves, address)
        return halves, ((self._decoded(halves, address, in_it=False), ALWAYS),)

    def _both(self, before: tuple[int, ...], halves: tuple[int, ...], address: int) -> Drawn:
        first = self._decoded(before, address, in_it=False)
        then = self._decoded(halves, address + first.size, in_it=bool(first.covers))
        return (*before, *halves), ((first, ALWAYS), (then, first.covers[0] if first.covers else ALWAYS))

    def _decoded(self, halves: tuple[int, ...], address: int, *, in_it: bool) -> Coded:
        first, second = (*halves, self._rng.getrandbits(16))[:2]
        return decode(first, second, address, self._core, in_it=in_it)

    def _places(self, coded: Coded) -> tuple[int, ...]:
        rng = self._rng
        draw = any_word
        if any(micro.op in MEMORY for micro in coded.micros):
            draw = near_memory
        elif any(micro.op in CONTROL and isinstance(micro.n, Place) for micro in coded.micros):
            draw = near_code
        registers = [draw(rng) for _ in range(13)]
        if draw is any_word and rng.random() < 0.4:
            few = rng.sample(EDGES, 2)
            registers = [rng.choice(few) for _ in registers]
        flags = [rng.choice((0, 1, 0x80000000)), rng.getrandbits(1), rng.getrandbits(1)]
        flags.append(rng.getrandbits(1) if self._core is not Core.M0 else 0)
        flags.append(rng.getrandbits(4) if self._core is Core.M4 else 0)
        return (*registers, RAM + rng.randrange(0, RAM_BYTES, 4), draw(rng), *flags)


def encoding(row: Row, rng: random.Random) -> int:
    """Return a word of the row: its fields random, all zeros or ones, or like one another."""
    word = rng.getrandbits(8 * row.size)
    for _, places in row.letters:
        ones = sum(1 << place for place in places)
        edge = rng.random()
        word = word | ones if edge < 0.1 else word & ~ones if edge < 0.2 else word
    if row.letters and rng.random() < 0.3:
        (_, to), (_, like) = rng.choice(row.letters), rng.choice(row.letters)
        for place, other in zip(reversed(to), reversed(like), strict=False):
            word = word & ~(1 << place) | (word >> other & 1) << place
    if rng.random() < 0.95:
        word = word & ~row.should_mask | row.should_value
    return word & ~row.mask | row.value


def load_exclusive(halves: tuple[int, ...], rng: random.Random) -> tuple[int, int]:
    """Return the load that belongs to an exclusive store (A7.7.52 to 54): it has the store's address."""
    first, second = halves
    t = rng.randrange(13)
    rest = 0x0F00 | second & 0xFF if first & 0xFFF0 == 0xE840 else 0x0F0F | second & 0xF0
    return first | 0x10, t << 12 | rest


def content(size: int, rng: random.Random) -> bytearray:
    """Return memory: words of any kind, and such that a load to the pc can use."""
    words = (code_pointer(rng) if rng.random() < 0.3 else any_word(rng) for _ in range(size // 4))
    return bytearray(struct.pack(f"<{size // 4}I", *words))


def code_pointer(rng: random.Random) -> int:
    return CODE + 2 * rng.randrange(CODE_BYTES // 2) | 1


def any_word(rng: random.Random) -> int:
    return rng.choice(EDGES) if rng.random() < 0.5 else rng.getrandbits(32)


def near_memory(rng: random.Random) -> int:
    """Return a base or an offset."""
    kind = rng.random()
    if kind < 0.5:
        return RAM + rng.randrange(0, RAM_BYTES, 1 if rng.random() < 0.3 else 4)
    if kind < 0.8:
        return rng.randrange(64) * rng.choice((1, 2, 4))
    return -rng.randrange(256) & 0xFFFFFFFF if kind < 0.9 else any_word(rng)


def near_code(rng: random.Random) -> int:
    """Return where a branch may go, or a distance."""
    return code_pointer(rng) if rng.random() < 0.6 else rng.choice((*range(0, 64, 4), any_word(rng)))
