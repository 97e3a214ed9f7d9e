"""The module, loaded into Debian's kernel."""

from pathlib import Path

import pytest

from tests.kernel import machine
from tests.kernel.guest import exact, living, reading, recording

CHECKS = [check.__name__ for check in (*recording.CHECKS, *reading.CHECKS, *living.CHECKS, living.dmesg_is_clean)]


def test_both_modules_build_without_a_warning(modules: Path) -> None:
    said = (modules / "said").read_text()

    assert "CHECK" in said
    assert "warning:" not in said
    assert "error:" not in said


@pytest.mark.parametrize("check", CHECKS)
def test_in_the_guest(told: machine.Told, check: str) -> None:
    assert check in told.results, told.console[-3000:]
    assert told.results[check] is None, f"{told.results[check]}\n{told.console[-6000:]}"


def test_the_guest_ran_every_check_and_its_kernel_did_not_complain(told: machine.Told) -> None:
    assert told.planned == len(CHECKS) == len(told.results)
    assert machine.DONE in told.console
    assert not machine.BAD.search(told.console), told.console[-6000:]


def test_with_a_clock_that_counts_instructions_no_period_is_missed(told_exactly: machine.Told) -> None:
    assert told_exactly.results == {check.__name__: None for check in exact.CHECKS}, told_exactly.console[-3000:]
    assert machine.DONE in told_exactly.console
    assert not machine.BAD.search(told_exactly.console)
