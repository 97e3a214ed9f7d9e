"""Random encodings of every row of the decoder's table, and what has to be set up before each.

What an access adds up to its address is read off the decoder's own micro-operations; whether it is right is another
matter, which the engines' comparison decides.
"""

import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.target import Core
from renode.thumb.decode import decode
from renode.thumb.micro import CONTROL, MEMORY, Coded, Micro, Op, Place, Refused
from renode.thumb.row import Row
from renode.thumb.table import ROWS
from tests.renode.lockstep.image import CODE, Image
from tests.renode.lockstep.tree import Plain

TRIES = 400


@dataclass(frozen=True, slots=True)
class Drawn:
    """An instruction."""

    plain: Plain
    base: int | None = None
    """The register its address begins with."""
    index: int | None = None
    """The register that is added."""
    shift: int = 0
    """And shifted left by so much."""
    width: int = 0
    """Bytes of one access; 0 for none."""
    aligned: bool = False
    """Whether the address has to be a word's."""
    stores: bool = False
    exclusive: bool = False
    """Whether it is an exclusive access: of a store, something has to be loaded so before."""


class Rows:
    """The rows of a core that can stand anywhere: those that go nowhere and do not end the execution."""

    def __init__(self, core: Core) -> None:
        """Try every row once."""
        self.core = core
        self._rows: dict[str, list[Row]] = {}
        for row in ROWS:
            if core in row.cores:
                self._rows.setdefault(row.name, []).append(row)
        self.plain: list[str] = []
        self.accesses: list[str] = []
        for name in self._rows:
            drawn = self.draw(name, random.Random(1))
            if drawn is not None:
                (self.accesses if drawn.width else self.plain).append(name)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all rows that the core has."""
        return tuple(self._rows)

    def draw(self, name: str, rng: random.Random, *, in_it: bool = False) -> Drawn | None:
        """Return a random instruction of a row; None where none was found that can stand anywhere."""
        for _ in range(TRIES):
            row = rng.choice(self._rows[name])
            word = _random_word(row, rng)
            halves = (word,) if row.size == 2 else (word >> 16, word & 0xFFFF)
            found = self._understood(halves, name, in_it=in_it)
            if found is not None:
                return found
        return None

    def _understood(self, halves: tuple[int, ...], name: str, *, in_it: bool) -> Drawn | None:
        """Return what the instruction needs; None for one that cannot stand anywhere, or is none of the row's."""
        try:
            coded = decode(halves[0], halves[-1], CODE, self.core, in_it=in_it)
        except Refused:
            return None
        if coded.row != name or coded.covers or any(micro.op in CONTROL for micro in coded.micros):
            return None
        plain = Plain(halves, name, any(micro.d is Place.SP for micro in coded.micros))
        accesses = [micro for micro in coded.micros if micro.op in MEMORY and micro.op is not Op.CLEAR_EXCLUSIVE]
        if not accesses:
            return Drawn(plain)
        registers = _address(coded.micros, accesses[0])
        if registers is None:
            return None
        ops = {micro.op for micro in accesses}
        return Drawn(
            plain,
            *registers,
            width=accesses[0].width,
            aligned=len(accesses) > 1 or bool(ops & {Op.LOAD_EXCLUSIVE, Op.STORE_EXCLUSIVE}) or self.core is Core.M0,
            stores=bool(ops & {Op.STORE, Op.STORE_EXCLUSIVE}),
            exclusive=bool(ops & {Op.LOAD_EXCLUSIVE, Op.STORE_EXCLUSIVE}),
        )


def executed(image: Image, pcs: npt.NDArray[np.uint32]) -> Iterator[str]:
    """Yield the names of the rows that lie on a path, each address once."""
    covered, known = 0, dict[int, Coded]()
    for pc in pcs.tolist():
        at = pc - CODE
        if not 0 <= at < len(image.code):
            return
        if pc not in known:
            first, second = struct.unpack("<HH", image.code[at : at + 4].ljust(4, b"\0"))
            known[pc] = decode(first, second, pc, image.core, in_it=covered > 0)
            yield known[pc].row
        covered = len(known[pc].covers) or max(covered - 1, 0)


def _random_word(row: Row, rng: random.Random) -> int:
    """Return a word of the row; fields of all ones and of zeros are more likely than they would be."""
    word = row.value | row.should_value
    for _, places in row.letters:
        choice = rng.random()
        for place in places:
            bit = rng.getrandbits(1) if choice < 0.8 else choice < 0.85
            word |= bit << place
    return word


def _address(micros: tuple[Micro, ...], access: Micro) -> tuple[int | None, int | None, int] | None:
    """Return the registers of an address: base, index and its shift."""
    terms = _terms(micros, access.n, micros.index(access))
    if len(terms) > 2 or len({register for register, _ in terms}) < len(terms):
        return None
    plain = [register for register, shift in terms if shift == 0]
    if not terms:
        return None, None, 0
    if not plain:
        return None
    rest = [term for term in terms if term[0] != plain[0]]
    return (plain[0], *rest[0]) if rest else (plain[0], None, 0)


def _terms(micros: tuple[Micro, ...], operand: Place | int, before: int) -> list[tuple[int, int]]:
    """Return the registers that `operand` is the sum of, each with its shift, as of micro-operation `before`."""
    if not isinstance(operand, Place):
        return []
    for at in range(before - 1, -1, -1):
        micro = micros[at]
        if micro.d is operand:
            found = _terms(micros, micro.n, at)
            if micro.op is Op.LSL and not isinstance(micro.m, Place):
                return [(register, shift + micro.m) for register, shift in found]
            return found + (_terms(micros, micro.m, at) if micro.op in {Op.ADD, Op.SUB} else [])
    return [(int(operand), 0)]
