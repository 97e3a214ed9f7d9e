"""Whole programs in lanes: counts are the histogram of activity, whatever lanes are put together."""

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from renode.lockstep.lanes import Lanes
from renode.lockstep.program import Kernel, Program
from renode.lockstep.schedule import schedule
from renode.lockstep.start import Block, Start
from renode.lockstep.walk import walk
from renode.thumb.micro import Op
from renode.trace import Batch, Levels
from tests.renode.lockstep.replay import replay
from tests.renode.lockstep.test_walk_firmware import called, rows_of
from tests.renode.lockstep.written import Written, counted, levels_of, place, word


def mixed() -> Written:
    """Return a program that samples everything, and loses a lane in five or so."""
    written = Written(3)
    written.tables = np.random.default_rng(3).integers(0, 256, 260, dtype=np.uint8)
    for row in range(6):
        written.pure(Op.MOV, place(row), written.number(1000 * row), sampled=False)
    written.pure(Op.ADD, place(0), word(0), word(1))
    written.end(base=2)
    written.skip()
    written.pure(Op.AND, place(1), place(0), written.number(0xFF))
    written.do(Kernel.BUS, place(26), place(0), written.number(0), mask=0xFF)
    written.end()
    written.do(Kernel.TABLE_SAMPLED, place(2), place(1), mask=0xFF, low=0, high=239, table=0)
    written.do(Kernel.LOW, (0, 0), place(2))
    written.end()
    written.pure(Op.AND, place(3), place(2), written.number(7), sampled=False)
    written.do(Kernel.CHECK, (0, 0), place(3), written.number(7), flag=0)
    written.skip()
    written.pure(Op.EOR, place(4), place(0), word(2))
    written.pure(Op.MUL, place(5), place(4), place(2), low=1)
    written.do(Kernel.INSERT, word(4), place(5), mask=0xFFFFFFFF)
    written.do(Kernel.BUS, place(26), place(5), place(26), mask=0xFFFFFFFF)
    written.end(base=1 << 12)
    written.outputs = [(2, 4, 0), (2, 4, 8), (0, 0, 0), (1, 5, 16), (2, 4, 16), (2, 4, 24)]
    return written


def inputs_of(count: int, seed: int = 5) -> npt.NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (count, 12), dtype=np.uint8)


def expected_counts(
    written: Written,
    program: Program,
    rows: npt.NDArray[np.uint8],
    groups: npt.NDArray[np.integer],
    *,
    levels: Levels,
    of: int,
) -> npt.NDArray[np.int64]:
    replayed = replay(program, written.start, rows)
    counts = np.zeros((of, levels.bins), np.int64)
    counted(replayed.activity, replayed.lost, groups, levels, counts)
    return counts


@pytest.mark.parametrize(
    "weights", [(1, 1, 1, 1, 0), (1, 0, 0, 0, 0), (2, 6, 4, 8, 0), (0, 0, 0, 0, 1), (7, -2, 0, 5, 3), (0,) * 5]
)
def test_counts_are_the_histogram_of_activity(weights: tuple[int, ...]) -> None:
    written, rows = mixed(), inputs_of(1300)
    program = written.program()
    groups = np.arange(1300) % 2
    levels = levels_of(len(program.constant), weights)
    counts = np.zeros((2, levels.bins), np.int64)

    went = Lanes(program, written.start, levels=levels).tally(rows, groups, counts)

    np.testing.assert_array_equal(counts, expected_counts(written, program, rows, groups, levels=levels, of=2))
    assert len(set(went.lost.tolist())) == 3


def test_any_number_of_lanes_and_groups_is_counted() -> None:
    written = mixed()
    program = written.program()
    levels = levels_of(len(program.constant), (1, 1, 1, 1, 1))
    lanes = Lanes(program, written.start, levels=levels)
    rng = np.random.default_rng(9)
    for count, of in ((0, 1), (1, 1), (63, 1), (65, 2), (257, 2), (512, 1), (700, 20), (1025, 3), (2000, 2), (40, 40)):
        rows, groups = inputs_of(count, count), rng.integers(0, of, count).astype(np.uint8)
        counts = np.zeros((of, levels.bins), np.int64)

        lanes.tally(rows, groups, counts)

        np.testing.assert_array_equal(counts, expected_counts(written, program, rows, groups, levels=levels, of=of))


def test_counts_are_added_to_however_often_they_overflow_what_kernels_hold() -> None:
    written = Written(1)
    written.pure(Op.MOV, place(0), written.number(0), sampled=False)
    written.pure(Op.AND, place(0), word(0), written.number(1))
    written.end()
    program = written.program()
    levels = levels_of(len(program.constant), (1, 0, 0, 0, 0))
    rows = np.zeros((140_000, 4), np.uint8)
    counts = np.ones((2, levels.bins), np.int64)

    Lanes(program, written.start, levels=levels).tally(rows, np.arange(140_000) % 7 == 0, counts)

    assert counts[:, 0].tolist() == [120_001, 20_001]
    assert counts.sum() == 2 * levels.bins + 140_000 * len(program.constant)


