"""A small disk of its own for a farm, which can be filled without harm to anybody else."""

import subprocess
from contextlib import suppress
from pathlib import Path

BALLAST = "ballast"
PIECE = bytes(2**20)


class Disk:
    """A folder; given its size and where we may mount, a file system of its own."""

    def __init__(self, folder: Path, *, megabytes: int) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.is_small = False
        """Whether it is one of its own, so that it may be filled."""
        if not megabytes:
            return
        command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "dasein-chaos", str(folder)]
        with suppress(FileNotFoundError):
            self.is_small = subprocess.run(command, check=False, capture_output=True).returncode == 0

    def fill(self) -> None:
        """Leave no room on it."""
        with (self.folder / BALLAST).open("wb", buffering=0) as ballast:
            for piece in (PIECE, PIECE[:4096]):
                # Until the disk says that it is full.
                with suppress(OSError):
                    while ballast.write(piece):
                        pass

    def clear(self) -> None:
        """Give the room back."""
        (self.folder / BALLAST).unlink(missing_ok=True)

    def close(self) -> None:
        """Take it away, with all that is on it."""
        if self.is_small:
            subprocess.run(["umount", "-l", str(self.folder)], check=True)
