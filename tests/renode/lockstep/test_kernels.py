"""Kernels of every CPU that this one can be, against the definition of their operations in NumPy."""

import gc
import platform
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
import numpy as np
import numpy.typing as npt
import pytest

from renode.lockstep.lanes import Lanes
from renode.lockstep.objects import Objects
from renode.lockstep.program import PURE_OPS, Kernel
from renode.thumb.micro import Op
from tests.renode.lockstep.replay import replay
from tests.renode.lockstep.written import Written, counted, levels_of, place, word

EDGES = (0, 1, 2, 31, 32, 33, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000)
TOPS = (0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFF0000, 0xFFFFFF00, 0xFFFFFFFE, 0xFFFFFFFF)
WEIGHTS = ((1, 1, 1, 1, 1), (1, 0, 1, 0, 0), (0, 1, 0, 0, 0), (3, -1, 2, 0, 1), (9, 14, 5, 3, 1), (0, 0, 0, 0, 1))
LIMITS = {
    **dict.fromkeys((Op.ADC, Op.ADC_CARRY, Op.ADC_OVERFLOW), (0xFFFFFFFF, 1)),
    **dict.fromkeys((Op.LSL_CARRY, Op.LSR_CARRY, Op.ASR_CARRY, Op.ROR_CARRY), (0xFFFFFFFF, 1)),
    **dict.fromkeys((Op.RRX, Op.CONDITION, Op.STATUS), (1, 1)),
    Op.SEL: (0xFFFFFFFF, 15),
}
"""Bits that m and a may have."""
AMOUNTS = {Op.SSAT: range(1, 33), Op.USAT: range(32), Op.SSAT16: range(1, 17), Op.USAT16: range(16)}
SHIFTS = (Op.LSL, Op.LSR, Op.ASR, Op.ROR, Op.LSL_CARRY, Op.LSR_CARRY, Op.ASR_CARRY, Op.ROR_CARRY)


def _cpus() -> list[str]:
    if platform.machine() not in {"x86_64", "AMD64"}:
        return ["host"]
    has = llvm.get_host_cpu_features()
    avx2 = all(has.get(name) for name in ("avx2", "bmi2", "fma", "lzcnt", "movbe", "f16c"))
    return ["host", "x86-64", *(["x86-64-v3"] if avx2 else [])]


