import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BEFORE = "from workers.confine import confine\nimport os, socket, subprocess, threading, ctypes, resource\n"
TRIED = """
confine()
try:
    {}
except {} as error:
    print(type(error).__name__)
else:
    print("done")
"""


def confined(line: str, *, expecting: str = "OSError") -> str:
    """Return what comes of a line in a confined process."""
    program = BEFORE + TRIED.format(line, expecting)
    ran = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True
    )
    return ran.stdout.strip()


@pytest.mark.parametrize(
    "line",
    [
        "open('/etc/hostname')",
        "open(f'/proc/{os.getppid()}/environ')",
        "open('/tmp/written', 'w')",
        "os.listdir('/')",
        "os.unlink('/tmp/whatever')",
        "socket.socket()",
        "socket.socket(socket.AF_UNIX)",
        "socket.socketpair()",
        "os.fork()",
        "os.execv('/bin/true', ['true'])",
        "subprocess.run(['/bin/true'])",
        "os.kill(os.getppid(), 0)",
        "resource.prlimit(os.getppid(), resource.RLIMIT_CORE)",
        "os.memfd_create('code')",
    ],
)
def test_a_confined_process_reaches_neither_files_nor_network_nor_others(line: str) -> None:
    assert confined(line) == "PermissionError"


@pytest.mark.parametrize(
    "line",
    [
        "bytearray(1 << 24)",
        "(lambda thread: (thread.start(), thread.join()))(threading.Thread(target=print, args=('',)))",
        "resource.setrlimit(resource.RLIMIT_CPU, (60, resource.getrlimit(resource.RLIMIT_CPU)[1]))",
        "os.read(0, 0)",
    ],
)
def test_a_confined_process_may_think(line: str) -> None:
    assert confined(line) == "done"


def test_a_process_with_threads_is_not_confined_in_part() -> None:
    program = BEFORE + "threading.Thread(target=threading.Event().wait, daemon=True).start()\nconfine()"

    ran = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 1
    assert "before it has threads" in ran.stderr
