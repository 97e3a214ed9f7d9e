"""The 32-bit encodings, by chance."""

import random
from collections import Counter
from collections.abc import Iterator

import pytest

from jobs.target import Core
from renode.thumb.decode import decode
from renode.thumb.micro import Coded, Micro, Op, Place, Refused
from renode.thumb.row import DSP, MAIN
from renode.thumb.table import ROWS
from tests.renode.thumb.agreement import Tracer, ours, said

WORDS = 200_000
WIDE = [row for row in ROWS if row.size == 4]
FIRST, END = 0xE8000000, 0x100000000
R0, R1, R2, R3 = Place.R0, Place.R1, Place.R2, Place.R3
SP, LR, T0, T1, T2 = Place.SP, Place.LR, Place.T0, Place.T1, Place.T2
RESULT, CARRY, SATURATED, GREATER = Place.RESULT, Place.CARRY, Place.SATURATED, Place.GREATER


def any_words(count: int, rng: random.Random) -> Iterator[int]:
    """Yield words, half of them of any kind, half of them of a row of the table."""
    for k in range(count):
        word = rng.randrange(FIRST, END)
        if k % 2:
            row = rng.choice(WIDE)
            word = (word & ~row.should_mask | row.should_value) & ~row.mask | row.value
        yield word


def test_words_have_the_effects_that_the_tracer_knows() -> None:
    tracer = Tracer(Core.M4)
    differing, taken, refused = [], Counter[str](), Counter[str]()

    for word in any_words(WORDS, random.Random(7)):
        first, second = word >> 16, word & 0xFFFF
        coded = ours(first, second, Core.M4)
        if isinstance(coded, Refused):
            refused[coded.why] += 1
            continue
        taken[coded.row] += 1
        if said(coded) != (known := tracer.said(first, second)):
            differing.append((hex(word), coded.row, said(coded), known))

    assert differing == []
    assert taken.total() > WORDS // 4
    # The others are those of the system, which are never taken.
    assert {row.name for row in WIDE} - taken.keys() == {"MSR T1", "WFE T2", "WFI T2", "YIELD T2"}
    assert refused.keys() == {"unallocated", "unpredictable", "coprocessor", "system"}


@pytest.mark.parametrize(("core", "absent"), [(Core.M3, DSP), (Core.M0, MAIN)])
def test_another_core_takes_less_but_nothing_else(core: Core, absent: frozenset[Core]) -> None:
    cores: dict[str, frozenset[Core]] = {row.name: row.cores for row in ROWS}
    missing = 0

    for word in any_words(20_000, random.Random(8)):
        full = ours(word >> 16, word & 0xFFFF, Core.M4)
        found = ours(word >> 16, word & 0xFFFF, core)
        if isinstance(full, Coded) and core in cores[full.row]:
            assert found == full
        elif isinstance(full, Coded):
            assert isinstance(found, Refused)
            assert found.why == "core"
            assert cores[full.row] <= absent
            missing += 1

    assert missing > 1000