@pytest.mark.parametrize("lanes", [64, 128, 192, 512])
def test_how_many_lanes_go_together_changes_nothing(lanes: int) -> None:
    written, rows = mixed(), inputs_of(600)
    program = written.program()
    groups = np.arange(600) % 3
    levels = levels_of(len(program.constant), (1, 3, 1, 9, 0))
    expected = replay(program, written.start, rows)
    counts = np.zeros((3, levels.bins), np.int64)
    out = np.empty(expected.activity.shape, np.uint64)

    Lanes(program, written.start, levels=levels, lanes=lanes).tally(rows, groups, counts)
    went = Lanes(program, written.start, levels=None, lanes=lanes).activity(rows, out)

    np.testing.assert_array_equal(counts, expected_counts(written, program, rows, groups, levels=levels, of=3))
    np.testing.assert_array_equal(out, expected.activity)
    np.testing.assert_array_equal(went.lost, expected.lost)
    through = went.lost == len(program.constant)
    np.testing.assert_array_equal(went.output[through], expected.output[through])


def test_inputs_may_be_any_bytes_of_any_words() -> None:
    written = Written(4)
    for row in range(4):
        written.pure(Op.MOV, place(row), written.number(0), sampled=False)
        written.pure(Op.MOV, place(row), word(row))
        written.end()
    others = (0xAABB0000, 0x11223344, 0x00FF00FF, 0)
    places = ((3, 7, -1, -1), (-1, -1, -1, -1), (-1, 4, -1, 5), (9, 10, 11, 2))
    rows = [(row, others[row] & ~_mask(places[row]), *places[row]) for row in range(4)]
    program = replace(written.program(), input_words=np.array(rows, np.int64), varying=np.ones(16, np.bool_))
    inputs = np.random.default_rng(4).integers(0, 256, (70, 16), dtype=np.uint8)
    out = np.empty((70, len(program.constant)), np.uint64)

    Lanes(program, written.start, levels=None).activity(inputs, out)

    np.testing.assert_array_equal(out, replay(program, written.start, inputs).activity)


def _mask(places: tuple[int, ...]) -> int:
    return sum(0xFF << 8 * byte for byte, at in enumerate(places) if at >= 0)


def test_a_path_that_is_the_same_for_all_needs_no_kernels() -> None:
    written = Written(1)
    for _ in range(5):
        written.skip()
    program = written.program()
    levels = levels_of(len(program.constant), (1, 0, 0, 0, 0))
    counts, inputs = np.zeros((1, levels.bins), np.int64), np.zeros((9, 4), np.uint8)
    out = np.empty((9, len(program.constant)), np.uint64)

    went = Lanes(program, written.start, levels=levels).tally(inputs, np.zeros(9, np.int64), counts)
    Lanes(program, written.start, levels=None).activity(inputs, out)

    assert (out == program.constant).all()
    assert (went.lost == len(program.constant)).all()
    assert counts.sum() == counts[counts == 9].sum() == 9 * len(program.constant)


def test_only_the_window_is_counted_and_no_lane_goes_beyond_the_end() -> None:
    written, rows = mixed(), inputs_of(300)
    program = written.program(ends=6)
    levels = levels_of(len(program.constant), (1, 1, 1, 1, 0), first=1, window=6)
    groups = np.zeros(300, np.uint8)
    counts = np.zeros((1, levels.bins), np.int64)

    went = Lanes(program, written.start, levels=levels).tally(rows, groups, counts)

    assert went.lost.max() == 6
    np.testing.assert_array_equal(counts, expected_counts(written, program, rows, groups, levels=levels, of=1))


def test_levels_out_of_their_range_are_noticed() -> None:
    written, rows = mixed(), inputs_of(300)
    program = written.program()
    length = len(program.constant)
    narrow = Levels(0, np.ones((5, length), np.int32), np.zeros(length, np.int32), np.arange(length + 1) * 9)

    with pytest.raises(ValueError, match="outside of its range"):
        Lanes(program, written.start, levels=narrow).tally(
            rows, np.zeros(300, np.int64), np.zeros((1, 9 * length), np.int64)
        )


def test_fewer_lanes_go_together_where_memory_is_large() -> None:
    written = mixed()
    large = Start(
        **{**{name: getattr(written.start, name) for name in Start.__slots__}, "writable": (_block(3 << 20),)}
    )

    assert Lanes(written.program(), large, levels=None).lanes == 256
    with pytest.raises(ValueError, match="too many"):
        Lanes(
            written.program(),
            Start(**{**{name: getattr(large, name) for name in Start.__slots__}, "writable": (_block(32 << 20),)}),
            levels=None,
        )


def _block(size: int) -> Block:
    return Block(0x20000000, np.zeros(size, np.uint8))


