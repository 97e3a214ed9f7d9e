"""Lanes whose every lane is an execution by Unicorn: what the core makes of lanes is tested apart from how they run."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from renode.counting import count
from renode.lockstep.choice import Lanes
from renode.lockstep.program import OPERATION, Program
from renode.lockstep.values import Unsupported
from renode.trace import Levels, Path, Stop
from renode.unicorn_core import UnicornCore

Rows = npt.NDArray[np.uint8]
Strays = Callable[[Rows, Path], npt.NDArray[np.bool_]]


@dataclass
class Ended:
    """How far they went."""

    lost: npt.NDArray[np.int32]
    output: Rows


@dataclass
class UnicornLanes:
    """A program's lanes; they lose an execution where it leaves the path, and where `strays` says so half-way there."""

    unicorn: UnicornCore
    program: Program
    path: Path
    known: Rows
    levels: Levels | None
    strays: Strays
    size: int = 0

    def activity(self, inputs: Rows, out: npt.NDArray[np.uint64]) -> Ended:
        assert (inputs[:, ~self.program.varying] == self.known[~self.program.varying]).all()
        batch = self.unicorn.run(inputs, self.path)
        length = len(self.path.pcs)
        whole = (batch.stop == Stop.DONE) & (batch.agreed == length) & (batch.executed == length)
        lost = np.where(whole, length, np.minimum(batch.agreed, length - 1)).astype(np.int32)
        lost = np.where(self.strays(inputs, self.path), lost // 2, lost).astype(np.int32)
        out[:] = batch.activity
        out[np.arange(length) >= lost[:, None]] = 0xDEAD  # means nothing
        return Ended(lost, np.where((lost == length)[:, None], batch.output, np.uint8(0xEE)))

    def tally(self, inputs: Rows, groups: Rows, counts: npt.NDArray[np.int64]) -> Ended:
        assert self.levels is not None
        activity = np.zeros((len(inputs), len(self.path.pcs)), np.uint64)
        went = self.activity(inputs, activity)
        count(activity, went.lost, groups, self.levels, counts)
        return went


@dataclass
class UnicornMaker:
    """Makes them, and remembers what it was asked for."""

    unicorn: UnicornCore
    strays: Strays = field(default=lambda rows, _path: np.zeros(len(rows), bool))
    refuses: str | None = None
    made: list[tuple[Program, Path, Rows]] = field(default_factory=list)
    features: str = "none"
    size: int = 0
    """Of lanes."""

    def program(self, path: Path, rows: Rows, varying: npt.NDArray[np.bool_]) -> Program:
        if self.refuses is not None:
            raise Unsupported(self.refuses)
        length = len(path.pcs)
        program = Program(
            operations=np.zeros(0, OPERATION),
            numbers=np.zeros(0, np.uint32),
            tables=np.zeros(0, np.uint8),
            varying=varying,
            input_words=np.zeros((0, 6), np.int64),
            constant=np.zeros(length, np.uint64),
            varies=np.ones(length, bool),
            ends=length,
            output=np.zeros(0, np.uint8),
            output_rows=np.zeros((0, 3), np.int64),
            accesses=(),
            written=np.zeros(0, np.uint32),
        )
        self.made.append((program, path, rows[0].copy()))
        return program

    def lanes(self, program: Program, levels: Levels | None) -> Lanes:
        path, known = next((path, known) for made, path, known in self.made if made is program)
        return UnicornLanes(self.unicorn, program, path, known, levels, self.strays, self.size)
