"""Walks along little programs, one for each thing that lanes must get right, compared with Unicorn word for word."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from jobs.target import Core
from renode.lockstep.values import Unsupported
from renode.lockstep.walk import LONGEST, walk
from renode.unicorn_core import UnicornCore
from tests.renode.conftest import Program
from tests.renode.lockstep.agreement import Compared, compare
from tests.renode.lockstep.replay import replay
from tests.renode.targets import buffer_target

EVERYWHERE = ("parts", "turns", "flags", "spills", "tables")
NOT_ON_M0 = ("conditions", "misaligned", "others", "written_back")
OUTPUT = {"symbol": "buffer", "length": 16}


def rows_of(count: int = 96, *, seed: int = 7) -> npt.NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (count, 16), dtype=np.uint8)


def compared(program: Program, entry: str, core: Core, rows: npt.NDArray[np.uint8]) -> Compared:
    target = buffer_target(entry, core, output=OUTPUT)
    return compare(UnicornCore(program("lanes.S", core), target), rows)


@pytest.mark.parametrize("core", [Core.M0, Core.M3, Core.M4])
@pytest.mark.parametrize("entry", EVERYWHERE)
def test_all_lanes_go_through_and_do_what_unicorn_does(program: Program, core: Core, entry: str) -> None:
    result = compared(program, entry, core, rows_of())

    assert result.through.all()


@pytest.mark.parametrize("entry", NOT_ON_M0)
def test_so_they_do_with_instructions_of_armv7(program: Program, entry: str) -> None:
    result = compared(program, entry, Core.M4, rows_of())

    assert result.through.all()


@pytest.mark.parametrize("core", [Core.M0, Core.M4])
def test_lanes_that_take_another_way_are_lost_where_unicorn_leaves_the_path(program: Program, core: Core) -> None:
    rows = rows_of(200)
    rows[0, :2] = 3, 250  # two ways further on most lanes are still there

    result = compared(program, "ways", core, rows)

    np.testing.assert_array_equal(result.lanes.lost, result.batch.agreed)
    assert len(set(result.lanes.lost.tolist())) > 3
    assert {access.kind for access in result.program.accesses} == {"branch"}


@pytest.mark.parametrize(("entry", "core"), [("jumps", Core.M0), ("jumps", Core.M4), ("switch", Core.M4)])
def test_so_are_lanes_that_jump_elsewhere(program: Program, entry: str, core: Core) -> None:
    result = compared(program, entry, core, rows_of(200))

    np.testing.assert_array_equal(result.lanes.lost, result.batch.agreed)
    assert len(set(result.lanes.lost.tolist())) > 1


def test_accesses_and_ways_may_have_conditions_that_vary(program: Program) -> None:
    rows = rows_of(400)
    rows[0, :2] = 17, 3  # the path goes on where other lanes return

    result = compared(program, "indices", Core.M4, rows)

    np.testing.assert_array_equal(result.lanes.lost, result.batch.agreed)
    assert len(set(result.lanes.lost.tolist())) > 1
    assert {access.kind for access in result.program.accesses} == {"branch", "load", "store", "operand"}


@pytest.mark.parametrize("entry", ["conditions", "indices"])
def test_the_reference_may_go_any_of_the_ways(program: Program, entry: str) -> None:
    rows = rows_of(40)

    for first in range(12):
        rows[0] = rows_of(12, seed=1)[first]
        result = compared(program, entry, Core.M4, rows)

        np.testing.assert_array_equal(result.lanes.lost, result.batch.agreed)


def test_lanes_whose_words_lie_in_two_rows_are_lost(program: Program) -> None:
    rows = rows_of()

    result = compared(program, "stray", Core.M4, rows)

    np.testing.assert_array_equal(result.through, rows[:, 0] % 4 == 0)
    assert (result.batch.agreed == len(result.path.pcs)).all()


def test_so_are_lanes_whose_halfwords_do(program: Program) -> None:
    rows = rows_of()

    result = compared(program, "beside", Core.M4, rows)

    np.testing.assert_array_equal(result.through, rows[:, 0] % 4 != 2)


def test_lanes_that_fault_are_lost_before_they_do(program: Program) -> None:
    rows = rows_of()
    rows[0, 0] = 8

    result = compared(program, "astray", Core.M0, rows)

    np.testing.assert_array_equal(result.lanes.lost, result.batch.agreed)
    np.testing.assert_array_equal(result.through, rows[:, 0] % 4 == 0)


def test_lanes_that_an_instruction_of_an_it_block_would_end_are_lost(program: Program) -> None:
    rows = rows_of()
    rows[0, :2] = 1

    result = compared(program, "perilous", Core.M4, rows)

    np.testing.assert_array_equal(result.lanes.lost, result.batch.agreed)
    np.testing.assert_array_equal(result.through, (rows[:, 0] & 4 == 0) & (rows[:, 1] & 128 == 0))


def test_a_path_that_the_shared_inputs_do_not_take_ends_where_all_lanes_leave_it(program: Program) -> None:
    core = UnicornCore(program("lanes.S", Core.M4), buffer_target("ways", output=OUTPUT))
    rows, other = rows_of(20), rows_of(1)[0]
    rows[:, :2], other[:2] = (3, 250), (3, 4)
    path = core.path(other)

    lanes = walk(core.start(), path, rows, (rows != rows[0]).any(axis=0), decoded=core.decoded)

    agreed = core.run(rows, path).agreed
    assert lanes.ends == agreed[0] < len(path.pcs)
    np.testing.assert_array_equal(replay(lanes, core.start(), rows).lost, agreed)


def test_a_path_that_no_profile_lane_takes_ends_where_they_leave_it(program: Program) -> None:
    core = UnicornCore(program("lanes.S", Core.M4), buffer_target("ways", output=OUTPUT))
    rows, other = rows_of(20), rows_of(1)[0]
    rows[:, 0], other[:2] = 3, (3, 4)
    rows[:, 1] |= 128
    path = core.path(other)

    lanes = walk(core.start(), path, rows, (rows != rows[0]).any(axis=0), decoded=core.decoded)

    agreed = core.run(rows, path).agreed
    assert lanes.ends == agreed[0] < len(path.pcs)
    np.testing.assert_array_equal(replay(lanes, core.start(), rows).lost, agreed)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [("disturbed", "exclusive"), ("indexed_exclusive", "exclusive"), ("system", "system")],
)
def test_what_lanes_cannot_do_is_refused_by_name(program: Program, entry: str, reason: str) -> None:
    with pytest.raises(Unsupported, match=rf"^{reason}: "):
        compared(program, entry, Core.M4, rows_of())


def test_a_path_that_is_too_long_is_refused(program: Program) -> None:
    core = UnicornCore(program("lanes.S", Core.M4), buffer_target("ways", output=OUTPUT))
    path = core.path(rows_of(1)[0])
    long = replace(path, pcs=np.tile(path.pcs, LONGEST // len(path.pcs) + 1))

    with pytest.raises(Unsupported, match=r"^path-too-long: "):
        walk(core.start(), long, rows_of(4), np.ones(16, np.bool_), decoded=core.decoded)


def test_inputs_that_are_the_same_in_all_lanes_leave_nothing_to_do(program: Program) -> None:
    rows = np.repeat(rows_of(1), 5, axis=0)

    result = compared(program, "tables", Core.M4, rows)

    assert len(result.program.operations) == 0
    assert result.program.accesses == ()
    assert result.through.all()


def test_addresses_all_over_the_memory_are_refused(program: Program) -> None:
    with pytest.raises(Unsupported, match=r"^address: it may be any of "):
        compared(program, "anywhere", Core.M4, rows_of())


def test_what_no_profile_lane_executes_is_planned_for_as_far_as_it_is_certain(program: Program) -> None:
    rows = rows_of(400)
    rows[:, :2] = np.minimum(rows[:, :2], 254)
    rows[300:330, 0] = 255  # they load from a table of constants
    rows[330:360, 1] = 255  # they load from memory: nobody knows where

    result = compared(program, "seldom", Core.M4, rows)

    np.testing.assert_array_equal(result.through, rows[:, 1] != 255)
    assert (result.batch.agreed == len(result.path.pcs)).all()
