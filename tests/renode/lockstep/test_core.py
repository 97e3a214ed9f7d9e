"""The core's results are Unicorn's, whatever ran where."""

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import pytest

from jobs.errors import EngineMismatch
from jobs.target import Core, Target
from renode.lockstep.choice import Lanes, Went
from renode.lockstep.core import LockstepCore
from renode.lockstep.program import Program as Made
from renode.trace import Levels, Outcomes, Path, Simulator, Stop
from renode.unicorn_core import UnicornCore
from tests.renode.conftest import Program
from tests.renode.lockstep.lanes_by_unicorn import Ended, UnicornMaker
from tests.renode.targets import buffer_target

Rows = npt.NDArray[np.uint8]


def rows_of(count: int, length: int = 16, *, seed: int = 7) -> Rows:
    return np.random.default_rng(seed).integers(0, 256, (count, length), dtype=np.uint8)


def levels_of(simulator: Simulator, path: Path, *, first: int = 0, last: int | None = None) -> Levels:
    """Return levels with weights that change from instruction to instruction, and room for whatever it does."""
    steps = [simulator.instruction(int(pc)) for pc in path.pcs[first:last]]
    kinds = np.array([(1, 0, 1, 0, 0), (0, 1, 0, 1, 0), (2, -1, 1, 0, -1)], np.int32)
    weights = np.ascontiguousarray(kinds[np.random.default_rng(5).integers(0, len(kinds), len(steps))].T)
    most = [(32 * step.registers, 32 * step.registers, 32 * step.words, 32 * step.words, 255) for step in steps]
    reach = np.array(most, np.int64).T * weights
    lowest = np.minimum(reach, 0).sum(axis=0)
    highest = np.maximum(reach, 0).sum(axis=0)
    offsets = np.concatenate([[0], np.cumsum(highest - lowest + 1)])
    return Levels(first, weights, lowest.astype(np.int32), offsets.astype(np.int64))


def assert_outcomes_equal(one: Outcomes, other: Outcomes) -> None:
    for field in fields(one):
        if field.name != "work":
            mine, theirs = getattr(one, field.name), getattr(other, field.name)
            np.testing.assert_array_equal(mine, theirs, err_msg=field.name)
            assert mine.dtype == theirs.dtype, field.name


def assert_same(
    core: Simulator, unicorn: Simulator, rows: Rows, reference: Path, *, levels: Levels | None = None
) -> None:
    """Assert that both engines give the same for `run` and for `tally`, in groups of any order."""
    chosen = levels or levels_of(unicorn, reference)
    groups = np.random.default_rng(3).integers(0, 4, len(rows)).astype(np.uint8)
    before = np.random.default_rng(4).integers(0, 9, (4, chosen.bins))
    counts, expected = before.copy(), before.copy()

    assert_outcomes_equal(core.run(rows, reference), unicorn.run(rows, reference))
    assert_outcomes_equal(
        core.tally(rows, groups, reference, chosen, counts), unicorn.tally(rows, groups, reference, chosen, expected)
    )
    np.testing.assert_array_equal(counts, expected)


@dataclass
class Bench:
    """Both engines for one target."""

    unicorn: UnicornCore
    maker: UnicornMaker
    core: LockstepCore


@pytest.fixture
def bench(program: Program) -> Callable[..., Bench]:
    def make(source: str, target: Target, *, patience: int = 0, **of_maker: object) -> Bench:
        elf = program(source, target.core)
        maker = UnicornMaker(UnicornCore(elf, target), **of_maker)  # type: ignore[arg-type]
        return Bench(UnicornCore(elf, target), maker, LockstepCore(UnicornCore(elf, target), maker, patience=patience))

    return make


def test_executions_that_stay_on_the_path_are_lanes(bench: Callable[..., Bench]) -> None:
    at = bench("calls.c", buffer_target("scribble", output={"length": 4}))
    rows = rows_of(40)
    reference = at.unicorn.path(rows[0])

    batch = at.core.run(rows, reference)

    assert (batch.work.lanes, batch.work.again) == (40, 0)
    assert_same(at.core, at.unicorn, rows, reference)


@pytest.mark.parametrize("count", [0, 1, 15, 16, 17, 600])
def test_any_number_of_rows_gives_the_same(bench: Callable[..., Bench], count: int) -> None:
    at = bench("calls.c", buffer_target("scribble", output={"length": 4}))

    assert_same(at.core, at.unicorn, rows_of(count), at.unicorn.path(np.zeros(16, np.uint8)))

    assert len(at.maker.made) == (count >= 16)


def test_executions_that_leave_together_follow_a_leader_of_their_own(bench: Callable[..., Bench]) -> None:
    at = bench("calls.c", buffer_target("loop"))
    rows = rows_of(120)
    rows[:, 0] = np.repeat([5, 2, 9, 0, 30, 200], 20)
    reference = at.unicorn.path(rows[0])

    batch = at.core.run(rows, reference)

    assert (batch.work.lanes, batch.work.again) == (120, 100)
    assert_same(at.core, at.unicorn, rows, reference)


