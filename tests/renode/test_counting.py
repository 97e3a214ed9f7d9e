"""Levels counted while executions run are those of the activity that they would have left."""

import numpy as np
import numpy.typing as npt
import pytest

from jobs.target import Core
from renode.counting import count
from renode.trace import Levels, Outcomes, Path, Stop
from renode.unicorn_core import ACTIVITY_BYTES, UnicornCore
from tests.renode.conftest import Program
from tests.renode.targets import buffer_target
from tests.renode.test_activity import EVERYWHERE, ON_M4

SHIFTS, MASKS = (0, 12, 24, 36, 48), (0xFFF, 0xFFF, 0xFFF, 0xFFF, 0xFF)


def fields_of(activity: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Unpack: [5, ...]."""
    return np.stack([(activity >> np.uint64(s)).astype(np.int64) & m for s, m in zip(SHIFTS, MASKS, strict=True)])


def levels_for(simulator: UnicornCore, path: Path, weights: tuple[int, ...], window: slice) -> Levels:
    """Return levels with the same weights for each instruction in the window."""
    steps = [simulator.instruction(int(pc)) for pc in path.pcs[window]]
    most = np.array([(32 * s.registers, 32 * s.registers, 32 * s.words, 32 * s.words, 255) for s in steps], np.int64).T
    each = np.repeat(np.array(weights)[:, None], len(steps), axis=1)
    lowest, highest = (np.minimum(each, 0) * most).sum(axis=0), (np.maximum(each, 0) * most).sum(axis=0)
    offsets = np.concatenate([[0], np.cumsum(highest - lowest + 1)])
    return Levels(window.start, each.astype(np.int32), lowest.astype(np.int32), offsets)


def counted(
    activity: npt.NDArray[np.uint64], outcomes: Outcomes, groups: npt.NDArray[np.uint8], levels: Levels
) -> npt.NDArray[np.int64]:
    """Count what the executions that ended well have in common with the path."""
    counts = np.zeros((4, levels.bins), np.int64)
    here = levels.first + np.arange(len(levels.lowest))
    found = np.einsum("ki,kni->ni", levels.weights.astype(np.int64), fields_of(activity[:, here])) - levels.lowest
    used = (here < outcomes.agreed[:, None]) & (outcomes.stop == Stop.DONE)[:, None]
    np.add.at(counts, (np.broadcast_to(groups[:, None], used.shape)[used], (levels.offsets[:-1] + found)[used]), 1)
    return counts


@pytest.mark.parametrize("registers", ["auto", "api"])
@pytest.mark.parametrize("weights", [(1, 0, 1, 0, 0), (2, -3, 1, 1, -1)])
def test_counts_are_those_of_the_activity_where_executions_fault_and_part_ways(
    program: Program, registers: str, weights: tuple[int, ...]
) -> None:
    simulator = UnicornCore(
        program("faults.S"),
        buffer_target("by_input", max_cycles=500),
        registers="api" if registers == "api" else "auto",
    )
    rng = np.random.default_rng(7)
    rows, groups = rng.integers(0, 256, (80, 16), np.uint8), rng.integers(0, 4, 80).astype(np.uint8)
    rows[:, 0] %= 5
    reference = simulator.path(np.full(16, 4, np.uint8))
    levels = levels_for(simulator, reference, weights, slice(1, len(reference.pcs)))
    counts = np.zeros((4, levels.bins), np.int64)

    outcomes = simulator.tally(rows, groups, reference, levels, counts)

    batch = simulator.run(rows, reference)
    np.testing.assert_array_equal(counts, counted(batch.activity, batch, groups, levels))
    for name in ("agreed", "left_to", "executed", "cycles", "stop", "stop_pc", "output"):
        np.testing.assert_array_equal(getattr(outcomes, name), getattr(batch, name), err_msg=name)
    assert 0 < counts.sum() < (batch.agreed - 1).sum()


def test_more_rows_than_are_held_at_once_are_all_counted(program: Program) -> None:
    simulator = UnicornCore(program("mix.c"), buffer_target("mix"))
    rng = np.random.default_rng(8)
    rows, groups = rng.integers(0, 256, (700, 16), np.uint8), rng.integers(0, 4, 700).astype(np.uint8)
    reference = simulator.path(rows[0])
    levels = levels_for(simulator, reference, (1, 1, 1, 1, 0), slice(0, len(reference.pcs)))
    counts = np.ones((4, levels.bins), np.int64)

    outcomes = simulator.tally(rows, groups, reference, levels, counts)

    batch = simulator.run(rows, reference)
    assert batch.activity.nbytes > 2 * ACTIVITY_BYTES
    np.testing.assert_array_equal(counts - 1, counted(batch.activity, batch, groups, levels))
    np.testing.assert_array_equal(outcomes.agreed, batch.agreed)


@pytest.mark.parametrize("core", [Core.M0, Core.M4])
def test_no_instruction_does_more_than_it_says_it_can(program: Program, core: Core) -> None:
    simulator = UnicornCore(program("mix.c", core), buffer_target("mix", core))
    rows = np.random.default_rng(9).integers(0, 256, (30, 16), np.uint8)
    rows[1], rows[2] = 0, 255

    for row in rows:
        path = simulator.path(row)
        done = fields_of(simulator.run(row[np.newaxis], path).activity[0])
        steps = [simulator.instruction(int(pc)) for pc in path.pcs]
        registers, words = np.array([step.registers for step in steps]), np.array([step.words for step in steps])

        assert (done[:2] <= 32 * registers).all()
        assert (done[2:4] <= 32 * words).all()
        assert (done[4] <= 255 * (registers + words)).all()


@pytest.mark.parametrize("entry", [*EVERYWHERE, *ON_M4])
def test_no_step_does_more_than_it_says_it_can(program: Program, entry: str) -> None:
    simulator = UnicornCore(program("steps.S"), buffer_target(entry))
    row = np.full(16, 0xFF, np.uint8)
    path = simulator.path(row)

    done = fields_of(simulator.run(row[np.newaxis], path).activity[0])

    steps = [simulator.instruction(int(pc)) for pc in path.pcs]
    assert (done[:2] <= [32 * step.registers for step in steps]).all()
    assert (done[2:4] <= [32 * step.words for step in steps]).all()


def test_a_level_outside_its_bins_is_refused() -> None:
    levels = Levels(0, np.ones((5, 2), np.int32), np.zeros(2, np.int32), np.array([0, 40, 80]))
    activity = np.array([[3, 40]], np.uint64)

    with pytest.raises(ValueError, match="instruction 1"):
        count(activity, np.array([2], np.int32), np.zeros(1, np.uint8), levels, np.zeros((4, 80), np.int64))


@pytest.mark.parametrize(
    ("groups", "shape"), [(np.array([4], np.uint8), (4, 80)), (np.zeros(2, np.uint8), (4, 80)), ([0], (4, 79))]
)
def test_counts_that_do_not_fit_are_refused(groups: npt.NDArray[np.uint8], shape: tuple[int, int]) -> None:
    levels = Levels(0, np.ones((5, 2), np.int32), np.zeros(2, np.int32), np.array([0, 40, 80]))

    with pytest.raises(ValueError, match=r"groups|counts"):
        count(
            np.zeros((1, 2), np.uint64),
            np.array([2], np.int32),
            np.asarray(groups, np.uint8),
            levels,
            np.zeros(shape, np.int64),
        )
