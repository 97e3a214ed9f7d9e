"""What the guest says is read as it was meant."""

from tests.kernel.machine import BAD, told


def test_results_are_read_between_other_lines() -> None:
    console = "\x1b[2JKTAP version 1\n1..3\n[ 1.0] monje: hello\nok 1 one # 0.1 s\n# a remark\nnot ok 2 two # OSError: no\nGUEST-DONE\n"

    read = told(console)

    assert read.planned == 3
    assert read.results == {"one": None, "two": "OSError: no"}


def test_a_guest_that_died_planned_nothing() -> None:
    assert told("Kernel panic - not syncing").planned is None
    assert BAD.search("[    1.2] Kernel panic - not syncing")
    assert BAD.search("[    1.2] WARNING: CPU: 0 PID: 1 at kernel/timer.c")
    assert not BAD.search("[    1.2] debugging")
