"""Firmware that means harm: walks end before they take the memory or the time of others."""

import re
from pathlib import Path

import numpy as np
import pytest

from jobs.target import Core, Target
from renode.lockstep.core import LockstepCore
from renode.lockstep.maker import maker_of
from renode.lockstep.values import Unsupported
from renode.lockstep.walk import walk
from renode.trace import Outcomes
from renode.unicorn_core import UnicornCore
from tests.renode.conftest import Program
from tests.renode.lockstep.test_core import assert_same, rows_of
from tests.renode.targets import buffer_target

MEMORY = [
    {"name": "low", "start": 0, "size": 4096, "access": "rx"},
    {"name": "flash", "start": 0x08000000, "size": 2**20, "access": "rx"},
    {"name": "two", "start": 0x20001000, "size": 4096, "access": "rw"},
    {"name": "one", "start": 0x20000000, "size": 4096, "access": "rw"},
]
BELOW, ABOVE = 0, 16
ENDS = (
    ("0x20000000", ABOVE),
    ("0x20001000", BELOW),
    ("0x20001000", ABOVE),
    ("0x20002000", BELOW),
    ("0x08000000", ABOVE),
    ("0x08100000", BELOW),
    ("0x00000000", ABOVE),
)
"""Ends of blocks, and on which side of it the reference goes; the last one is where addresses begin anew."""


def both(elf: Path, target: Target, *, reference: int = 0) -> tuple[LockstepCore, UnicornCore, Outcomes]:
    """Compare both engines, and return them, and what the lanes' did."""
    unicorn = UnicornCore(elf, target)
    lockstep = LockstepCore(UnicornCore(elf, target), maker_of(UnicornCore(elf, target)), patience=0)
    rows = rows_of(300)
    rows[0, -1] = reference
    path = unicorn.path(rows[0])
    assert_same(lockstep, unicorn, rows, path)
    return lockstep, unicorn, lockstep.run(rows, path)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("snapshots", "tables: more than 67108864 bytes"),
        ("ranges", "address: varying ones go over too many ranges"),
        ("constants", "address: varying ones go over too much memory"),
    ],
)
def test_walks_that_would_take_too_much_are_given_up(program: Program, entry: str, reason: str) -> None:
    core = UnicornCore(program("hostile.S", Core.M4), buffer_target(entry))
    rows = np.tile(np.arange(256, dtype=np.uint8)[:, np.newaxis], (1, 16))

    with pytest.raises(Unsupported, match=re.escape(reason)):
        walk(core.start(), core.path(rows[0]), rows, np.ones(16, np.bool_), decoded=core.decoded)


@pytest.mark.parametrize("work", ["bytes", "halves", "words", "stores"])
def test_lanes_around_the_ends_of_memory_do_what_unicorn_does(program: Program, work: str) -> None:
    went = 0

    for end, side in ENDS:
        target = buffer_target(f"{work}_{end}", memory=MEMORY, output={"symbol": "buffer", "length": 16})
        *_, outcomes = both(program("hostile.S", Core.M4), target, reference=side)
        went += outcomes.work.lanes

    assert went > 100


def test_accesses_over_the_border_of_two_blocks_are_lanes(program: Program) -> None:
    target = buffer_target("border", memory=MEMORY, output={"symbol": "buffer", "length": 16})

    lockstep, _, outcomes = both(program("hostile.S", Core.M4), target)

    assert outcomes.work.lanes == 300, lockstep.engine


@pytest.mark.parametrize(("name", "length"), [("first_input", 7), ("second_input", 9)])
def test_an_input_may_lie_on_the_output(program: Program, name: str, length: int) -> None:
    inputs = [{"name": name, "role": "other", "length": length, "symbol": name}]
    target = buffer_target("over", memory=MEMORY, inputs=inputs, output={"symbol": "an_output", "length": 16})
    elf = program("hostile.S", Core.M4)
    unicorn, core = UnicornCore(elf, target), UnicornCore(elf, target)
    lockstep = LockstepCore(core, maker_of(core), patience=0)
    rows = np.ascontiguousarray(rows_of(200)[:, :length])

    assert_same(lockstep, unicorn, rows, unicorn.path(rows[0]))

    assert lockstep.engine["name"] == "lockstep", lockstep.engine


def test_memory_too_large_for_lanes_is_unicorns(program: Program) -> None:
    memory = [*MEMORY, {"name": "large", "start": 0x20010000, "size": 2**24, "access": "rw"}]
    target = buffer_target("over", memory=memory, output={"symbol": "buffer", "length": 16})

    lockstep, _, outcomes = both(program("hostile.S", Core.M4), target)

    assert outcomes.work.lanes == 0
    assert lockstep.engine["why"].startswith("memory: ")


def test_memory_that_just_fits_lanes_is_theirs(program: Program) -> None:
    memory = [*MEMORY, {"name": "large", "start": 0x20010000, "size": 2**24 - 2**21, "access": "rw"}]
    target = buffer_target("over", memory=memory, output={"symbol": "buffer", "length": 16})

    lockstep, _, outcomes = both(program("hostile.S", Core.M4), target)

    assert outcomes.work.lanes == 300, lockstep.engine