@pytest.fixture(scope="module", params=_cpus())
def objects(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Objects:
    folder = tmp_path_factory.mktemp("objects")
    return Objects(folder=folder) if request.param == "host" else Objects(request.param, "", folder)


def rows_of(words: int, count: int = 700) -> npt.NDArray[np.uint8]:
    """Return random rows, the first of which are edges against edges."""
    edges = np.array(EDGES + TOPS, np.uint32)
    values = np.random.default_rng(7).integers(0, 1 << 32, (count, words), dtype=np.uint32)
    pairs = len(edges) ** 2
    values[:pairs, 0], values[:pairs, 1] = np.repeat(edges, len(edges)), np.tile(edges, len(edges))
    values[:pairs:2, 2:] &= 1
    return values.view(np.uint8)


def agrees(
    written: Written, objects: Objects, rows: npt.NDArray[np.uint8], *, weights: int = 1
) -> npt.NDArray[np.int32]:
    """Assert that lanes do what the operations mean, and return how far they went.

    Code for CPUs without AVX-512 takes long to make: it either writes activity, for no `weights`, or counts.
    """
    program = written.program()
    expected = replay(program, written.start, rows)
    length = len(program.constant)
    through = expected.lost == length
    many = objects.has("avx512f")
    if many or weights == 0:
        out = np.full((len(rows), length), 0xAA, np.uint64)
        went = Lanes(program, written.start, levels=None, objects=objects).activity(rows, out)
        np.testing.assert_array_equal(went.lost, expected.lost)
        np.testing.assert_array_equal(out, expected.activity)
        np.testing.assert_array_equal(went.output[through], expected.output[through])

    groups = np.random.default_rng(1).integers(0, 3, len(rows))
    for chosen in WEIGHTS[:weights] if many else WEIGHTS[: min(weights, 1)]:
        levels = levels_of(length, chosen)
        counts, wanted = (np.zeros((3, levels.bins), np.int64) for _ in range(2))
        counted(expected.activity, expected.lost, groups, levels, wanted)
        went = Lanes(program, written.start, levels=levels, objects=objects).tally(rows, groups, counts)
        np.testing.assert_array_equal(counts, wanted)
        np.testing.assert_array_equal(went.lost, expected.lost)
        np.testing.assert_array_equal(went.output[through], expected.output[through])
    return expected.lost


def begun(words: int) -> Written:
    """Return a program that has words 0, 1 and 2 in r0, r1 and r2."""
    written = Written(words)
    for row in range(3):
        written.pure(Op.MOV, place(row), word(row), sampled=False)
    written.pure(Op.MOV, place(7), word(1), sampled=False)
    return written


def test_pure_operations_compute_what_they_mean(objects: Objects) -> None:
    written = begun(3)
    for op in PURE_OPS:
        m, a = LIMITS.get(op, (0xFFFFFFFF, 0xFFFFFFFF))
        if op in AMOUNTS:
            continue
        written.pure(Op.AND, place(4), place(1), written.number(m), sampled=False)
        written.pure(Op.AND, place(5), place(2), written.number(a), sampled=False)
        for cond in range(15) if op is Op.CONDITION else [0]:
            written.pure(op, place(7), place(0), place(4), place(5), cond=cond, sampled=False)
            written.do(Kernel.REGISTER, (0, 0), place(7), place(0))
            written.end()
    written.outputs = [(1, 7, 0), (1, 7, 8), (1, 7, 16), (2, 0, 24)]

    agrees(written, objects, rows_of(3), weights=0)


def test_amounts_that_are_numbers_are_part_of_the_code(objects: Objects) -> None:
    written = begun(3)
    written.pure(Op.AND, place(5), place(2), written.number(1), sampled=False)
    for op in SHIFTS:
        for amount in (0, 7, 32, 0x101):
            written.pure(op, place(7), place(0), written.number(amount), place(5), sampled=False)
            written.do(Kernel.REGISTER, (0, 0), place(7), place(0))
            written.end()
    for op, amounts in AMOUNTS.items():
        for amount in amounts[:: len(amounts) - 1]:
            written.pure(op, place(7), place(0), written.number(amount), sampled=False)
            written.do(Kernel.REGISTER, (0, 0), place(7), place(0))
            written.end()

    agrees(written, objects, rows_of(3))


def test_any_operand_may_be_a_number_or_the_row_that_is_written(objects: Objects) -> None:
    written = begun(3)
    seven = written.number(0x70000007)
    for d, n, m in ((7, seven, place(1)), (7, place(0), seven), (7, seven, seven), (0, place(0), place(0))):
        written.pure(Op.SUB, place(d), n, m)
        written.end()
    written.pure(Op.MERGE, place(1), place(1), place(0), seven)
    written.end()

    agrees(written, objects, rows_of(3), weights=3)


def test_parts_of_words_are_taken_out_and_put_in(objects: Objects) -> None:
    written = begun(3)
    for mask, shifts in ((0xFF, (0, 8, 16, 24)), (0xFFFF, (0, 16)), (0xFFFFFFFF, (0,)), (0x1F, (3,))):
        for shift in shifts:
            for signed in (0, 1):
                written.do(Kernel.EXTRACT_SAMPLED, place(7), word(0), mask=mask, shift=shift, flag=signed, low=signed)
                written.end()
            written.do(Kernel.INSERT, word(3), written.number(0xFFFFFFFF), mask=0xFFFFFFFF)
            written.do(Kernel.INSERT, word(3), place(1), mask=mask, shift=shift)
            written.do(Kernel.EXTRACT, place(6), word(3), mask=0xFFFFFFFF)
            written.pure(Op.MOV, place(8), place(6), sampled=False)
            written.do(Kernel.REGISTER, (0, 0), place(8), place(0))
            written.end(base=3)

    agrees(written, objects, rows_of(3))


def test_samples_alone_are_taken_where_masks_say(objects: Objects) -> None:
    written = begun(3)
    written.pure(Op.CONDITION, place(9), place(2), written.number(1), written.number(0), cond=4, sampled=False)
    last = written.number(0)
    for mask in (0xFF, 0xFFFF, 0xFFFFFFFF):
        written.do(Kernel.REGISTER, place(9), place(0), place(1))
        written.do(Kernel.BUS, place(26), place(0), last, place(9), mask=mask)
        written.do(Kernel.BUS, place(27), place(1), place(26), mask=mask)
        written.do(Kernel.LOW, (0, 0), place(1), (0, 0), place(9))
        written.end(base=7 << 24)
        written.do(Kernel.BUS, (0, 0), place(2), place(27), mask=mask)
        written.do(Kernel.LOW, (0, 0), place(2))
        written.end(base=1)
        last = place(27)

    agrees(written, objects, rows_of(3), weights=len(WEIGHTS))


@pytest.mark.parametrize(("mask", "high"), [(0xFF, 199), (0xFF, 255), (0xFF, 300), (0xFFFF, 200), (0xFFFFFFFF, 1020)])
def test_lanes_that_look_outside_of_a_table_are_lost(objects: Objects, mask: int, high: int) -> None:
    written = begun(3)
    written.tables = np.random.default_rng(3).integers(0, 256, 8 + high + 4, dtype=np.uint8)
    written.pure(Op.AND, place(3), place(1), written.number(0x1FF), sampled=False)
    base = written.number(0x08000100)
    written.pure(Op.ADD, place(3), place(3), base, sampled=False)
    for signed in (0, 1):
        written.do(
            Kernel.TABLE_SAMPLED,
            place(7),
            place(3),
            mask=mask,
            flag=signed,
            low=0x08000100,
            high=0x08000100 + high,
            table=8,
        )
        written.do(Kernel.LOW, (0, 0), place(7))
        written.end()

    lost = agrees(written, objects, rows_of(3))

    assert (high >= 0x1FF) == (lost == 4).all()


@pytest.mark.parametrize("mask", [0xFF, 0xFFFF, 0xFFFFFFFF])
def test_memory_is_read_and_written_where_lanes_say(objects: Objects, mask: int) -> None:
    written = begun(12)
    low, high = 0x20000010, 0x2000002F  # rows 4 to 11
    written.pure(Op.CONDITION, place(9), place(2), written.number(1), written.number(0), cond=4, sampled=False)
    written.pure(Op.AND, place(3), place(1), written.number(0x1F), sampled=False)
    written.pure(Op.ADD, place(3), place(3), written.number(low), sampled=False)
    written.pure(Op.AND, place(4), place(0), written.number(0x3F), sampled=False)
    written.pure(Op.ADD, place(4), place(4), written.number(low - 4), sampled=False)
    limits: dict[str, Any] = {"mask": mask, "low": low, "high": high, "table": 4}
    written.do(Kernel.GATHER_SAMPLED, place(7), place(3), flag=1, **limits)
    written.end()
    written.do(Kernel.SCATTER, (0, 0), place(3), place(2), **limits)
    written.do(Kernel.GATHER_SAMPLED, place(7), place(3), **limits)
    written.end()
    written.do(Kernel.SCATTER, place(9), place(4), place(0), **limits)
    written.do(Kernel.SCATTER, (0, 0), place(3), written.number(0xDEADBEEF), **limits)
    for row in range(4, 12):
        written.do(Kernel.EXTRACT_SAMPLED, place(7), word(row), mask=0xFFFFFFFF)
        written.end()
    written.do(Kernel.GATHER_SAMPLED, place(7), place(4), **limits)
    written.end()
    written.outputs = [(2, row, 0) for row in range(4, 12)]

    lost = agrees(written, objects, rows_of(12))

    assert len(set(lost.tolist())) > 2


@pytest.mark.parametrize("flag", [0, 1])
def test_lanes_that_compare_otherwise_are_lost_behind_the_instruction(objects: Objects, flag: int) -> None:
    written = begun(3)
    written.pure(Op.ADD, place(7), place(0), place(1))
    written.end()
    written.index -= 1
    written.pure(Op.AND, place(3), place(1), written.number(1), sampled=False)
    written.do(Kernel.CHECK, (0, 0), place(3), written.number(1), flag=flag)
    written.skip()
    written.skip()
    written.pure(Op.ADD, place(7), place(0), place(7))
    written.end()

    lost = agrees(written, objects, rows_of(3))

    assert set(lost.tolist()) == {1, 5}


def test_a_broken_object_file_is_made_again(tmp_path: Path) -> None:
    written = begun(3)
    written.pure(Op.ADD, place(7), place(0), place(1))
    written.end()
    agrees(written, Objects(folder=tmp_path), rows_of(3), weights=0)
    files = sorted(tmp_path.iterdir())
    before = [path.read_bytes() for path in files]
    files[0].write_bytes(b"")
    files[1].write_bytes(before[1][:-1] + bytes([before[1][-1] ^ 1]))

    agrees(written, Objects(folder=tmp_path), rows_of(3), weights=0)

    assert sorted(tmp_path.iterdir()) == files
    assert [path.read_bytes() for path in files] == before


def test_lanes_keep_the_code_that_they_run(tmp_path: Path) -> None:
    written = begun(3)
    written.pure(Op.ADD, place(7), place(0), place(1))
    written.end()
    program, rows = written.program(), rows_of(3)
    out = np.empty((len(rows), len(program.constant)), np.uint64)
    lanes = Lanes(program, written.start, levels=None, objects=Objects(folder=tmp_path))
    gc.collect()

    lanes.activity(rows, out)

    np.testing.assert_array_equal(out, replay(program, written.start, rows).activity)


def test_without_a_folder_to_keep_it_code_is_made_all_the_same(tmp_path: Path) -> None:
    written = begun(3)
    written.pure(Op.ADD, place(7), place(0), place(1))
    written.end()

    agrees(written, Objects(folder=tmp_path / "nowhere"), rows_of(3), weights=0)

    assert list(tmp_path.iterdir()) == []