def test_fewer_than_sixteen_that_leave_together_are_repeated_one_by_one(bench: Callable[..., Bench]) -> None:
    at = bench("calls.c", buffer_target("loop"))
    rows = rows_of(60)
    rows[:, 0] = 5
    rows[40:55, 0] = 7
    reference = at.unicorn.path(rows[0])

    batch = at.core.run(rows, reference)

    assert (batch.work.lanes, batch.work.again) == (45, 15)
    assert_same(at.core, at.unicorn, rows, reference)


def test_more_ways_than_there_may_be_leaders_give_the_same(bench: Callable[..., Bench]) -> None:
    at = bench("calls.c", buffer_target("loop"))
    rows = rows_of(16 * 40)
    rows[:, 0] = np.arange(len(rows)) % 40
    reference = at.unicorn.path(rows[39])

    assert at.core.run(rows, reference).work.lanes < 640
    assert_same(at.core, at.unicorn, rows, reference)


def test_lanes_lost_before_they_left_the_path_are_repeated(bench: Callable[..., Bench]) -> None:
    at = bench("calls.c", buffer_target("loop"), strays=lambda rows, _path: rows[:, 1] < 128)
    rows = rows_of(300)
    rows[:, 0] = np.where(rows[:, 2] < 64, 3, 20)
    reference = at.unicorn.path(rows[0])

    assert_same(at.core, at.unicorn, rows, reference)


def test_lanes_lost_early_do_not_settle_behind_a_leader_though_they_follow_it(bench: Callable[..., Bench]) -> None:
    rows = rows_of(60)
    rows[:, 0] = np.where(np.arange(60) < 30, 20, 3)
    length = 0
    at = bench("calls.c", buffer_target("loop"), strays=lambda _, path: np.full(len(_), len(path.pcs) == length))
    reference = at.unicorn.path(rows[0])
    length = len(reference.pcs)

    assert_same(at.core, at.unicorn, rows, reference)

    assert at.core.run(rows, reference).work.again == 60


def test_executions_that_fault_or_run_out_of_budget_count_for_nothing(bench: Callable[..., Bench]) -> None:
    at = bench("faults.S", buffer_target("by_input", max_cycles=500))
    rows = rows_of(300)
    rows[:, 0] %= 5
    reference = at.unicorn.path(np.full(16, 4, np.uint8))

    assert {int(stop) for stop in at.core.run(rows, reference).stop} == {Stop.DONE, Stop.READ, Stop.BUDGET}
    assert_same(at.core, at.unicorn, rows, reference)


def test_levels_of_a_window_are_counted_only(bench: Callable[..., Bench]) -> None:
    at = bench("calls.c", buffer_target("loop"))
    rows = rows_of(100)
    rows[:, 0] %= 4
    reference = at.unicorn.path(rows[0])

    assert_same(at.core, at.unicorn, rows, reference, levels=levels_of(at.unicorn, reference, first=3, last=20))


def test_bytes_that_turn_out_to_vary_make_a_new_program(bench: Callable[..., Bench]) -> None:
    at = bench("calls.c", buffer_target("scribble", output={"length": 4}))
    rows = rows_of(64)
    reference = at.unicorn.path(rows[0])
    rows[:, 4:] = 7
    wider = rows_of(64, seed=8)

    for given in (rows, rows, wider, rows, wider):
        assert_same(at.core, at.unicorn, given, reference)

    masks = [int(made.varying.sum()) for made, _, _ in at.maker.made]
    assert masks == [4, 16]


def test_other_values_of_the_same_known_bytes_vary_in_the_end(bench: Callable[..., Bench]) -> None:
    at = bench("calls.c", buffer_target("scribble", output={"length": 4}))
    reference = at.unicorn.path(np.zeros(16, np.uint8))

    for value in range(12):
        rows = rows_of(32)
        rows[:, 8:] = value
        assert_same(at.core, at.unicorn, rows, reference)

    masks = [int(made.varying.sum()) for made, _, _ in at.maker.made]
    assert masks == [8, 8, 8, 16]


def test_a_path_that_lanes_do_not_take_is_unicorns_and_the_engine_says_why(bench: Callable[..., Bench]) -> None:
    at = bench("calls.c", buffer_target("scribble"), refuses="fpu: vadd.f32 at 0x08000123")
    rows = rows_of(64)
    reference = at.unicorn.path(rows[0])

    assert_same(at.core, at.unicorn, rows, reference)

    assert at.core.engine["name"] == "unicorn"
    assert at.core.engine["why"] == "fpu: vadd.f32 at 0x08000123"


def test_a_reference_that_does_not_end_well_is_unicorns(bench: Callable[..., Bench]) -> None:
    at = bench("faults.S", buffer_target("by_input", max_cycles=500))
    rows = rows_of(64)
    rows[:, 0] %= 5
    reference = at.unicorn.path(np.full(16, 1, np.uint8))

    assert_same(at.core, at.unicorn, rows, reference)

    assert reference.stop is Stop.READ
    assert at.core.engine["why"].startswith("reference: it ended with read at 0x")


