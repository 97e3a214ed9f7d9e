"""A clock of a process's own."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.chaos.clock import Clock, has_compiler
from tests.servers import demand

ASKED = "import sys, time\nfor _ in sys.stdin:\n    print(time.time(), time.monotonic(), flush=True)\n"


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Clock:
    demand("zig", present=has_compiler())
    return Clock(tmp_path_factory.mktemp("clock"), "worker")


def test_a_process_that_runs_sees_its_clock_jump_and_time_pass_as_before(clock: Clock) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", ASKED],
        env=os.environ | clock.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def told() -> tuple[float, float]:
        assert program.stdin is not None
        assert program.stdout is not None
        program.stdin.write("\n")
        program.stdin.flush()
        wall_s, passed_s = map(float, program.stdout.readline().split())
        return wall_s - time.time(), passed_s - time.monotonic()

    with program:
        right = told()
        clock.set(25)
        ahead = told()
        clock.set(-300)
        back = told()

    assert [round(wall_s) for wall_s, _ in (right, ahead, back)] == [0, 25, -300]
    assert all(abs(passed_s) < 1 for _, passed_s in (right, ahead, back))


def test_who_sleeps_or_waits_for_a_lock_does_so_for_as_long_as_before(tmp_path: Path, clock: Clock) -> None:
    clock.set(-25)
    program = tmp_path / "waits.py"
    program.write_text(
        "import multiprocessing, time\n"
        "if __name__ == '__main__':\n"
        "    lock = multiprocessing.get_context('fork').Lock()\n"
        "    lock.acquire()\n"
        "    began = time.monotonic()\n"
        "    time.sleep(0.2)\n"
        "    lock.acquire(timeout=0.2)\n"
        "    print(time.monotonic() - began)\n"
    )

    told = subprocess.run(
        [sys.executable, str(program)], env=os.environ | clock.environment, capture_output=True, text=True, check=True
    )

    assert 0.35 < float(told.stdout) < 10
