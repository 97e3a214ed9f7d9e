"""The 16-bit encodings, all of them."""

from collections import Counter

import pytest

from jobs.target import Core
from renode.thumb.decode import decode
from renode.thumb.micro import Coded, Micro, Op, Place, Refused
from renode.thumb.table import ROWS
from tests.renode.thumb.agreement import Tracer, ours, said

NARROW = range(0xE800)
CAPSTONE_ERRS = {0xDEF9}
"""capstone does not know this UDF, whose constant LLVM keeps for a trap of its own."""
R0, R1, R2, R3 = Place.R0, Place.R1, Place.R2, Place.R3
SP, LR, T0, T1 = Place.SP, Place.LR, Place.T0, Place.T1
RESULT, CARRY, OVERFLOW = Place.RESULT, Place.CARRY, Place.OVERFLOW


def test_no_word_is_meant_by_two_rows() -> None:
    narrow = [row for row in ROWS if row.size == 2]

    ambiguous = []
    for word in NARROW:
        found = [row for row in narrow if row.matches(word)]
        most = max((row.fixed for row in found), default=0)
        if sum(row.fixed == most for row in found) > 1:
            ambiguous.append((hex(word), [row.name for row in found]))

    assert ambiguous == []


def test_every_word_has_the_effects_that_the_tracer_knows() -> None:
    tracer = Tracer(Core.M4)
    differing, taken = [], 0

    for word in NARROW:
        coded = ours(word, 0, Core.M4)
        if isinstance(coded, Coded) and word not in CAPSTONE_ERRS:
            taken += 1
            known = tracer.said(word, 0)
            if said(coded) != known:
                differing.append((hex(word), coded.row, said(coded), known))

    assert differing == []
    assert taken > 54_000


@pytest.mark.parametrize("core", [Core.M0, Core.M3])
def test_another_core_takes_less_but_nothing_else(core: Core) -> None:
    missing = set()

    for word in NARROW[::3]:
        coded = ours(word, 0, Core.M4)
        if isinstance(coded, Coded) and coded != (found := ours(word, 0, core)):
            assert isinstance(found, Refused)
            missing.add((coded.row, found.why))

    assert missing == ({("CBZ T1", "core"), ("CBNZ T1", "core"), ("IT T1", "core")} if core is Core.M0 else set())


def test_what_is_refused_has_a_reason() -> None:
    reasons = Counter(found.why for word in NARROW if isinstance(found := ours(word, 0, Core.M0), Refused))

    assert reasons.keys() == {"unallocated", "unpredictable", "core", "system"}
    # 0xb600 to 0xb65f, 0xb680 to 0xb6ff, 0xb7.., 0xb8.., 0xba80 to 0xbabf: A5.2.5 has no instruction there.
    assert reasons["unallocated"] == 96 + 128 + 256 + 256 + 64


