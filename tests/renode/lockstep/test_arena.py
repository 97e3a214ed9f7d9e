"""Memory of lanes: whose it is, and what it costs."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from renode.lockstep.arena import Arena, Zeros
from tests.renode.conftest import Program

ROOT = Path(__file__).parents[3]
FORKED = """
import os
import numpy as np
from renode.lockstep.arena import Arena
place = Arena(64, 16, np.zeros(4, np.uint8))
child = os.fork()
if child == 0:
    place.set(0, 7)
    os._exit(0)
os.waitpid(child, 0)
print(place.get(0))
"""

FORKED_MACHINE = """
import os, sys
from renode.elf import read_firmware
from renode.machine import Machine
from renode.target import bind
from tests.renode.targets import buffer_target
from pathlib import Path
firmware, target = read_firmware(Path(sys.argv[1])), buffer_target("loop")
machine = Machine(firmware, bind(firmware, target), target.core, hook=None, direct=False)
child = os.fork()
if child == 0:
    machine.arena[:4] = 7
    os._exit(0)
os.waitpid(child, 0)
print(machine.arena[:4].sum())
"""


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def test_a_process_forked_later_writes_into_memory_of_its_own() -> None:
    told = subprocess.run([sys.executable, "-c", FORKED], cwd=ROOT, capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "0"


def test_so_it_does_into_the_memory_of_unicorn(program: Program) -> None:
    command = [sys.executable, "-c", FORKED_MACHINE, str(program("calls.c"))]

    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "0"


def test_memory_that_was_read_and_never_written_takes_no_place() -> None:
    place = Arena(64, 2**20, np.zeros(4, np.uint8))
    before = resident()

    total = int(place.bytes.sum(dtype=np.uint64))

    assert total == 0
    assert resident() - before < 2**26


def test_memory_that_the_system_does_not_have_is_a_want_of_memory() -> None:
    with pytest.raises(MemoryError):
        Zeros(2**60)