@pytest.mark.parametrize(
    ("word", "row", "section", "micros"),
    [
        (  # ands r0, r1, #0x80000000: the constant is rotated, and its top bit is the carry
            0xF0114000,
            "AND (immediate) T1",
            "A7.7.8",
            (Micro(Op.MOV, CARRY, 1), Micro(Op.AND, R0, R1, 0x80000000), Micro(Op.MOV, RESULT, R0)),
        ),
        (  # ands r0, r1, #0x00ff00ff: it is not
            0xF01110FF,
            "AND (immediate) T1",
            "A7.7.8",
            (Micro(Op.AND, R0, R1, 0x00FF00FF), Micro(Op.MOV, RESULT, R0)),
        ),
        (  # tst r0, r1, lsr #32
            0xEA100F11,
            "TST (register) T2",
            "A7.7.189",
            (
                Micro(Op.LSR, T0, R1, 32),
                Micro(Op.LSR_CARRY, CARRY, R1, 32, CARRY),
                Micro(Op.AND, RESULT, R0, T0),
            ),
        ),
        (  # eors r1, r1, r1, rrx: what is shifted is read before it is written, the carry before it changes
            0xEA910131,
            "EOR (register) T2",
            "A7.7.36",
            (
                Micro(Op.RRX, T0, R1, CARRY),
                Micro(Op.AND, CARRY, R1, 1),
                Micro(Op.EOR, R1, R1, T0),
                Micro(Op.MOV, RESULT, R1),
            ),
        ),
        (  # sbc r0, r1, r2
            0xEB610002,
            "SBC (register) T2",
            "A7.7.125",
            (Micro(Op.MVN, T0, R2), Micro(Op.ADC, R0, R1, T0, CARRY)),
        ),
        (0xF2412034, "MOV (immediate) T3", "A7.7.76", (Micro(Op.MOV, R0, 0x1234),)),
        (0xF2C12034, "MOVT T1", "A7.7.79", (Micro(Op.MERGE, R0, R0, 0x12340000, 0xFFFF0000),)),
        (0xF2AF0004, "ADR T2", "A7.7.7", (Micro(Op.MOV, R0, 0x08001000),)),
        (  # bfi r0, r1, #8, #4
            0xF361200B,
            "BFI T1",
            "A7.7.14",
            (Micro(Op.LSL, T0, R1, 8), Micro(Op.MERGE, R0, R0, T0, 0xF00)),
        ),
        (  # sbfx r0, r1, #8, #4
            0xF3412003,
            "SBFX T1",
            "A7.7.126",
            (Micro(Op.LSL, T0, R1, 20), Micro(Op.ASR, R0, T0, 28)),
        ),
        (  # umull r0, r1, r0, r2: the low word would be lost for the high one
            0xFBA00102,
            "UMULL T1",
            "A7.7.204",
            (Micro(Op.UMULH, T0, R0, R2), Micro(Op.MUL, R0, R0, R2), Micro(Op.MOV, R1, T0)),
        ),
        (  # ldrd r0, r1, [r0]: the base is loaded
            0xE9D00100,
            "LDRD (immediate) T1",
            "A7.7.50",
            (Micro(Op.ADD, T0, R0, 4), Micro(Op.LOAD, R0, R0), Micro(Op.LOAD, R1, T0)),
        ),
        (  # ldrsb r0, [r1], #-1
            0xF9110901,
            "LDRSB (immediate) T2",
            "A7.7.59",
            (Micro(Op.LOAD, R0, R1, width=1, signed=True), Micro(Op.SUB, R1, R1, 1)),
        ),
        (  # push {r3}
            0xF84D3D04,
            "PUSH T3",
            "A7.7.101",
            (Micro(Op.ADD, T0, SP, 0xFFFFFFFC), Micro(Op.STORE, None, T0, R3), Micro(Op.SUB, SP, SP, 4)),
        ),
        (  # ldr pc, [r0, r1, lsl #2]
            0xF850F021,
            "LDR (register) T2",
            "A7.7.45",
            (
                Micro(Op.LSL, T0, R1, 2),
                Micro(Op.ADD, T1, R0, T0),
                Micro(Op.LOAD, T2, T1),
                Micro(Op.BRANCH, None, T2),
            ),
        ),
        (  # tbb [pc, r0]
            0xE8DFF000,
            "TBB, TBH T1",
            "A7.7.185",
            (
                Micro(Op.ADD, T0, 0x08001004, R0),
                Micro(Op.LOAD, T1, T0, width=1),
                Micro(Op.LSL, T2, T1, 1),
                Micro(Op.ADD, Place.T3, T2, 0x08001005),
                Micro(Op.BRANCH, None, Place.T3),
            ),
        ),
        (  # bl, to itself
            0xF7FFFFFE,
            "BL T1",
            "A7.7.18",
            (Micro(Op.MOV, LR, 0x08001005), Micro(Op.BRANCH, None, 0x08001000)),
        ),
        (0xF43FAFFE, "B T3", "A7.7.12", (Micro(Op.BRANCH_IF, None, 0x08001000, cond=0),)),
        (  # strex r0, r1, [r2, #4]
            0xE8421001,
            "STREX T1",
            "A7.7.167",
            (Micro(Op.ADD, T0, R2, 4), Micro(Op.STORE_EXCLUSIVE, R0, T0, R1)),
        ),
        (0xF3BF8F4F, "DSB T1", "A7.7.34", ()),
        (  # ssat r0, #8, r1
            0xF3010007,
            "SSAT T1",
            "A7.7.152",
            (
                Micro(Op.SSAT, T0, R1, 8),
                Micro(Op.DIFFER, T1, T0, R1),
                Micro(Op.ORR, SATURATED, SATURATED, T1),
                Micro(Op.SSAT, R0, R1, 8),
            ),
        ),
        (  # uadd8 r0, r0, r1
            0xFA80F041,
            "UADD8 T1",
            "A7.7.191",
            (Micro(Op.UADD8_GE, GREATER, R0, R1), Micro(Op.UADD8, R0, R0, R1)),
        ),
        (  # smlabt r0, r1, r2, r3
            0xFB113012,
            "SMLABB, SMLABT, SMLATB, SMLATT T1",
            "A7.7.136",
            (
                Micro(Op.SMULBT, T0, R1, R2),
                Micro(Op.ADD_OVERFLOW, T1, T0, R3),
                Micro(Op.ORR, SATURATED, SATURATED, T1),
                Micro(Op.ADD, R0, T0, R3),
            ),
        ),
    ],
)
def test_an_instruction_does_what_the_manual_says(word: int, row: str, section: str, micros: tuple[Micro, ...]) -> None:
    coded = decode(word >> 16, word & 0xFFFF, 0x08001000, Core.M4, in_it=False)

    assert (coded.row, coded.section, coded.size) == (row, section, 4)
    assert coded.micros == micros


