"""Lanes, bindings and cores that a time limit's exception breaks off: what comes after them is as if they had not been."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

import numpy as np
import pytest

from renode.lockstep.lanes import Lanes
from renode.unicorn_core import UnicornCore
from tests.renode.conftest import Program
from tests.renode.lockstep.test_lanes import inputs_of, mixed
from tests.renode.lockstep.written import levels_of
from tests.renode.targets import buffer_target


class BrokenOff(Exception):
    """What the handler of a signal raises."""


@contextmanager
def broken_off(event: str, function: str) -> Iterator[None]:
    """Raise BrokenOff at the first event of its kind of a function, where the handler of a signal may as well."""

    def profile(frame: FrameType, what: str, called: Any) -> None:
        name = getattr(called, "__name__", "") if what.startswith("c_") else frame.f_code.co_name
        if what == event and name == function:
            sys.setprofile(None)
            raise BrokenOff

    sys.setprofile(profile)
    try:
        with pytest.raises(BrokenOff):
            yield
    finally:
        sys.setprofile(None)


def test_counts_of_executions_that_were_broken_off_are_nobodys() -> None:
    written, rows = mixed(), inputs_of(1300)
    program = written.program()
    groups = np.arange(1300) % 3
    levels = levels_of(len(program.constant), (1, 1, 1, 1, 0))
    lanes, fresh = (Lanes(program, written.start, levels=levels) for _ in range(2))
    wanted, counts = np.zeros((3, levels.bins), np.int64), np.zeros((3, levels.bins), np.int64)
    fresh.tally(rows, groups, wanted)

    with broken_off("return", "go"):
        lanes.tally(rows, groups, np.zeros((3, levels.bins), np.int64))
    lanes.tally(rows, groups, counts)

    np.testing.assert_array_equal(counts, wanted)


def test_garbage_is_collected_after_a_binding_that_was_broken_off() -> None:
    written = mixed()
    program = written.program()

    with broken_off("c_return", "disable"):
        Lanes(program, written.start, levels=None)

    assert gc.isenabled()


def test_a_core_that_was_broken_off_before_it_followed_another_path_follows_the_first_again(program: Program) -> None:
    core = UnicornCore(program("calls.c"), buffer_target("loop"))
    rows = np.zeros((4, 16), np.uint8)
    rows[:, 0] = 3, 3, 9, 9
    one, other = core.path(rows[0]), core.path(rows[2])
    wanted = core.run(rows, one)

    with broken_off("return", "follow"):
        core.run(rows, other)
    again = core.run(rows, one)

    np.testing.assert_array_equal(again.agreed, wanted.agreed)
    np.testing.assert_array_equal(again.activity, wanted.activity)


@contextmanager
def broken_off_at(function: str, line: int) -> Iterator[None]:
    """Raise BrokenOff before a line of a function, counted from its first, the second time that it is called."""
    calls = 0

    def lines(frame: FrameType, event: str, _: Any) -> Any:
        if event == "line" and frame.f_lineno - frame.f_code.co_firstlineno == line:
            sys.settrace(before)
            raise BrokenOff
        return lines

    def trace(frame: FrameType, _event: str, _: Any) -> Any:
        nonlocal calls
        calls += frame.f_code.co_name == function
        return lines if frame.f_code.co_name == function and calls == 2 else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        with suppress(BrokenOff):
            yield
    finally:
        sys.settrace(before)


@pytest.mark.parametrize("line", range(1, 15))
def test_code_that_was_being_decoded_when_it_was_broken_off_is_decoded_again(program: Program, line: int) -> None:
    elf, target = program("calls.c"), buffer_target("loop")
    row = np.full(16, 5, np.uint8)
    wanted = UnicornCore(elf, target)
    core = UnicornCore(elf, target)

    with broken_off_at("_add", line):
        core.path(row)

    path = wanted.path(row)
    np.testing.assert_array_equal(core.path(row).pcs, path.pcs)
    np.testing.assert_array_equal(core.run(row[np.newaxis], path).activity, wanted.run(row[np.newaxis], path).activity)
    assert [core.instruction(int(pc)) for pc in path.pcs] == [wanted.instruction(int(pc)) for pc in path.pcs]
