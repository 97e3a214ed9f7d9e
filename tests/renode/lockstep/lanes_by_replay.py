"""Lanes that NumPy runs: walks as they are, and operations as their definition has them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from renode.counting import count
from renode.lockstep.choice import Lanes
from renode.lockstep.plan import Planner
from renode.lockstep.program import Program
from renode.lockstep.start import Start
from renode.lockstep.walk import walk
from renode.trace import Levels, Path
from renode.unicorn_core import UnicornCore
from tests.renode.lockstep.replay import Replayed, replay

Rows = npt.NDArray[np.uint8]


@dataclass
class ReplayLanes:
    program: Program
    start: Start
    levels: Levels | None
    size: int = 0

    def activity(self, inputs: Rows, out: npt.NDArray[np.uint64]) -> Replayed:
        went = replay(self.program, self.start, inputs)
        out[:] = went.activity
        return went

    def tally(self, inputs: Rows, groups: Rows, counts: npt.NDArray[np.int64]) -> Replayed:
        assert self.levels is not None
        went = replay(self.program, self.start, inputs)
        count(went.activity, went.lost, groups, self.levels, counts)
        return went


class ReplayMaker:
    """Makes them for the firmware of a core."""

    features = "numpy"

    def __init__(self, unicorn: UnicornCore) -> None:
        self._start = unicorn.start()
        self._planner = Planner(self._start, unicorn.decoded)

    def program(self, path: Path, rows: Rows, varying: npt.NDArray[np.bool_]) -> Program:
        return walk(self._start, path, rows, varying, planner=self._planner)

    def lanes(self, program: Program, levels: Levels | None) -> Lanes:
        return ReplayLanes(program, self._start, levels)
