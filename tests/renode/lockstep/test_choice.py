"""What is kept of the paths that came along, and for how long."""

import numpy as np
import pytest

from renode.lockstep.choice import Choice
from renode.lockstep.lanes import Lanes
from renode.lockstep.leaders import LONGEST_S, followed
from renode.lockstep.walk import LONGEST
from renode.trace import Path, Stop
from renode.unicorn_core import UnicornCore
from tests.renode.conftest import Program
from tests.renode.lockstep.lanes_by_unicorn import UnicornMaker
from tests.renode.lockstep.test_lanes import inputs_of, mixed
from tests.renode.lockstep.written import levels_of
from tests.renode.targets import buffer_target


def path_of(length: int, first: int = 0) -> Path:
    pcs = np.arange(first, first + 2 * length, 2, dtype=np.uint32)
    return Path(pcs, Stop.DONE, 0, length, b"", np.arange(length))


def test_programs_are_kept_as_long_as_they_take_no_more_memory_than_they_may(program: Program) -> None:
    maker = UnicornMaker(UnicornCore(program("calls.c"), buffer_target("loop")), size=400_000)
    choice = Choice(maker, budget=100, patience=0, kept_bytes=1_000_000)
    rows = np.zeros((20, 16), np.uint8)
    paths = [path_of(10, first) for first in (0, 100, 200)]

    for path in paths:
        choice.lanes(choice.way(path), rows, None)
    newest_first = [bool(choice.way(path).foldings) for path in reversed(paths)]

    assert newest_first == [True, True, False]


def test_lanes_larger_than_all_that_may_be_kept_are_used_and_the_only_ones(program: Program) -> None:
    maker = UnicornMaker(UnicornCore(program("calls.c"), buffer_target("loop")), size=400_000)
    choice = Choice(maker, budget=100, patience=0, kept_bytes=1000)
    way, rows = choice.way(path_of(10)), np.zeros((20, 16), np.uint8)

    made = [choice.lanes(way, rows + number, None) for number in (0, 1)]

    assert all(made)
    assert [len(folding.ready) for folding in way.foldings] == [1]


def test_of_paths_too_long_for_lanes_nothing_is_kept(program: Program) -> None:
    maker = UnicornMaker(UnicornCore(program("calls.c"), buffer_target("loop")))
    choice = Choice(maker, budget=10**6, patience=0)
    path = path_of(LONGEST + 1)

    first, second = choice.way(path), choice.way(path)

    assert first is not second
    assert str(first.refused).startswith("path-too-long")


def test_lanes_say_how_much_memory_they_take() -> None:
    written, rows = mixed(), inputs_of(1300)
    program = written.program()
    levels = levels_of(len(program.constant), (1, 1, 1, 1, 0))
    lanes = Lanes(program, written.start, levels=levels)
    before = lanes.size

    lanes.tally(rows, np.arange(1300) % 3, np.zeros((3, levels.bins), np.int64))

    assert before >= 32 * 4 * 512
    assert lanes.size > before


@pytest.mark.parametrize(("longest_s", "parties"), [(LONGEST_S, 2), (0, 0)])
def test_no_leader_is_looked_for_when_the_time_for_it_is_over(program: Program, longest_s: float, parties: int) -> None:
    core = UnicornCore(program("calls.c"), buffer_target("loop"))
    choice = Choice(UnicornMaker(core), budget=core.max_cycles, patience=0)
    rows = np.zeros((40, 16), np.uint8)
    rows[:, 0] = np.repeat([2, 9], 20)
    reference = core.path(np.full(16, 5, np.uint8))
    lost = core.run(rows, reference).agreed

    found = list(followed(rows, lost, reference, choice=choice, recorder=core, longest_s=longest_s))

    assert len(found) == parties
