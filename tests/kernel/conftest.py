"""Both modules built once, and the guests booted once each."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kernel import debian, machine
from tests.servers import demand


@pytest.fixture(scope="session")
def compiler() -> list[str]:
    """Return a C compiler for this machine: its own, else zig, which comes with the locked dependencies."""
    own = shutil.which("cc") or shutil.which("gcc")
    return [own] if own else [sys.executable, "-m", "ziglang", "cc"]


@pytest.fixture(scope="session")
def amd64() -> debian.Parts:
    """Return what a guest like this machine is made of."""
    return _parts("guest", debian.amd64)


@pytest.fixture(scope="session")
def arm64() -> debian.Parts:
    """Return what a guest of the other architecture is made of."""
    return _parts("guest-arm64", debian.arm64)


def _parts(name: str, find: Callable[[], debian.Parts]) -> debian.Parts:
    try:
        return find()
    except debian.Absent as error:
        demand(name, present=False, why=str(error))
        raise


@pytest.fixture(scope="session")
def modules(amd64: debian.Parts, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the modules with all warnings; return their folder."""
    return _built(amd64, tmp_path_factory.mktemp("amd64"))


@pytest.fixture(scope="session")
def arm64_modules(arm64: debian.Parts, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the modules for the other architecture with all warnings; return their folder."""
    return _built(arm64, tmp_path_factory.mktemp("arm64"))


def _built(parts: debian.Parts, folder: Path) -> Path:
    said = machine.build(parts, folder, warnings=True)
    (folder / "said").write_text(said)
    return folder


@pytest.fixture(scope="session")
def told(amd64: debian.Parts, modules: Path, tmp_path_factory: pytest.TempPathFactory) -> machine.Told:
    """Run the checks in a guest with two CPUs."""
    return machine.boot(amd64, modules, tmp_path_factory.mktemp("guest"), options=("-smp", "2"))


@pytest.fixture(scope="session")
def told_exactly(amd64: debian.Parts, modules: Path, tmp_path_factory: pytest.TempPathFactory) -> machine.Told:
    """Run the check of time in a guest whose clock counts instructions."""
    options = ("-icount", "shift=1,sleep=off")
    return machine.boot(amd64, modules, tmp_path_factory.mktemp("exact"), "exact", options=options)


@pytest.fixture(scope="session")
def told_on_arm64(arm64: debian.Parts, arm64_modules: Path, tmp_path_factory: pytest.TempPathFactory) -> machine.Told:
    """Run the checks in a guest of the other architecture."""
    return machine.boot(arm64, arm64_modules, tmp_path_factory.mktemp("arm"), options=("-smp", "2"))
