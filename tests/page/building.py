"""The built page, made by `make ui` as a user would."""

import shutil
import subprocess
from fcntl import LOCK_EX, flock
from pathlib import Path

ROOT = Path(__file__).parents[2]
UI = ROOT / "web" / "ui"
LONGEST_S = 600


def can_build() -> bool:
    """Say whether there is a Node.js, of the system or in the virtual environment."""
    return shutil.which("node") is not None or (ROOT / ".venv" / "bin" / "node").exists()


def build() -> None:
    """Build what is not built or was changed since; one of several test processes does, the others wait for it."""
    with (UI / ".build.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        done = subprocess.run(
            ["make", "--no-print-directory", "ui"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=LONGEST_S,
            check=False,
        )
    assert done.returncode == 0, f"make ui: {done.stdout}{done.stderr}"
