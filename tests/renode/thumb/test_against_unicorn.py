"""Single instructions against Unicorn: a few of every row for every core. Longer runs call `compare` themselves."""

import random
from dataclasses import replace

import pytest

from jobs.target import Core
from renode.thumb.decode import decode
from renode.thumb.micro import ALWAYS, Op, Place
from renode.thumb.table import ROWS
from tests.renode.thumb.against_unicorn import Bench, compare
from tests.renode.thumb.drawing import CODE, RAM, Case

NEVER_TAKEN = {"CPS T1", "MSR T1", *(f"{name} T{number}" for name in ("YIELD", "WFE", "WFI") for number in (1, 2))}
"""Rows that the decoder leaves to Unicorn, whatever their fields."""
ADDS = 0x1888  # adds r0, r1, r2


@pytest.mark.parametrize("core", Core)
def test_instructions_of_every_row_do_what_unicorn_does(core: Core) -> None:
    rows = {row.name for row in ROWS if core in row.cores}

    report = compare(core, seed=7, count=4000)

    assert not report.wrong, "\n".join([f"{len(report.wrong)} of {report.tried.total()}", *report.wrong[:20]])
    assert rows - set(report.tried) <= NEVER_TAKEN


def test_an_instruction_that_is_decoded_as_another_is_noticed() -> None:
    bench = Bench(Core.M4, random.Random(7))
    adds = decode(ADDS, 0, CODE, Core.M4, in_it=False)
    subtracts = replace(
        adds, micros=tuple(replace(micro, op=Op.SUB) if micro.op is Op.ADD else micro for micro in adds.micros)
    )
    places = (*range(13), RAM, 0, *(0,) * (Place.GREATER - Place.LR))

    found = {
        name: bench.differences(case, *bench.interpret(case))
        for name, coded in (("adds", adds), ("subtracts", subtracts))
        for case in [Case((ADDS,), CODE, ((coded, ALWAYS),), places)]
    }

    assert found == {
        "adds": [],
        "subtracts": ["r0 is 0x00000003, not 0xffffffff", "the APSR is 0x00000000, not 0x80000000"],
    }
