"""The folder in which the processes of a server count together."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[2]
MAKE = "from config.metrics_folder import make_folder; print(make_folder(), flush=True); input()"


class Owner:
    """A process that makes itself a folder, and waits for its end."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", MAKE], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.folder = Path(self._process.stdout.readline().strip())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def kill(self) -> None:
        """End it without a chance to remove anything."""
        self._process.kill()
        self._process.communicate()


def test_a_folder_is_its_owners_alone() -> None:
    with Owner() as owner:
        assert owner.folder.stat().st_mode & 0o777 == 0o700
        assert owner.folder.stat().st_uid == os.getuid()


def test_what_one_that_was_killed_left_is_removed_by_the_next() -> None:
    with Owner() as killed, Owner() as alive:
        killed.kill()

        with Owner() as third:
            assert not killed.folder.exists()
            assert alive.folder.exists()
            assert third.folder.exists()
