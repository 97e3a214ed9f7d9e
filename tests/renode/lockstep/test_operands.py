"""Operands that a core's duration depends on: which instructions of which core, and by which inputs."""

import numpy as np
import pytest

from jobs.target import Core
from renode.lockstep.core import LockstepCore
from renode.lockstep.maker import maker_of
from renode.unicorn_core import UnicornCore
from tests.renode.conftest import Program
from tests.renode.lockstep.compiled import Build


def timed(program: Program, build: Build) -> set[str]:
    """Return the mnemonics of instructions whose operands are told to differ."""
    core = UnicornCore(program(build.source, build.core, build.flag), build.target())
    rows = np.random.default_rng(7).integers(0, 256, (64, core.input_bytes), dtype=np.uint8)
    path = core.path(rows[0])
    known = LockstepCore(core, maker_of(core)).dependences(rows, path)
    assert known.absent is None
    told = [access for access in known.found if access.kind == "operand" and access.lanes[0] != access.lanes[1]]
    return {core.instruction(int(path.pcs[access.index])).mnemonic.partition(".")[0] for access in told}


@pytest.mark.parametrize(
    ("core", "expected"), [(Core.M0, ()), (Core.M3, ("sdiv", "udiv")), (Core.M4, ("sdiv", "udiv"))], ids=str
)
def test_divisions_end_early_where_there_are_any(program: Program, core: Core, expected: tuple[str, ...]) -> None:
    found = timed(program, Build("chores.c", "quotients", core, "-O1"))

    assert found & {"udiv", "sdiv"} == set(expected)


@pytest.mark.parametrize(("core", "some"), [(Core.M0, False), (Core.M3, True), (Core.M4, False)], ids=str)
def test_long_multiplications_end_early_on_a_cortex_m3_alone(program: Program, core: Core, some: bool) -> None:
    found = timed(program, Build("chores.c", "longs", core, "-O1"))

    assert bool(found & {"umull", "smull", "umlal", "smlal"}) is some
