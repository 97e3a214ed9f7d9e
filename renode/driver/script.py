"""What Renode is given to read: a script that only sets variables, and a description of the memory around a platform."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from jobs.assessing import Platform
from jobs.errors import SimulatorUnavailable
from renode.driver.boards import BOARDS, Board
from renode.target import PAGE, Binding

HERE = Path(__file__).resolve().parents[1]
PLATFORMS, SCRIPT = HERE / "platforms", HERE / "scripts" / "twin.resc"
RUN, BOARD, PLATFORM, TWIN = "run.resc", "board.repl", "platform.repl", "twin.resc"
MIPS = 100
"""Millions of instructions in a second of virtual time."""
QUANTUM = "0.001"
"""Of virtual time: how often Renode looks around, which is where a sleeping core spends its time."""
_OWN = 0x100000
"""Our own page and scratch memory lie in as much (renode/target.py)."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a machine is made from."""

    elf: Path
    platform: Platform
    binding: Binding
    seed: int


def write(setup: Setup, folder: Path) -> Path:
    """Write what Renode reads into `folder`, an absolute path, and return the script that begins it all."""
    shutil.copyfile(PLATFORMS / f"{setup.platform.value}.repl", folder / PLATFORM)
    shutil.copyfile(SCRIPT, folder / TWIN)
    (folder / BOARD).write_text(description(setup.platform, setup.binding))
    run = folder / RUN
    run.write_text(parameters(setup, folder))
    return run


def parameters(setup: Setup, folder: Path) -> str:
    """Return the script of a run: variables, and the script that uses them."""
    lines = [
        f"$elf={path(setup.elf.resolve())}",
        f"$platform={path(folder / BOARD)}",
        f"$mips={MIPS}",
        f"$seed={setup.seed % 2**31}",
        f'$quantum="{QUANTUM}"',
        f"include {path(folder / TWIN)}",
    ]
    return "\n".join(lines) + "\n"


def description(platform: Platform, binding: Binding) -> str:
    """Return the platform's description with the memory that it lacks: the target's on a bare core, and our own."""
    board = BOARDS[platform]
    lines = [f'using "./{PLATFORM}"']
    for number, (start, size) in enumerate(_added(board, binding)):
        lines += ["", f"region{number}: Memory.MappedMemory @ sysbus 0x{start:08x}", f"    size: 0x{size:x}"]
    return "\n".join(lines) + "\n"


def path(place: Path) -> str:
    """Return how the monitor reads a path; raise SimulatorUnavailable for one that it cannot read."""
    text = str(place)
    if not place.is_absolute() or ";" in text or "\\" in text or not text.isprintable():
        raise SimulatorUnavailable(f"Renode cannot be told the path {text!r}", field="simulator.engine", reason="path")
    return "@" + text.replace(" ", "\\ ")


def _added(board: Board, binding: Binding) -> list[tuple[int, int]]:
    """Return [start, size) of memory to be added, in order."""
    own = binding.stop + PAGE - _OWN
    added = [(region.start, region.size) for region in binding.regions] if board.is_bare else []
    return added if board.answers(own, _OWN) else [*added, (own, _OWN)]
