"""Compiler-made programs on both engines: every field of every execution is the same.

`make fuzz-lockstep` takes all of them for every core and optimisation, in lanes of machine code; here most lanes are
NumPy's, which need no compiling.
"""

import pytest

from jobs.target import Core
from tests.renode.conftest import Program
from tests.renode.lockstep.compiled import Build
from tests.renode.lockstep.lanes_by_replay import ReplayMaker

STRAIGHT = (
    Build("ciphers.c", "sha256", Core.M4, "-O2"),
    Build("ciphers.c", "chacha20", Core.M3, "-O1"),
    Build("ciphers.c", "sliced", Core.M0, "-O3"),
    Build("ciphers.c", "stir", Core.M4, "-O3"),
    Build("ciphers.c", "crc_table", Core.M0, "-Os"),
    Build("chores.c", "network", Core.M4, "-Os"),
    Build("chores.c", "longs", Core.M0, "-O0"),
    Build("chores.c", "longs", Core.M4, "-O2"),
)
PARTING = (
    Build("chores.c", "insertion", Core.M3, "-Os"),
    Build("chores.c", "strings", Core.M3, "-O0"),
    Build("chores.c", "structures", Core.M3, "-O2"),
    Build("chores.c", "calls", Core.M0, "-O1"),
    Build("chores.c", "quotients", Core.M4, "-O2"),
)
COMPILED = (
    Build("ciphers.c", "crc_bits", Core.M0, "-O2"),
    Build("ciphers.c", "sliced", Core.M4, "-O2"),
    Build("chores.c", "machine", Core.M4, "-O1"),
)


def named(build: Build) -> str:
    return f"{build.entry}-{build.core.value}{build.flag}"


@pytest.mark.parametrize("build", STRAIGHT, ids=named)
def test_lanes_do_what_the_reference_does(program: Program, build: Build) -> None:
    elf = program(build.source, build.core, build.flag)

    compared = build.compared(elf, making=ReplayMaker)

    assert compared.differences == ()
    assert compared.work.lanes > 0, compared.why


@pytest.mark.parametrize("build", PARTING, ids=named)
def test_where_ways_part_nothing_differs_either(program: Program, build: Build) -> None:
    elf = program(build.source, build.core, build.flag)

    compared = build.compared(elf, lanes=200, making=ReplayMaker)

    assert compared.differences == ()


@pytest.mark.parametrize("build", COMPILED, ids=named)
def test_lanes_of_machine_code_do_so_too(program: Program, build: Build) -> None:
    elf = program(build.source, build.core, build.flag)

    compared = build.compared(elf)

    assert compared.differences == ()
    assert compared.work.lanes > 0, compared.why
