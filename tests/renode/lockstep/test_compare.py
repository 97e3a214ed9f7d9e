"""The comparison sees a difference wherever there is one: engines that are wrong on purpose do not pass."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from jobs.target import Core
from renode.lockstep.choice import Lanes
from renode.lockstep.program import Program
from renode.trace import Levels
from renode.unicorn_core import UnicornCore
from tests.renode.lockstep.cases import Inputs
from tests.renode.lockstep.compare import compare
from tests.renode.lockstep.emit import code_of
from tests.renode.lockstep.image import Image
from tests.renode.lockstep.lanes_by_unicorn import Ended, Rows, UnicornLanes, UnicornMaker
from tests.renode.lockstep.tree import Function, Plain

FUNCTION = Function(
    Core.M0, (Plain((0x1889,), "ADD (register) T1"), Plain((0x4059,), "EOR (register) T1")), pops_pc=True
)


@dataclass
class Wrong:
    """Lanes with something amiss."""

    right: UnicornLanes
    activity_bit: int = 0
    count: int = 0
    output: int = 0
    size: int = 0

    def activity(self, inputs: Rows, out: np.ndarray) -> Ended:
        went = self.right.activity(inputs, out)
        out[-1, -1] ^= np.uint64(self.activity_bit)
        went.output[-1] ^= np.uint8(self.output)
        return went

    def tally(self, inputs: Rows, groups: Rows, counts: np.ndarray) -> Ended:
        went = self.right.tally(inputs, groups, counts)
        counts[0, 0] += self.count
        went.output[-1] ^= np.uint8(self.output)
        return went


class WrongMaker(UnicornMaker):
    """Makes them."""

    def amiss(self, **what: int) -> "WrongMaker":
        self.what = what
        return self

    def lanes(self, program: Program, levels: Levels | None) -> Lanes:
        right = super().lanes(program, levels)
        assert isinstance(right, UnicornLanes)
        return Wrong(right, **self.what)


@pytest.fixture
def differences(tmp_path: Path) -> Callable[..., tuple[str, ...]]:
    def run(**what: int) -> tuple[str, ...]:
        image = Image(Core.M0, code_of(FUNCTION), 1, 2)
        elf = tmp_path / "program.elf"
        elf.write_bytes(image.elf())

        def making(_inner: UnicornCore) -> WrongMaker:
            return WrongMaker(UnicornCore(elf, image.target())).amiss(**what)

        return compare(elf, image.target(), [Inputs(7, 40).rows()], seed=7, making=making).differences

    return run


def test_engines_that_agree_do_not_differ(differences: Callable[..., tuple[str, ...]]) -> None:
    assert differences() == ()


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ({"activity_bit": 1 << 48}, "run 0: activity of row 39"),
        ({"count": 1}, "counts: group 0, level 0"),
        ({"output": 1}, "run 0: output of row 39"),
    ],
)
def test_one_bit_that_differs_is_told(
    differences: Callable[..., tuple[str, ...]], what: dict[str, int], told: str
) -> None:
    found = differences(**what)

    assert found
    assert found[0].startswith(told)
