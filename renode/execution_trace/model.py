"""A trace as arrays: what was executed, what went over the bus, what registers held."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

SIGNATURE, VERSION = b"ReTrace", 5
PC_BYTES = 4
"""Of a pc in a file."""
DEFAULT_LIMIT = 256 * 2**20
"""Bytes of a trace without compression. Its arrays take at most ARRAY_FACTOR times as much."""
ARRAY_FACTOR = 8


class Access(IntEnum):
    """What went over the bus, by Renode's numbers; IO is a peripheral's registers."""

    IO_READ = 0
    IO_WRITE = 1
    READ = 2
    WRITE = 3
    FETCH = 4


@dataclass(frozen=True, slots=True)
class Accesses:
    """Accesses to memory in their order, [A] each."""

    index: npt.NDArray[np.int64]
    """Which instruction; never falls."""
    kind: npt.NDArray[np.uint8]
    """Values of `Access`."""
    address: npt.NDArray[np.uint64]
    """Virtual, which is the physical one on these cores."""
    value: npt.NDArray[np.uint64]
    physical: npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Registers:
    """Values of registers that were written down, in their order, [R] each."""

    index: npt.NDArray[np.int64]
    """Which instruction; never falls."""
    before: npt.NDArray[np.bool_]
    """Whether it was read before the instruction, not after it."""
    name: npt.NDArray[np.uint8]
    """Which of `names`."""
    width: npt.NDArray[np.uint8]
    """Bytes."""
    value: npt.NDArray[np.uint64]
    names: tuple[str, ...]
    """As Renode gives them: `R0`, `SP / R13`."""


@dataclass(frozen=True, slots=True)
class ExecutionTrace:
    """What a core executed, N instructions."""

    pcs: npt.NDArray[np.uint32]
    """[N]"""
    opcodes: npt.NDArray[np.uint32]
    """[N] as manuals write them: of a 32-bit one the first halfword is the upper. 0 where there are none."""
    sizes: npt.NDArray[np.uint8]
    """[N] bytes of the opcode: 2 or 4; 0 where there are none."""
    offsets: npt.NDArray[np.int64]
    """[N] where the entry begins in the file, without compression."""
    accesses: Accesses
    registers: Registers
    triple: npt.NDArray[np.uint8]
    """[N] which of `triples` it belongs to; 0 where there are none."""
    triples: tuple[str, ...] = ()
    """Instruction sets and the model of the core: `thumb cortex-m4`; none where there are no opcodes."""
    cuts: tuple[int, ...] = ()
    """Where instructions are missing, as Renode could not decode one of a block: before which of the N. Only traces
    with several triples have blocks that show it; in others an instruction goes where it cannot go."""

    @property
    def has_opcodes(self) -> bool:
        """Return whether the opcodes of the instructions are in it."""
        return bool(self.triples)

    def __len__(self) -> int:
        """Return N."""
        return len(self.pcs)


def no_accesses() -> Accesses:
    """Return that nothing was written down."""
    words = np.zeros(0, np.uint64)
    return Accesses(np.zeros(0, np.int64), np.zeros(0, np.uint8), words, words, words)


def no_registers() -> Registers:
    """Return that nothing was written down."""
    numbers = np.zeros(0, np.uint8)
    return Registers(np.zeros(0, np.int64), np.zeros(0, np.bool_), numbers, numbers, np.zeros(0, np.uint64), ())
