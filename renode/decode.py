"""What each instruction does, as the native hook needs to know it: registers written, words on the bus, cycles.

An instruction is decoded the first time an execution reaches it, so literal pools and other
data between functions are never taken for code.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import capstone
from capstone import arm

from jobs.target import Core
from renode.cycles import cycles_of, refill_of
from renode.effects import Effects, effects_of, kind_of, writes_pc
from renode.layout import (
    BEFORE,
    COMPLEX,
    CONDITIONAL,
    EXCLUSIVE,
    HIDDEN,
    NONE,
    PC,
    REFUSED,
    SP,
    STORE,
    WORD,
)
from renode.trace import Class

STRETCH_BYTES = 512
_NOT_ON_M0 = frozenset({"cbz", "cbnz", "it"})
"""16-bit instructions of Armv7-M that Unicorn's Cortex-M0 runs; it refuses the 32-bit ones itself."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """An instruction."""

    address: int
    size: int
    mnemonic: str
    operands: str
    kind: Class
    cycles: int
    refill: int
    """Cycles more when it does not go on to the next instruction."""
    effects: Effects
    conditional: bool
    """Whether it is in an IT block."""
    refused: bool
    """Whether it is none of the core's."""

    @property
    def simple(self) -> bool:
        """Return whether its HOT record says everything."""
        it = self.effects
        single = len(it.written) <= 1 and len(it.transfers) <= 1 and PC not in it.transfers
        return single and (it.shape == 0 or (it.shape == STORE and not it.written))

    @property
    def mask(self) -> int:
        """Return the bits of one transfer."""
        return WORD >> (32 - 8 * self.effects.width) if self.effects.transfers else 0

    @property
    def low(self) -> int:
        """Return the register whose low byte is told: the last one loaded, else the highest one written.

        Of a store it is the word's own, unless nothing was stored, and then the status register's.
        """
        it = self.effects
        if it.shape & STORE:
            return it.status if it.shape & EXCLUSIVE else NONE
        loaded = [register for register in it.transfers if register != PC]
        return loaded[-1] if loaded else max(it.written, default=NONE)

    def hot(self) -> tuple[int, ...]:
        """Return the HOT record."""
        it, simple = self.effects, self.simple
        stores = bool(it.shape & STORE)
        flags = 0 if simple else COMPLEX | (BEFORE if stores else 0)
        flags |= (REFUSED if self.refused else 0) | (CONDITIONAL if self.conditional else 0)
        return (
            self.address,
            4 * max(it.written) if simple and it.written else 0,
            WORD if it.written else 0,
            0xFF if it.written else 0,
            4 * it.transfers[0] if simple and it.transfers else 0,
            self.mask if simple else 0,
            0xFF if stores else 0,
            flags,
            self.cycles,
            self.refill,
            self.size,
        )

    def cold(self) -> tuple[int, ...]:
        """Return the COLD record, without its padding."""
        it = self.effects
        listed = sum(register << (4 * k) for k, register in enumerate(it.transfers))
        needed = it.written | set(it.transfers) - {PC} | ({SP} if it.shape & HIDDEN else set())
        return (
            listed - (1 << 64) if listed >> 63 else listed,
            self.mask,
            _bits(it.written),
            _bits(needed),
            len(it.transfers),
            self.low,
            it.shape,
            it.status,
        )


class Decoder:
    """Decodes the code of one core."""

    def __init__(self, core: Core) -> None:
        """Open capstone in M-class Thumb mode."""
        self._core = core
        self._capstone = capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS)
        self._capstone.detail = True

    def stretch(self, code: bytes, address: int) -> Iterator[Decoded]:
        """Yield the instructions from `address`, where `code` begins, up to one that never goes on to the next.

        What is no instruction is yielded as a refused one, and ends the stretch.
        """
        covered, at = 0, 0  # instructions still in the IT block; bytes decoded
        while at < len(code):
            for found in self._capstone.disasm(code[at:], address + at):
                decoded = self._decode(found, conditional=covered > 0)
                yield decoded
                at += decoded.size
                covered = _covered(found) if found.insn_name() == "it" else max(covered - 1, 0)
                if decoded.refused or (not decoded.conditional and _leaves(found, decoded)):
                    return
                if at >= STRETCH_BYTES and not covered:
                    return
            if at > 0 and not covered:
                return
            # No instruction; inside an IT block it may be stepped over all the same.
            undefined = _undefined(address + at, code[at : at + 2], conditional=covered > 0)
            yield undefined
            at += undefined.size
            covered -= 1
            if covered <= 0:
                return

    def _decode(self, found: Any, *, conditional: bool) -> Decoded:
        name = str(found.insn_name())
        effects = effects_of(name, found)
        kind = kind_of(name, effects, to_pc=writes_pc(found))
        to_pc = kind is Class.BRANCH or PC in effects.transfers
        refill = refill_of(kind, self._core) if to_pc else 0
        certain = to_pc and not conditional and name not in {"cbz", "cbnz"} and not _has_condition(name, found)
        cycles = cycles_of(name, kind, len(effects.transfers), self._core)
        return Decoded(
            address=int(found.address),
            size=int(found.size),
            mnemonic=str(found.mnemonic),
            operands=str(found.op_str),
            kind=kind,
            cycles=cycles + (refill if certain else 0),
            refill=0 if certain else refill,
            effects=effects,
            conditional=conditional,
            refused=(self._core is Core.M0 and name in _NOT_ON_M0) or _beyond_integers(found),
        )


def _undefined(address: int, code: bytes, *, conditional: bool) -> Decoded:
    half = int.from_bytes(code, "little")
    size = 4 if half >> 11 in {0b11101, 0b11110, 0b11111} else 2  # Armv7-M ARM, A5.1
    return Decoded(
        address, size, "undefined", f"0x{half:04x}", Class.OTHER, 1, 0, Effects(), conditional=conditional, refused=True
    )


def _bits(registers: Iterable[int]) -> int:
    return sum(1 << register for register in registers)


def _covered(found: Any) -> int:
    """Return how many instructions an IT covers (Armv7-M ARM, A7.7.38)."""
    mask = found.bytes[0] & 15
    return 4 - ((mask & -mask).bit_length() - 1)


def _beyond_integers(found: Any) -> bool:
    """Return whether it is for a coprocessor, the floating-point unit or Advanced SIMD (Armv7-M ARM, A5.3.18).

    Unicorn runs some of these on cores that have none, and their registers are not among those traced.
    """
    first = int.from_bytes(found.bytes[:2], "little")
    coprocessor = found.size == 4 and first & 0xEC00 == 0xEC00
    return coprocessor or (found.size == 4 and first & 0xFF10 == 0xF900)


def _has_condition(name: str, found: Any) -> bool:
    return name == "b" and found.cc not in {arm.ARM_CC_AL, arm.ARM_CC_INVALID}


def _leaves(found: Any, decoded: Decoded) -> bool:
    """Return whether the instruction never goes on to the next one: a jump without a condition or a return."""
    jumps = decoded.kind is Class.BRANCH and decoded.refill == 0 and found.insn_name() not in {"bl", "blx"}
    return jumps or PC in decoded.effects.transfers