@pytest.mark.parametrize(
    ("word", "core", "why"),
    [
        (0xE8BD8000, Core.M4, "unpredictable"),  # pop.w {pc}: fewer than two registers
        (0xE8A10006, Core.M4, "unpredictable"),  # stm r1!, {r1, r2}
        (0xE9D00000, Core.M4, "unpredictable"),  # ldrd r0, r0, [r0]
        (0xF8510B04, Core.M4, None),  # ldr r0, [r1], #4
        (0xF8511B04, Core.M4, "unpredictable"),  # ldr r1, [r1], #4
        (0xFBA00002, Core.M4, "unpredictable"),  # umull r0, r0, r0, r2
        (0xF0110D01, Core.M4, "unpredictable"),  # ands sp, r1, #1
        (0xFAB1F082, Core.M4, "unpredictable"),  # clz r0, r2, named r1 as well
        (0xFB21F002, Core.M3, "core"),  # smuad r0, r1, r2
        (0xFB21F002, Core.M4, None),
        (0xF0110001, Core.M0, "core"),  # ands r0, r1, #1
        (0xF3EF8009, Core.M4, "system"),  # mrs r0, psp
        (0xF3EF8000, Core.M0, None),  # mrs r0, apsr
        (0xF3808800, Core.M4, "system"),  # msr apsr_nzcvq, r0
        (0xEE300A20, Core.M4, "coprocessor"),  # vadd.f32 s0, s0, s1
        (0xF9200A0F, Core.M4, "coprocessor"),  # vld4.8, of Advanced SIMD
        (0xE97FE97F, Core.M4, "unpredictable"),  # sg, of ARMv8-M; here ldrd with the pc written back
        (0xE8D10FAF, Core.M4, "unallocated"),  # lda r0, [r1], of ARMv8-M
        (0xF7F08000, Core.M4, "unallocated"),  # smc, of other profiles
    ],
)
def test_what_a_core_does_not_do_is_refused_for_a_reason(word: int, core: Core, why: str | None) -> None:
    found = ours(word >> 16, word & 0xFFFF, core)

    assert (found.why if isinstance(found, Refused) else None) == why