@pytest.mark.parametrize(
    ("word", "row", "section", "micros"),
    [
        (
            0x4148,
            "ADC (register) T1",
            "A7.7.2",
            (
                Micro(Op.ADC_OVERFLOW, OVERFLOW, R0, R1, CARRY),
                Micro(Op.ADC_CARRY, T0, R0, R1, CARRY),
                Micro(Op.ADC, R0, R0, R1, CARRY),
                Micro(Op.MOV, CARRY, T0),
                Micro(Op.MOV, RESULT, R0),
            ),
        ),
        (
            0x0088,
            "LSL (immediate) T1",
            "A7.7.68",
            (
                Micro(Op.LSL_CARRY, CARRY, R1, 2, CARRY),
                Micro(Op.LSL, R0, R1, 2),
                Micro(Op.MOV, RESULT, R0),
            ),
        ),
        (
            0x0808,
            "LSR (immediate) T1",
            "A7.7.70",
            (
                Micro(Op.LSR_CARRY, CARRY, R1, 32, CARRY),
                Micro(Op.LSR, R0, R1, 32),
                Micro(Op.MOV, RESULT, R0),
            ),
        ),
        (
            0x4248,
            "RSB (immediate) T1",
            "A7.7.119",
            (
                Micro(Op.SUB_CARRY, CARRY, 0, R1),
                Micro(Op.SUB_OVERFLOW, OVERFLOW, 0, R1),
                Micro(Op.SUB, R0, 0, R1),
                Micro(Op.MOV, RESULT, R0),
            ),
        ),
        (
            0x2805,
            "CMP (immediate) T1",
            "A7.7.27",
            (
                Micro(Op.SUB_CARRY, CARRY, R0, 5),
                Micro(Op.SUB_OVERFLOW, OVERFLOW, R0, 5),
                Micro(Op.SUB, RESULT, R0, 5),
            ),
        ),
        (0x4801, "LDR (literal) T1", "A7.7.44", (Micro(Op.LOAD, R0, 0x08001008),)),
        (0xA001, "ADR T1", "A7.7.7", (Micro(Op.MOV, R0, 0x08001008),)),
        (
            0x4685,
            "MOV (register) T1",
            "A7.7.77",
            (Micro(Op.MOV, SP, R0),),
        ),
        (0x4687, "MOV (register) T1", "A7.7.77", (Micro(Op.ORR, T0, R0, 1), Micro(Op.BRANCH, None, T0))),
        (
            0x47F0,
            "BLX (register) T1",
            "A7.7.19",
            (Micro(Op.MOV, T0, LR), Micro(Op.MOV, LR, 0x08001003), Micro(Op.BRANCH, None, T0)),
        ),
        (
            0xBD01,
            "POP T1",
            "A7.7.99",
            (
                Micro(Op.LOAD, R0, SP),
                Micro(Op.ADD, T0, SP, 4),
                Micro(Op.LOAD, T1, T0),
                Micro(Op.ADD, SP, SP, 8),
                Micro(Op.BRANCH, None, T1),
            ),
        ),
        (
            0xC803,
            "LDM T1",
            "A7.7.41",
            (
                Micro(Op.MOV, T0, R0),
                Micro(Op.LOAD, R0, T0),
                Micro(Op.ADD, T1, T0, 4),
                Micro(Op.LOAD, R1, T1),
            ),
        ),
        (0xD0FE, "B T1", "A7.7.12", (Micro(Op.BRANCH_IF, None, 0x08001000, cond=0),)),
        (0xB118, "CBZ T1", "A7.7.21", (Micro(Op.BRANCH_ZERO, None, 0x0800100A, R0),)),
        (0xDF01, "SVC T1", "A7.7.178", (Micro(Op.TRAP),)),
        (0xBF00, "NOP T1", "A7.7.88", ()),
    ],
)
def test_an_instruction_does_what_the_manual_says(word: int, row: str, section: str, micros: tuple[Micro, ...]) -> None:
    coded = decode(word, 0, 0x08001000, Core.M4, in_it=False)

    assert (coded.row, coded.section, coded.size) == (row, section, 2)
    assert coded.micros == micros


def test_in_an_it_block_data_processing_sets_no_flags() -> None:
    flags = {RESULT, CARRY, OVERFLOW}

    setting = {
        coded.row
        for word in range(0x4500)
        if isinstance(coded := ours(word, 0, Core.M4, in_it=True), Coded)
        and any(micro.d in flags for micro in coded.micros)
    }

    assert setting == {
        "CMP (immediate) T1",
        "CMP (register) T1",
        "CMN (register) T1",
        "TST (register) T1",
    }


@pytest.mark.parametrize(
    ("word", "covers"),
    [
        (0xBF08, (0,)),  # it eq
        (0xBF0C, (0, 1)),  # ite eq
        (0xBF04, (0, 0)),  # itt eq
        (0xBF13, (1, 0, 0, 1)),  # iteet ne
        (0xBFE8, (14,)),  # it al
        (0xBFCE, (12, 13, 13)),  # itee gt
    ],
)
def test_an_it_tells_the_conditions_it_covers(word: int, covers: tuple[int, ...]) -> None:
    coded = decode(word, 0, 0x08001000, Core.M3, in_it=False)

    assert coded.covers == covers
    assert coded.micros == ()


@pytest.mark.parametrize("word", [0xE000, 0x4770, 0x4687, 0xBD00])  # b, bx lr, mov pc, r0, pop {pc}
def test_a_branch_is_the_last_of_its_it_block(word: int) -> None:
    taken = decode(word, 0, 0x08001000, Core.M4, in_it=True, last=True)

    with pytest.raises(Refused, match="not the last of its IT block"):
        decode(word, 0, 0x08001000, Core.M4, in_it=True, last=False)
    assert taken.micros[-1].op is Op.BRANCH
