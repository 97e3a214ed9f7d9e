"""The module, loaded into Debian's kernel."""

from pathlib import Path

import pytest

from tests.kernel import machine
from tests.kernel.guest import capturing, clocks, exact, living, reading, recording

CHECKS = [
    check.__name__
    for check in (
        *recording.CHECKS,
        *reading.CHECKS,
        *capturing.CHECKS,
        *clocks.CHECKS,
        *living.CHECKS,
        living.the_kernel_did_not_complain,
    )
]


def test_both_modules_build_without_a_warning(modules: Path) -> None:
    said = (modules / "said").read_text()

    assert "CHECK" in said
    assert "warning:" not in said
    assert "error:" not in said


def test_both_modules_build_for_the_other_architecture_without_a_warning(arm64_modules: Path) -> None:
    said = (arm64_modules / "said").read_text()

    assert "CHECK" in said
    assert "warning:" not in said


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


@pytest.mark.parametrize("check", CHECKS)
def test_in_the_guest_of_the_other_architecture(told_on_arm64: machine.Told, check: str) -> None:
    assert check in told_on_arm64.results, told_on_arm64.console[-3000:]
    assert told_on_arm64.results[check] is None, f"{told_on_arm64.results[check]}\n{told_on_arm64.console[-6000:]}"


def test_the_kernel_of_the_other_architecture_did_not_complain(told_on_arm64: machine.Told) -> None:
    assert told_on_arm64.planned == len(CHECKS) == len(told_on_arm64.results)
    assert machine.DONE in told_on_arm64.console
    assert not machine.BAD.search(told_on_arm64.console), told_on_arm64.console[-6000:]
