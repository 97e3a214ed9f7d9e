"""A share of the fuzzing that is the same every time: every row of the decoder's table, every way, some random programs."""

import random
from collections.abc import Iterator

import pytest

from jobs.target import Core
from tests.renode.lockstep.fuzzing import Tally, case_of, differences, function_of, rows_of_core
from tests.renode.lockstep.generate import Generator
from tests.renode.lockstep.lanes_by_replay import ReplayMaker
from tests.renode.lockstep.shapes import ROWS, SHAPES
from tests.renode.lockstep.tree import Function

ROWS_OF_A_PROGRAM = 12
TRIES = 6
"""Programs for rows that are not covered yet."""
NEVER = {
    "BKPT T1": "ends the execution",
    "SVC T1": "ends the execution",
    "UDF T1": "ends the execution",
    "UDF T2": "ends the execution",
    "WFE T1": "waits",
    "WFE T2": "waits",
    "WFI T1": "waits",
    "WFI T2": "waits",
    "YIELD T1": "waits",
    "YIELD T2": "waits",
    "CPS T1": "changes more than registers and memory",
    "MSR T1": "changes more than registers and memory",
}
"""Rows that no program in lanes has, and why."""
PROGRAMS = (
    (Core.M0, "parting", 1),
    (Core.M3, "blocks", 1),
    (Core.M3, "memory", 6),
    (Core.M4, "all", 2),
)
"""Core, shape and seed."""


def programs(core: Core, tally: Tally) -> Iterator[Function]:
    """Yield programs with every way there is, and with rows that are not covered yet."""
    generator = Generator(rows_of_core(core), random.Random(7), ROWS)
    yield generator.every_way()
    for _ in range(TRIES):
        names = [name for name in tally.never(core) if name not in NEVER]
        for at in range(0, len(names), ROWS_OF_A_PROGRAM):
            yield generator.through(names[at : at + ROWS_OF_A_PROGRAM])


@pytest.mark.parametrize("core", list(Core))
def test_lanes_go_through_every_row_that_is_not_named(core: Core) -> None:
    tally = Tally()

    for seed, function in enumerate(programs(core, tally)):
        case = case_of(seed, function)
        found, compared = differences(case, ReplayMaker)
        assert found == (), f"seed {seed} on {core.value}"
        assert compared is not None
        tally.add(compared, image=case.image)

    assert set(tally.never(core)) == {name for name in NEVER if name in rows_of_core(core).names}


@pytest.mark.parametrize(("core", "shape", "seed"), PROGRAMS, ids=str)
def test_random_programs_do_not_differ(core: Core, shape: str, seed: int) -> None:
    case = case_of(seed, function_of(seed, core=core, shape=SHAPES[shape]))

    found, compared = differences(case)

    assert found == ()
    assert compared is not None
    assert compared.work.lanes > 0, compared.why