def test_what_does_not_fit_is_refused() -> None:
    written, rows = mixed(), inputs_of(10)
    program = written.program()
    levels = levels_of(len(program.constant), (1, 0, 0, 0, 0))
    lanes, counts = Lanes(program, written.start, levels=levels), np.zeros((2, levels.bins), np.int64)

    for bad_rows, groups, bad_counts in (
        (rows, np.full(10, 2), counts),
        (rows, np.full(10, -1), counts),
        (rows, np.zeros(9, np.int64), counts),
        (rows[:, :11], np.zeros(10, np.int64), counts),
        (rows, np.zeros(10, np.int64), counts[:, ::2]),
        (rows, np.zeros(10, np.int64), counts[:, :-1].copy()),
    ):
        with pytest.raises(ValueError, match=r"fit|bytes|contiguous"):
            lanes.tally(bad_rows, groups, bad_counts)
    with pytest.raises(ValueError, match="count levels"):
        lanes.activity(rows, np.zeros((10, len(program.constant)), np.uint64))
    with pytest.raises(ValueError, match="multiple of 64"):
        Lanes(program, written.start, levels=None, lanes=100)


def test_programs_that_reach_outside_of_their_rows_are_refused() -> None:
    cases: tuple[tuple[tuple[tuple[int, int], ...], dict[str, Any]], ...] = (
        ((word(64),), {}),
        ((place(32),), {}),
        ((place(0), place(0)), {"low": 0x20000000, "high": 0x20000004, "table": 63}),
    )
    for operands, more in cases:
        written = Written(1)
        written.do(Kernel.GATHER if more else Kernel.EXTRACT, *operands, mask=0xFF, **more)

        with pytest.raises(ValueError, match="is not below"):
            Lanes(written.program(), written.start, levels=None)


@pytest.mark.parametrize(("count", "of", "lanes"), [(1, 1, 512), (5000, 2, 512), (5000, 9, 64), (777, 300, 128)])
def test_every_row_is_in_one_lane_of_a_block_of_its_group(count: int, of: int, lanes: int) -> None:
    groups = np.random.default_rng(2).integers(0, of, count)
    seen = []
    for run in schedule(groups, lanes):
        blocks = np.array(run.groups)[np.arange(lanes) % 16 // 2]
        rows = np.where(run.order < 0, ~run.order, run.order)

        assert (groups[rows] == blocks)[run.order >= 0].all()
        seen += run.order[run.order >= 0].tolist()

    assert sorted(seen) == list(range(count))


Walked = tuple[Program, Start, npt.NDArray[np.uint8], Batch]


@pytest.fixture(scope="module", params=["aes128_m4", "aes128_masked_m0"])
def walked(request: pytest.FixtureRequest) -> Walked:
    core, length = called(request.param)
    rows = rows_of(300, length, fixed=16)
    start, path = core.start(), core.path(rows[0])
    program = walk(start, path, rows[:64], (rows != rows[0]).any(axis=0), decoded=core.decoded)
    return program, start, rows, core.run(rows, path)


def test_firmware_does_in_lanes_what_it_does_in_unicorn(walked: Walked) -> None:
    program, start, rows, batch = walked
    out = np.empty(batch.activity.shape, np.uint64)

    went = Lanes(program, start, levels=None).activity(rows, out)

    assert (went.lost == len(program.constant)).all()
    np.testing.assert_array_equal(out, batch.activity)
    np.testing.assert_array_equal(went.output, batch.output)


@pytest.mark.parametrize("weights", [(1, 1, 1, 1, 0), (2, 6, 4, 8, 0)])
def test_firmware_has_the_levels_in_lanes_that_it_has_in_unicorn(walked: Walked, weights: tuple[int, ...]) -> None:
    program, start, rows, batch = walked
    levels = levels_of(len(program.constant), weights)
    groups = np.arange(len(rows)) % 2
    counts, expected = (np.zeros((2, levels.bins), np.int64) for _ in range(2))
    counted(batch.activity, batch.agreed, groups, levels, expected)

    Lanes(program, start, levels=levels).tally(rows, groups, counts)

    np.testing.assert_array_equal(counts, expected)


def test_levels_without_a_bin_for_what_an_instruction_can_have_are_refused() -> None:
    written = mixed()
    program = written.program()
    levels = levels_of(len(program.constant), (4, 4, 3, 0, 0))
    # One bin for the first instruction, whose levels are 4 k + 2 while the bus never has a word.
    narrow = replace(levels, offsets=np.arange(len(levels.offsets), dtype=np.int64), lowest=levels.lowest - 2)

    with pytest.raises(ValueError, match="too few"):
        Lanes(program, written.start, levels=narrow)


def test_so_are_levels_without_one_for_what_all_lanes_have_alike() -> None:
    written = mixed()
    program = written.program()
    levels = levels_of(len(program.constant), (1, 1, 1, 1, 0))
    above = replace(levels, lowest=levels.lowest - np.int32(2**20))
    below = replace(levels, lowest=levels.lowest + np.int32(2**20))

    for wrong in (above, below):
        with pytest.raises(ValueError, match="outside of its range"):
            Lanes(program, written.start, levels=wrong)
