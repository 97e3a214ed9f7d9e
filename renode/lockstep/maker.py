"""Makes programs by walking, and lanes that run them as machine code of this processor."""

import numpy as np
import numpy.typing as npt
from llvmlite import binding as llvm

from renode.lockstep.arena import fits
from renode.lockstep.choice import Maker
from renode.lockstep.lanes import Lanes
from renode.lockstep.plan import Planner
from renode.lockstep.program import Program
from renode.lockstep.values import Unsupported
from renode.lockstep.walk import walk
from renode.trace import Levels, Path
from renode.unicorn_core import UnicornCore

_TOLD = (
    "avx512f",
    "avx512bw",
    "avx512vbmi",
    "avx512vpopcntdq",
    "avx512bitalg",
    "gfni",
    "avx2",
    "sse4.2",
    "neon",
    "sve",
)
"""Features of processors that lanes gain from."""


class KernelMaker:
    """Makes lanes for the firmware of one core, which says what instructions do and where executions start."""

    def __init__(self, unicorn: UnicornCore) -> None:
        """Take the core as it is after its setup."""
        self._start = unicorn.start()
        self._words = sum(len(block.content) for block in self._start.writable) // 4
        self._planner = Planner(self._start, unicorn.decoded)

    @property
    def features(self) -> str:
        """Return the processor's name and what lanes gain from."""
        has = llvm.get_host_cpu_features()
        return " ".join([llvm.get_host_cpu_name(), *(name for name in _TOLD if has.get(name))])

    def program(self, path: Path, rows: npt.NDArray[np.uint8], varying: npt.NDArray[np.bool_]) -> Program:
        """Walk along `path`; raise Unsupported."""
        if not fits(self._words):
            raise Unsupported(f"memory: {self._words} words that may be written are too many for lanes")
        return walk(self._start, path, rows, varying, planner=self._planner)

    def lanes(self, program: Program, levels: Levels | None) -> Lanes:
        """Prepare lanes that count by `levels`, or keep activity where there are none."""
        return Lanes(program, self._start, levels=levels)


def maker_of(unicorn: UnicornCore) -> Maker:
    """Return who makes lanes for the firmware of a core."""
    return KernelMaker(unicorn)
