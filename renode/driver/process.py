"""One Renode process: its own folder, its own process group, and an end that it cannot put off.

Renode opens its monitor to every interface of the machine and asks nobody who they are; it serves one connection at a
time, so it is ours from the moment we are connected. docs/renode.md says how to keep the rest away.
"""

import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock

from jobs.errors import SimulatorLost, SimulatorUnavailable

LOG = "renode.log"
CONFIG = "renode.config"
HISTORY = "history"
_PORT = re.compile(rb"Monitor available in telnet mode on port (\d{1,5})")
_VERSION = re.compile(r"\bv?(\d+\.\d+\.\d+)")
_LOOK_S = 0.02
_VERSION_S = 60.0
_TAIL = 600
_FAREWELL_S = 0.5
_PREFIX = "dasein-renode-"
_SETTLED_S = 60.0
"""Age from which a folder that nobody holds is one that was left behind."""
_HANDED_ON = (
    *("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH"),
    *("DOTNET_ROOT", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "DOTNET_GCHeapHardLimit"),
)
"""What Renode may know of our environment: no setting of the farm, so no password."""
_UNPACKED = "DOTNET_BUNDLE_EXTRACT_BASE_DIR"


def version_of(program: str) -> str:
    """Return the version of the Renode that `program` starts; raise SimulatorUnavailable with the reason."""
    found = shutil.which(program)
    if found is None:
        raise SimulatorUnavailable(f"there is no program {program}", reason="absent")
    try:
        with tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as home:
            ran = subprocess.run(
                [found, "--version"],
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                timeout=_VERSION_S,
                env=_environment(Path(home)),
                stdin=subprocess.DEVNULL,
            )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SimulatorUnavailable(f"{program} --version does not run: {error}", reason="broken") from error
    version = _VERSION.search(ran.stdout)
    if ran.returncode != 0 or version is None:
        said = " ".join((ran.stdout + ran.stderr).split())[:_TAIL]
        raise SimulatorUnavailable(f"{program} --version ended with {ran.returncode}: {said}", reason="broken")
    return version.group(1)


class Process:
    """A running Renode, until `end`."""

    def __init__(self, program: str) -> None:
        """Start `program`; raise SimulatorUnavailable."""
        found = shutil.which(program)
        if found is None:
            raise SimulatorUnavailable(f"there is no program {program}", field="simulator.engine", reason="absent")
        _sweep(Path(tempfile.gettempdir()))
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX)).resolve()  # nobody else may enter it
        self._closing = Lock()
        self._held: int | None = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(self._held, fcntl.LOCK_EX)  # for as long as this process lives, however it ends
        config = self.folder / CONFIG
        config.write_text(f"[general]\nhistory-path = {self.folder / HISTORY}\nuse-synchronous-logging = True\n")
        arguments = ("--plain", "--disable-gui", "--hide-analyzers", "--config", str(config), "-P", str(_free_port()))
        self._process: subprocess.Popen[bytes] | None = None
        try:
            with (self.folder / LOG).open("wb") as log:
                self._process = subprocess.Popen(
                    [*_bound_to_us(), found, *arguments],
                    cwd=self.folder,
                    env=_environment(self.folder),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        except OSError as error:
            self.end()
            raise SimulatorUnavailable(
                f"{program} does not start: {error}", field="simulator.engine", reason="broken"
            ) from error

    def port(self, *, within_s: float) -> int:
        """Wait for the port of its monitor and return it; raise SimulatorLost."""
        deadline = time.monotonic() + within_s
        while (process := self._process) is not None:
            status = process.poll()
            with suppress(FileNotFoundError):
                if found := _PORT.search((self.folder / LOG).read_bytes()):
                    return int(found.group(1))
            if status is not None:
                raise SimulatorLost(f"Renode ended with {status} as it started")
            if time.monotonic() > deadline:
                raise SimulatorLost(f"Renode has not opened its monitor within {within_s:g} s")
            time.sleep(_LOOK_S)
        raise SimulatorLost("Renode was ended as it started")

    def said(self) -> str:
        """Return how it ended, if it did, and the end of what it logged."""
        process, ended = self._process, ""
        if process is not None:
            with suppress(subprocess.TimeoutExpired):  # what hung up is about to end
                ended = f"it ended with {process.wait(_FAREWELL_S)}. "
        with suppress(OSError):
            with (self.folder / LOG).open("rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
                log = " ".join(file.read(_TAIL).decode("utf-8", "replace").split())
            return f"{ended}Its log ends: {log or 'it is empty'}"
        return ended

    def end(self) -> None:
        """Kill its group and remove its folder; may be called twice, and from another thread."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        with self._closing:  # one of two threads closes it, as its number may soon be another file's
            held, self._held = self._held, None
        if held is not None:
            os.close(held)


def _sweep(root: Path) -> None:
    """Remove the folders of workers that were killed: what firmware was given, keys too, lies in them."""
    for folder in root.glob(f"{_PREFIX}*"):
        with suppress(OSError):  # another one's, gone, or no folder
            place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                told = os.fstat(place)
                if told.st_uid == os.geteuid() and time.time() - told.st_mtime > _SETTLED_S:
                    fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(place)


def _free_port() -> int:
    """Return a port that nobody listens on now. Not all versions say which one they got when asked for any.

    Should another process take it meanwhile, Renode does not start, and says so.
    """
    with socket.socket() as probe:
        probe.bind(("", 0))
        port: int = probe.getsockname()[1]
        return port


def _bound_to_us() -> tuple[str, ...]:
    """Return what has the kernel end the process with the thread that starts it, should that be killed."""
    found = shutil.which("setpriv")
    return () if found is None else (found, "--pdeathsig", "KILL", "--")


def _environment(folder: Path) -> Mapping[str, str]:
    """Return the environment of a Renode whose home is `folder`; what .NET unpacks of itself stays where it would be."""
    known = {name: os.environ[name] for name in _HANDED_ON if name in os.environ}
    unpacked = os.environ.get(_UNPACKED) or (f"{os.environ['HOME']}/.net" if "HOME" in os.environ else None)
    if unpacked is not None:
        known[_UNPACKED] = unpacked
    return {**known, "HOME": str(folder), "TMPDIR": str(folder)}
