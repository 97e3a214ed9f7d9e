"""Little programs, compiled when a test first asks for them."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jobs.target import Core

PROGRAMS = Path(__file__).parent / "programs"
ROOT = PROGRAMS.parents[2]

Program = Callable[..., Path]


def compile_program(source: str, core: Core, flags: tuple[str, ...], elf: Path) -> None:
    """Build `source` for `core` with further `flags`."""
    cache = ROOT / "build" / "firmware" / ".cache"  # shared with the firmware's own build
    environment = {**os.environ, "ZIG_GLOBAL_CACHE_DIR": str(cache), "ZIG_LOCAL_CACHE_DIR": str(cache)}
    command = [sys.executable, "-m", "ziglang", "cc", "-target", "thumb-freestanding-eabi"]
    command += [f"-mcpu={core.value.replace('-', '_')}", "-Os", "-g", "-nostdlib", "-fno-stack-protector"]
    command += ["-fno-builtin", "-fno-sanitize=all", f"-Wl,-T,{PROGRAMS / 'link.ld'}", "-Wl,--no-gc-sections"]
    command += [*flags, f"tests/renode/programs/{source}", "-o", str(elf)]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Return a function that builds `source` for `core` and returns the ELF; further flags come last."""
    out = tmp_path_factory.mktemp("programs")
    built: dict[tuple[str, ...], Path] = {}

    def build(source: str, core: Core = Core.M4, *flags: str) -> Path:
        key = (source, core.value, *flags)
        if key not in built:
            elf = out / f"{len(built)}.elf"
            compile_program(source, core, flags, elf)
            built[key] = elf
        return built[key]

    return build
