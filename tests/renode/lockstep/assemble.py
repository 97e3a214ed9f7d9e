"""Halfwords with labels: just enough of an assembler for programs that are made, not written."""

import struct
from dataclasses import dataclass, field
from typing import Literal

from jobs.target import Core
from tests.renode.lockstep.image import CODE, INPUT, OUTPUT

NOP = 0xBF00

Kind = Literal["b", "b.w", "cond", "cond.w", "bl", "cb", "byte", "half", "word"]


class OutOfReach(Exception):
    """A branch cannot reach its label: the program is too long."""


@dataclass(slots=True)
class Assembly:
    """Code that grows, at CODE."""

    core: Core
    halves: list[int] = field(default_factory=list)
    labels: dict[int, int] = field(default_factory=dict)
    """Halfwords before each label."""
    references: list[tuple[Kind, int, int, int, int]] = field(default_factory=list)
    """Kind, halfword, label, opcode, and what the distance is measured from."""
    input: int = INPUT
    output: int = OUTPUT
    depth: int = 0
    """Bytes on the stack."""
    outermost: int = 0
    """Of those, the function's own; 0 where it returns by the address that was in the lr."""

    @property
    def wide(self) -> bool:
        """Return whether there are 32-bit instructions besides bl."""
        return self.core is not Core.M0

    @property
    def here(self) -> int:
        """Return the address of the next halfword."""
        return CODE + 2 * len(self.halves)

    def emit(self, *halves: int) -> None:
        """Append halfwords."""
        self.halves.extend(halves)

    def label(self) -> int:
        """Return a new label, not placed yet."""
        self.labels[len(self.labels)] = -1
        return len(self.labels) - 1

    def place(self, label: int) -> None:
        """Let the label be here."""
        self.labels[label] = len(self.halves)

    def branch(self, kind: Kind, label: int, opcode: int = 0, base: int = 0) -> None:
        """Append a branch to `label`, or with byte, half and word an entry of a table."""
        self.references.append((kind, len(self.halves), label, opcode, base))
        self.emit(*[0] * (2 if kind in {"b.w", "cond.w", "bl", "word"} else 1))

    def jump(self, label: int) -> None:
        """Append an unconditional branch that reaches 2 KiB at least."""
        self.branch("b.w" if self.wide else "b", label)

    def align(self) -> None:
        """Go on at a word."""
        if len(self.halves) % 2:
            self.emit(NOP)

    def constant(self, register: int, value: int) -> None:
        """Load a number, leaving the flags and other registers alone; on M0 only r0 to r7, and the sp by way of r7."""
        if register == 13:
            self.constant(7, value)
            self.emit(0x46BD)  # mov sp, r7
        elif self.wide:
            for opcode, half in ((0xF240, value & 0xFFFF), (0xF2C0, value >> 16)):  # movw, movt
                self.emit(opcode | half >> 12 | (half >> 1 & 0x400), (half << 4 & 0x7000) | register << 8 | half & 0xFF)
        elif register > 7:
            self.constant(7, value)
            self.emit(0x4600 | (register & 8) << 4 | 7 << 3 | register & 7)
        else:
            self.align()
            self.emit(0x4800 | register << 8, 0xE001, value & 0xFFFF, value >> 16)  # ldr rd, [pc]; b over the word

    def code(self) -> bytes:
        """Return the code; raise OutOfReach."""
        halves = list(self.halves)
        for kind, at, label, opcode, base in self.references:
            distance = 2 * (self.labels[label] - at - 2)
            if kind == "byte":
                halves[at] = _table_byte(self.labels[label] - base) | _table_byte(self.labels[opcode] - base) << 8
            elif kind == "half":
                halves[at] = self.labels[label] - base
            elif kind == "word":
                address = CODE + 2 * self.labels[label] | 1
                halves[at : at + 2] = address & 0xFFFF, address >> 16
            else:
                encoded = _ENCODE[kind](distance, opcode)
                halves[at : at + len(encoded)] = encoded
        return struct.pack(f"<{len(halves)}H", *halves)


def _within(distance: int, low: int, high: int) -> int:
    if not low <= distance <= high:
        raise OutOfReach(str(distance))
    return distance


def _table_byte(distance: int) -> int:
    return _within(distance, 0, 255)


def _near(distance: int, _opcode: int) -> list[int]:
    return [0xE000 | _within(distance, -2048, 2046) >> 1 & 0x7FF]


def _near_if(distance: int, condition: int) -> list[int]:
    return [0xD000 | condition << 8 | _within(distance, -256, 254) >> 1 & 0xFF]


def _if_zero(distance: int, opcode: int) -> list[int]:
    _within(distance, 0, 126)
    return [opcode | (distance & 0x40) << 3 | (distance & 0x3E) << 2]


def _far(distance: int, second: int) -> list[int]:
    offset = _within(distance, -(1 << 24), (1 << 24) - 2) & 0x1FFFFFF
    sign, one, two = offset >> 24 & 1, offset >> 23 & 1, offset >> 22 & 1
    first = 0xF000 | sign << 10 | offset >> 12 & 0x3FF
    return [first, second | (1 ^ one ^ sign) << 13 | (1 ^ two ^ sign) << 11 | offset >> 1 & 0x7FF]


def _far_if(distance: int, condition: int) -> list[int]:
    offset = _within(distance, -(1 << 20), (1 << 20) - 2) & 0x1FFFFF
    first = 0xF000 | (offset >> 20 & 1) << 10 | condition << 6 | offset >> 12 & 0x3F
    return [first, 0x8000 | (offset >> 18 & 1) << 13 | (offset >> 19 & 1) << 11 | offset >> 1 & 0x7FF]


_ENCODE = {
    "b": _near,
    "b.w": lambda distance, _: _far(distance, 0x9000),
    "bl": lambda distance, _: _far(distance, 0xD000),
    "cond": _near_if,
    "cond.w": _far_if,
    "cb": _if_zero,
}
