"""Whether lanes do what Unicorn does, word for word."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from renode.lockstep.program import Program
from renode.lockstep.walk import walk
from renode.trace import Batch, Path
from renode.unicorn_core import UnicornCore
from tests.renode.lockstep.replay import Replayed, replay


@dataclass(frozen=True)
class Compared:
    path: Path
    program: Program
    lanes: Replayed
    batch: Batch

    @property
    def through(self) -> npt.NDArray[np.bool_]:
        """[N] which lanes went all the way."""
        return np.equal(self.lanes.lost, len(self.path.pcs))


def compare(core: UnicornCore, rows: npt.NDArray[np.uint8], *, profile: int = 64) -> Compared:
    """Walk along the path of the first row and execute all; assert that lanes and Unicorn agree as far as lanes go.

    The first rows are those of the profile.
    """
    start, path, batch_rows = core.start(), core.path(rows[0]), rows
    varying = (rows != rows[0]).any(axis=0)

    program = walk(start, path, rows[:profile], varying, decoded=core.decoded)
    lanes = replay(program, start, batch_rows)
    batch = core.run(batch_rows, path)

    compared = Compared(path, program, lanes, batch)
    assert (lanes.lost <= batch.agreed).all()
    common = np.arange(len(path.pcs)) < lanes.lost[:, np.newaxis]
    _same_words(core, compared, np.where(common, batch.activity, 0))
    np.testing.assert_array_equal(lanes.output[compared.through], batch.output[compared.through])
    return compared


def _same_words(core: UnicornCore, compared: Compared, expected: npt.NDArray[np.uint64]) -> None:
    wrong = np.argwhere((compared.lanes.activity != expected).T)
    if len(wrong):
        index, lane = wrong[0]
        found = core.instruction(int(compared.path.pcs[index]))
        words = f"0x{compared.lanes.activity[lane, index]:014x}, not 0x{expected[lane, index]:014x}"
        raise AssertionError(f"{found.mnemonic} {found.operands} at {index} of the path, lane {lane}: {words}")
