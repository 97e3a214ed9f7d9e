"""What a walker does at an instruction: its steps, and which of them matter where some flags are read later."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from renode.lockstep.bounds import Bounds
from renode.thumb.micro import ALWAYS, REGISTERS, Coded, Micro, Op, Place

_FLAGS = (Place.RESULT, Place.CARRY, Place.OVERFLOW, Place.SATURATED, Place.GREATER)
_FLAG_BITS = {place: 1 << number for number, place in enumerate(_FLAGS)}
EVERY_FLAG = (1 << len(_FLAGS)) - 1
_WORKING = frozenset(place for place in Place if place >= REGISTERS)
"""Flags and temporaries: nothing samples them."""
_RESULT, _CARRY, _OVERFLOW = Place.RESULT, Place.CARRY, Place.OVERFLOW
READ_BY: tuple[tuple[Place, ...], ...] = tuple(
    flags
    for flags in (
        (_RESULT,), (_CARRY,), (_RESULT,), (_OVERFLOW,), (_CARRY, _RESULT), (_RESULT, _OVERFLOW), (_RESULT, _OVERFLOW), (),
    )
    for _ in range(2)
)  # fmt: skip
"""The flags that each condition reads."""


class Kind(IntEnum):
    """Of a step."""

    PURE = 0
    LOAD = 1
    STORE = 2
    LOAD_EXCLUSIVE = 3
    STORE_EXCLUSIVE = 4
    CLEAR_EXCLUSIVE = 5
    SAMPLE = 6
    """A register that the tracer takes for written, though it keeps its value."""
    BUS = 7
    """A word that was loaded on its way to a register, as it is there."""


@dataclass(frozen=True, slots=True)
class Step:
    """One micro-operation; d, n, m, a are positions in the walker's file: places, then numbers."""

    kind: Kind
    d: int
    n: int
    m: int
    a: int
    micro: Micro
    kernel: int = 0
    numbers: Callable[[int, int, int], int] = max
    arrays: Callable[..., Any] = max
    rule: Callable[[Bounds, Bounds], Bounds] | None = None
    sampled: bool = False
    """Whether it writes a register of the file."""
    low: bool = False
    """Whether the low byte is told: of the register, or of the word stored."""
    bus: int = 0
    """Bits of the word on the bus."""
    to_pc: bool = False
    """Whether the word on the bus is an address of code, of which bit 0 is set."""


@dataclass(slots=True)
class Plan:
    """An instruction."""

    address: int
    size: int
    coded: Coded
    steps: tuple[Step, ...]
    control: Step | None
    """Where it goes, after everything else."""
    traps: bool
    """Whether the execution ends here."""
    needs: int
    """Flags that `control` reads, a bit each."""
    refusal: str = ""
    """Why it is not taken; it is never executed as long as its condition fails."""
    longer: bool = False
    """Whether it takes the core longer than the cycle of an instruction whose condition fails."""
    variants: dict[int, tuple[tuple[Step, ...], int]] = field(default_factory=dict)

    def variant(self, live: int, *, cond: int) -> tuple[tuple[Step, ...], int]:
        """Return the steps that matter where the flags `live` are read later, and the flags that are read from here on."""
        key = live << 4 | cond
        if key not in self.variants:
            self.variants[key] = self._variant(live, cond)
        return self.variants[key]

    def _variant(self, live: int, cond: int) -> tuple[tuple[Step, ...], int]:
        kept: list[Step] = []
        needed = {place for place, bit in _FLAG_BITS.items() if (live | self.needs) & bit}
        if self.control is not None:
            needed |= _operands(self.control.micro)
        for step in reversed(self.steps):
            d = step.micro.d
            if step.kind is Kind.PURE and d in _WORKING:
                if d not in needed:
                    continue
                needed.discard(d)
            needed |= _operands(step.micro)
            kept.append(step)
        before = sum(_FLAG_BITS.get(place, 0) for place in needed)
        if cond != ALWAYS:  # it may not be executed
            before |= live | flags_of(cond)
        return tuple(reversed(kept)), before


def flags_of(cond: int) -> int:
    """Return the flags that a condition reads, a bit each."""
    return sum(_FLAG_BITS[place] for place in READ_BY[cond])


def _operands(micro: Micro) -> set[Place]:
    read = {operand for operand in (micro.n, micro.m, micro.a) if isinstance(operand, Place)}
    return read.union(READ_BY[micro.cond]) if micro.op is Op.BRANCH_IF else read
