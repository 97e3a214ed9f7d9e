"""What goes before an access to memory, so that its address is a good one: mostly."""

import random
from dataclasses import replace

from jobs.target import Core
from tests.renode.lockstep.encodings import Drawn
from tests.renode.lockstep.image import CONSTANTS, INPUT, INPUT_BYTES, MIDDLE
from tests.renode.lockstep.shapes import Shape
from tests.renode.lockstep.tree import SP, Constant, Node, Pick, Plain

_WORDS = INPUT_BYTES // 4
VARYING_EXCLUSIVE = 0.02
"""Of exclusive accesses, those whose address depends on the input: lanes do not take them."""


def addressed(drawn: Drawn, rng: random.Random, shape: Shape, core: Core) -> list[Node]:
    """Return what puts an address into the registers of `drawn`, and loads exclusively what it stores so."""
    before = _addressed(drawn, rng, shape, core)
    if drawn.exclusive and drawn.stores and drawn.base is not None and rng.random() < 0.9:
        before.append(_loaded(drawn, drawn.base))
    return before


def _loaded(drawn: Drawn, base: int) -> Plain:
    """Return an exclusive load of what `drawn` stores."""
    register = 0 if base else 1
    if drawn.width == 4:
        return Plain((0xE850 | base, register << 12 | 0xF00 | drawn.plain.halves[1] & 0xFF), "LDREX T1")
    kind = (0x4F, "LDREXB T1") if drawn.width == 1 else (0x5F, "LDREXH T1")
    return Plain((0xE8D0 | base, register << 12 | 0xF00 | kind[0]), kind[1])


def _addressed(drawn: Drawn, rng: random.Random, shape: Shape, core: Core) -> list[Node]:
    if drawn.base is None:
        return []
    if drawn.base == SP and not drawn.stores and rng.random() < 0.5:
        return []  # the stack as it is
    base = CONSTANTS if not drawn.stores and rng.random() < 0.3 else MIDDLE
    if rng.random() < 0.1:
        base = INPUT
    unaligned = not drawn.aligned and rng.random() < 0.06
    base += rng.randrange(16) * 4 + (rng.randrange(1, 4) if unaligned else 0)
    by_input = rng.random() < (VARYING_EXCLUSIVE if drawn.exclusive else shape.varying)
    stray = by_input and rng.random() < shape.strays
    low = drawn.shift if unaligned or drawn.width == 1 else max(drawn.shift, 2)
    if drawn.index is not None:
        # On M0 a constant of the sp goes by way of r7: the index is made last.
        index: Node = Constant(drawn.index, rng.randrange(64) << (low - drawn.shift))
        if by_input:
            bits = 32 - low if stray else rng.choice((3, 6, 8))
            index = Pick(drawn.index, rng.randrange(_WORDS), bits, low - drawn.shift)
        return [Constant(drawn.base, base), index]
    if by_input and drawn.base != SP:
        return _sum(
            drawn.base, base, Pick(drawn.base, rng.randrange(_WORDS), 24 if stray else rng.choice((2, 5, 7)), low), core
        )
    return [Constant(drawn.base, base)]


def kept(drawn: Drawn) -> Plain:
    """Return the instruction, which puts the sp right behind it where it was its base."""
    return replace(drawn.plain, resets_sp=True) if drawn.base == SP else drawn.plain


def _sum(register: int, base: int, pick: Pick, core: Core) -> list[Node]:
    """Return what adds a number to some bits of the input."""
    other = 0 if register else 1
    added = Plain((0xEB00 | register, register << 8 | other), "ADD (register) T3")
    if core is Core.M0:
        added = Plain((0x1800 | other << 6 | register << 3 | register,), "ADD (register) T1")
    return [pick, Constant(other, base), added]
