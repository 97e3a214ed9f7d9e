"""A server process that outlives the command that started it.

`<data>/run/<name>.json` says which process it is: its id and when it began, so that another process that came by the
same id later is never taken for it. `<data>/logs/<name>.log` is what it says.
"""

import json
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

LOG_LIMIT_BYTES = 10 * 2**20
KILLED_S = 5
LOOK_S = 0.02
SAME_S = 0.01
"""How far two readings of a process's beginning may lie apart."""


class Daemon:
    """One server process by name, running or not."""

    def __init__(self, name: str, data: Path) -> None:
        """Keep its notes and logs below `data`."""
        self.name = name
        self._note = data / "run" / f"{name}.json"
        self.log = data / "logs" / f"{name}.log"

    def process(self) -> psutil.Process | None:
        """Return the process if it runs."""
        try:
            note = json.loads(self._note.read_text())
            process = psutil.Process(note["pid"])
            same = abs(process.create_time() - note["began"]) < SAME_S
            return process if same and _runs(process) else None
        except (FileNotFoundError, ValueError, KeyError, psutil.NoSuchProcess):
            return None

    def start(self, command: Sequence[str], *, folder: Path, environment: Mapping[str, str]) -> None:
        """Start it in `folder`, detached from this terminal and with nothing of ours open but its log."""
        for path in (self._note, self.log):
            path.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            child = subprocess.Popen(
                command,
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        note = {"pid": child.pid, "began": psutil.Process(child.pid).create_time()}
        self._note.write_text(json.dumps(note))
        # It is to be found by its note from now on, not by this object: nobody waits for it.
        child.returncode = 0

    def ask_to_stop(self) -> None:
        """Send it SIGTERM. Once is enough: a worker takes a second one for impatience, and drops what it runs."""
        if (process := self.process()) is not None:
            process.send_signal(signal.SIGTERM)

    def end(self, *, within_s: float) -> bool:
        """Wait for its end, and bring it about after `within_s`; return whether it went by itself."""
        process = self.process()
        willing = True
        if process is not None:
            family = process.children(recursive=True)
            willing = _ended([process], within_s=within_s)
            # What it left behind, too; psutil makes sure that these are still the same processes.
            for member in (process, *family):
                if _runs(member):
                    member.kill()
            _ended([process, *family], within_s=KILLED_S)
        self._note.unlink(missing_ok=True)
        return willing

    def last_words(self, lines: int = 15) -> str:
        """Return the end of its log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def _runs(process: psutil.Process) -> bool:
    """Say whether it runs; one that ended and that its new parent has not waited for does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _ended(processes: Sequence[psutil.Process], *, within_s: float) -> bool:
    latest = time.monotonic() + within_s
    while any(_runs(process) for process in processes):
        if time.monotonic() > latest:
            return False
        time.sleep(LOOK_S)
    return True
