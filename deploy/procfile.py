"""The Procfile: which processes there are, and the one place where their commands are written."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]


def commands(path: Path = ROOT / "Procfile") -> Mapping[str, str]:
    """Return the shell command of every process kind."""
    lines = (line.strip() for line in path.read_text().splitlines())
    pairs = (line.partition(":") for line in lines if line and not line.startswith("#"))
    return {name.strip(): command.strip() for name, _, command in pairs}


def arguments(command: str) -> Sequence[str]:
    """Return the arguments that run `command` in a shell, which it then replaces."""
    return ["/bin/sh", "-c", f"exec {command}"]


def environment(base: Mapping[str, str]) -> dict[str, str]:
    """Return `base` with our modules and this interpreter's commands within reach."""
    programs = str(Path(sys.executable).parent)
    return {**base, "PYTHONPATH": str(ROOT), "PATH": f"{programs}:{base.get('PATH', '/usr/bin:/bin')}"}