def test_a_reference_beyond_the_budget_is_unicorns(bench: Callable[..., Bench], program: Program) -> None:
    target = buffer_target("loop")
    at = bench("calls.c", target.model_copy(update={"max_cycles": 100}))
    rows = rows_of(64)
    rows[:, 0] = 50
    reference = UnicornCore(program("calls.c", Core.M4), target).path(rows[0])

    assert_same(at.core, at.unicorn, rows, reference)

    assert at.core.engine["name"] == "unicorn"


def test_lanes_go_a_path_once_it_has_come_often_enough(bench: Callable[..., Bench]) -> None:
    at = bench("calls.c", buffer_target("scribble"), patience=100)
    reference = at.unicorn.path(np.zeros(16, np.uint8))

    first = at.core.run(rows_of(60, seed=9), reference).work.lanes
    why = at.core.engine["why"]
    lanes = [first, *(at.core.run(rows_of(60, seed=seed), reference).work.lanes for seed in range(3))]

    assert lanes == [0, 0, 60, 60]
    # Other campaigns may have gone this path in this process: the reason has no number of them.
    assert why == "too few executions came along this path to make lanes for it"


def test_the_engine_says_what_ran(bench: Callable[..., Bench]) -> None:
    at = bench("calls.c", buffer_target("scribble"))
    rows = rows_of(64)
    reference = at.unicorn.path(rows[0])

    at.core.run(rows, reference)

    assert at.core.engine == {
        "name": "lockstep",
        "version": "1",
        "core": "cortex-m4",
        "varying": f"{len(reference.pcs)} of {len(reference.pcs)} instructions",
        "features": "none",
        "fallback": f"unicorn {at.unicorn.engine['version']}",
        "why": "lanes know every instruction of the path",
    }


@dataclass
class Boasting:
    """Lanes that say of those they lost that they went one instruction further."""

    inner: Lanes
    size: int = 0

    def activity(self, inputs: Rows, out: npt.NDArray[np.uint64]) -> Ended:
        return self._boast(self.inner.activity(inputs, out), out.shape[1])

    def tally(self, inputs: Rows, groups: Rows, counts: npt.NDArray[np.int64]) -> Ended:
        return self._boast(self.inner.tally(inputs, groups, counts), 1 << 20)

    def _boast(self, went: Went, length: int) -> Ended:
        return Ended(np.where(went.lost < length - 1, went.lost + 1, went.lost).astype(np.int32), went.output)


class BoastingMaker(UnicornMaker):
    def lanes(self, program: Made, levels: Levels | None) -> Lanes:
        return Boasting(super().lanes(program, levels))


def test_lanes_that_go_on_where_unicorn_leaves_are_a_mismatch_that_names_the_instruction(program: Program) -> None:
    elf, target = program("calls.c"), buffer_target("loop")
    core = LockstepCore(UnicornCore(elf, target), BoastingMaker(UnicornCore(elf, target)), patience=0)
    rows = np.full((20, 16), 9, np.uint8)
    rows[7, 0] = 4
    reference = core.path(rows[0])
    agreed = int(UnicornCore(elf, target).run(rows, reference).agreed[7])

    with pytest.raises(EngineMismatch, match=f"at 0x{reference.pcs[agreed]:08x}") as found:
        core.run(rows, reference)

    assert found.value.case == {"row": 7, "inputs": rows[7].tobytes().hex(), "instruction": agreed}


@pytest.mark.parametrize("wrong", ["length", "kind", "groups", "counts"])
def test_what_does_not_fit_is_refused_like_unicorn_does(bench: Callable[..., Bench], wrong: str) -> None:
    at = bench("calls.c", buffer_target("scribble"))
    reference = at.unicorn.path(np.zeros(16, np.uint8))
    levels = levels_of(at.unicorn, reference)
    rows: npt.NDArray[np.generic] = rows_of(64, 15 if wrong == "length" else 16)
    rows = rows.astype(np.int8) if wrong == "kind" else rows
    groups = np.full(64, 4 if wrong == "groups" else 0, np.uint8)
    counts = np.zeros((4, levels.bins - (wrong == "counts")), np.int64)

    for simulator in (at.unicorn, at.core):
        with pytest.raises(ValueError, match=r"rows|bytes a row|groups|counts"):
            simulator.tally(rows, groups, reference, levels, counts)  # type: ignore[arg-type]


def test_a_path_of_another_firmware_is_refused(bench: Callable[..., Bench]) -> None:
    at = bench("calls.c", buffer_target("scribble"))
    path = at.unicorn.path(np.zeros(16, np.uint8))
    elsewhere = Path(path.pcs + np.uint32(0x80000), path.stop, path.stop_pc, path.cycles, path.output, path.begins)

    with pytest.raises(ValueError, match="another firmware"):
        at.core.run(rows_of(64), elsewhere)
