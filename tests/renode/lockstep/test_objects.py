"""Machine code: how much of it is kept, on disk and in a process."""

import os
import time
from pathlib import Path

import numpy as np
import pytest

from renode.lockstep.lanes import Lanes
from renode.lockstep.objects import Objects, sweep
from renode.lockstep.program import Kernel
from renode.lockstep.way import MOST_FORMS, host_objects
from tests.renode.lockstep.test_broken_off import broken_off
from tests.renode.lockstep.written import Written, place


def with_tables(count: int) -> Written:
    """Return a program that reads so many tables of different sizes."""
    written = Written(3)
    written.tables = np.zeros(count + 8, np.uint8)
    for size in range(count):
        written.do(Kernel.TABLE, place(2), place(1), mask=0xFF, low=0, high=size, table=0)
    written.end()
    return written


def test_a_program_with_too_many_different_kernels_is_refused_before_any_is_made(tmp_path: Path) -> None:
    written = with_tables(MOST_FORMS + 1)

    with pytest.raises(ValueError, match="different kernels"):
        Lanes(written.program(), written.start, levels=None, objects=Objects(folder=tmp_path))

    assert list(tmp_path.iterdir()) == []


def test_a_process_that_has_loaded_too_much_begins_anew() -> None:
    written = with_tables(1)
    before = host_objects()
    lanes = Lanes(written.program(), written.start, levels=None)
    rows, out = np.ones((3, 12), np.uint8), np.zeros((3, 3), np.uint64)

    after = host_objects(most=0)

    assert before.count > 0
    assert after is not before
    assert after.count == 0
    lanes.activity(rows, out)


def test_the_older_half_of_too_many_files_is_removed_and_what_was_left_half_written(tmp_path: Path) -> None:
    long_ago = time.time() - 7200
    for number in range(6):
        (tmp_path / f"{number}.o").touch()
        os.utime(tmp_path / f"{number}.o", (long_ago + number,) * 2)
    for name, when in (("old.part", long_ago), ("new.part", time.time()), ("module.pyc", long_ago)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (when, when))

    sweep(tmp_path, most=6)
    few = sorted(path.name for path in tmp_path.iterdir())
    sweep(tmp_path, most=5)
    many = sorted(path.name for path in tmp_path.iterdir())

    assert few == ["0.o", "1.o", "2.o", "3.o", "4.o", "5.o", "module.pyc", "new.part"]
    assert many == ["3.o", "4.o", "5.o", "module.pyc", "new.part"]


def test_a_file_whose_writing_was_broken_off_is_not_left_behind(tmp_path: Path) -> None:
    written = with_tables(1)

    with broken_off("c_call", "write"):
        Lanes(written.program(), written.start, levels=None, objects=Objects(folder=tmp_path))

    assert list(tmp_path.iterdir()) == []


def test_code_that_was_being_loaded_when_it_was_broken_off_is_loaded_again(tmp_path: Path) -> None:
    written = with_tables(3)
    program, objects = written.program(), Objects(folder=tmp_path)
    rows, out = np.ones((3, 12), np.uint8), np.zeros((3, 3), np.uint64)

    with broken_off("return", "add_object_file"):
        Lanes(program, written.start, levels=None, objects=objects)
    Lanes(program, written.start, levels=None, objects=objects).activity(rows, out)

    assert objects.count >= 6
