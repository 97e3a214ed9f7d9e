"""A foreign guest gets what its checks import."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from tests.kernel.debian import ROOT, lay_repository

IMPORT = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"


def test_the_checks_need_only_what_a_foreign_guest_gets(tmp_path: Path) -> None:
    """Its Python has numpy and no other package, so this one is started without its own."""
    lay_repository(tmp_path)
    for numpy in Path(np.__file__).parents[1].glob("numpy*"):
        (tmp_path / numpy.name).symlink_to(numpy)
    checks = [path.stem for path in (ROOT / "tests/kernel/guest").glob("*.py") if not path.stem.startswith("__")]

    # -S: the packages of this installation, the repository itself among them, are not on the path.
    imported = subprocess.run(
        [sys.executable, "-S", "-c", IMPORT, *(f"tests.kernel.guest.{name}" for name in checks)],
        cwd=tmp_path,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )

    assert checks
    assert imported.returncode == 0, imported.stderr
