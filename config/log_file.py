"""A log that stays within bounds while it is written, by any number of processes at once.

Standard output and error of a process are the file, so what libraries and crashing interpreters print lies there, too. A file
that is full is renamed; whoever finds that the name stands for another file than the one it writes to opens that one.
Nothing is lost and nothing is written twice.
"""

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

OUTPUTS = (1, 2)
STDERR = 2
MODE = 0o640


@dataclass(frozen=True, slots=True)
class LogFile:
    """Where a log lies, how large it becomes, and how many full ones are kept as `<name>.1`, `<name>.2` ..."""

    path: Path
    limit_bytes: int
    kept: int


class BoundedFile:
    """The file as a text stream, for a handler of the standard library."""

    def __init__(self, place: LogFile) -> None:
        """Send standard output and error to the file from now on."""
        self._place = place
        self._path = place.path.absolute()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._open()

    def write(self, text: str) -> None:
        """Write a whole line."""
        try:
            self._look()
        except OSError as error:
            # Better a line in a file that is too long than none: the next one tries again.
            text = (
                f"{text.rstrip()}\n" + f'{{"event": "log_not_put_aside", "level": "error", "error": "{error.errno}"}}\n'
            )
        # In one piece, which the kernel appends whole: processes do not cut each other's lines.
        os.write(STDERR, text.encode(errors="backslashreplace"))

    def flush(self) -> None:
        """Do nothing: nothing is held back."""

    def _look(self) -> None:
        ours = os.fstat(STDERR)
        if not _is(ours, self._path):
            self._open()
        elif ours.st_size >= self._place.limit_bytes:
            self._put_aside()
            self._open()

    def _open(self) -> None:
        found = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, MODE)
        for output in OUTPUTS:
            os.dup2(found, output)
        os.close(found)

    def _put_aside(self) -> None:
        """Rename the file, unless another process is doing or has done so."""
        with self._path.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            status = os.fstat(file.fileno())
            if not _is(status, self._path) or status.st_size < self._place.limit_bytes:
                return
            for number in range(self._place.kept - 1, 0, -1):
                if self._aside(number).exists():
                    self._aside(number).replace(self._aside(number + 1))
            self._path.replace(self._aside(1))

    def _aside(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")


def _is(status: os.stat_result, path: Path) -> bool:
    try:
        return os.path.samestat(status, path.stat())
    except FileNotFoundError:
        return False
