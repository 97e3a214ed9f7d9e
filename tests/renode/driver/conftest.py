"""A stand-in for Renode, as a program."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from renode.firmware.build import build_all

ROOT = Path(__file__).parents[3]
VERSION = "1.16.1"


def stand_in(folder: Path, mode: str = "good") -> str:
    """Write a program that starts the stand-in in a mode, and return its path."""
    program = folder / f"renode-{mode}"
    script = ROOT / "tests" / "renode" / "peer" / "program.py"
    program.write_text(
        f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} {script} --peer-mode {mode} "$@"\n', encoding="utf-8"
    )
    program.chmod(0o755)
    return str(program)


@pytest.fixture
def peer(tmp_path: Path) -> Callable[..., str]:
    """Return a function that gives the program of a mode, by default the good one."""
    return partial(stand_in, tmp_path)


@pytest.fixture(scope="session")
def elfs() -> dict[str, Path]:
    """Build our firmware, where it is not built yet, and return it by name."""
    return {path.stem: path for path in build_all(ROOT / "build" / "firmware")}
