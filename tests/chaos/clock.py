"""The wall clock of some processes, set apart from the machine's while they run."""

import struct
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

SOURCE = Path(__file__).parent / "clock.c"


def has_compiler() -> bool:
    """Say whether the library that does it can be built."""
    return sys.platform == "linux" and find_spec("ziglang") is not None


class Clock:
    """A clock that is right until it is set, for all processes that are started with its environment."""

    def __init__(self, folder: Path, name: str) -> None:
        self._library = folder / "clock.so"
        self._place = folder / f"{name}.clock"
        if not self._library.exists():
            command = ["-m", "ziglang", "cc", "-shared", "-fPIC", "-O2", str(SOURCE), "-o", str(self._library)]
            subprocess.run([sys.executable, *command], check=True)
        self.set(0)

    @property
    def environment(self) -> Mapping[str, str]:
        """Return what a process is to be started with."""
        return {"LD_PRELOAD": str(self._library), "CHAOS_CLOCK": str(self._place)}

    def set(self, ahead_s: float) -> None:
        """Set it ahead of the machine's, or with a negative number back."""
        # Written in place: processes have the file before their eyes.
        with self._place.open("r+b" if self._place.exists() else "wb") as file:
            file.write(struct.pack("d", ahead_s))
