"""What every execution starts from, as far as lanes must know it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.target import Core
from renode.target import Place


@dataclass(frozen=True, slots=True)
class Block:
    """Memory that lies together."""

    start: int
    content: npt.NDArray[np.uint8]

    @property
    def end(self) -> int:
        """Return the first address after it."""
        return self.start + len(self.content)


@dataclass(frozen=True, slots=True)
class Start:
    """Registers, memory, and where inputs go."""

    core: Core
    registers: tuple[int, ...]
    """r0 to r12, sp, lr"""
    status: int
    """Flags, where the APSR has them (B1.4.2)."""
    stop: int
    """Where the execution ends by returning: the address without its bit 0."""
    writable: tuple[Block, ...]
    """In the order of the machine's arena; word k of it is row k of MEMORY, counted through all blocks."""
    readable: tuple[Block, ...]
    """Code and constants: never written."""
    inputs: tuple[Place, ...]
    output: Place | None
    """None is r0, or nothing."""
    output_length: int
