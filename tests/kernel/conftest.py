"""Both modules built once, and the guests booted once each."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.kernel import machine
from tests.servers import demand


@pytest.fixture(scope="session")
def compiler() -> list[str]:
    """Return a C compiler for this machine: its own, else zig, which comes with the locked dependencies."""
    own = shutil.which("cc") or shutil.which("gcc")
    return [own] if own else [sys.executable, "-m", "ziglang", "cc"]


@pytest.fixture(scope="session")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the modules without a warning; return their folder."""
    demand("guest", present=machine.lacks() is None)
    folder = tmp_path_factory.mktemp("modules")
    said = machine.build(folder, warnings=True)
    (folder / "said").write_text(said)
    return folder


@pytest.fixture(scope="session")
def told(modules: Path, tmp_path_factory: pytest.TempPathFactory) -> machine.Told:
    """Run the checks in a guest with two CPUs."""
    return machine.boot(modules, tmp_path_factory.mktemp("guest"), "", "-smp", "2")


@pytest.fixture(scope="session")
def told_exactly(modules: Path, tmp_path_factory: pytest.TempPathFactory) -> machine.Told:
    """Run the check of time in a guest whose clock counts instructions."""
    return machine.boot(modules, tmp_path_factory.mktemp("exact"), "exact", "-icount", "shift=1,sleep=off")
