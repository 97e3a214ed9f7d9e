"""Keeps the model host of this machine running, from the parent process of a pool, which itself touches no model."""

import atexit
import os
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread

import structlog

from workers.remforge.models.options import HostOptions

BACKOFF_FIRST_S = 0.5
BACKOFF_LONGEST_S = 30.0
STEADY_S = 60.0
"""A host that ran for so long has not failed to start."""
MARGIN_S = 5.0
PREFORK = ("prefork", "processes")
ROOT = Path(__file__).resolve().parents[3]
"""Of the imports, wherever the pool was started."""

log = structlog.get_logger(__name__)


class Spawned:
    """A child process, started without a moment in which a fork by another thread could keep it from starting.

    `subprocess.Popen` waits until nobody holds the other end of a pipe. The processes of a pool, forked meanwhile, hold it for
    as long as they live.
    """

    def __init__(self, command: list[str], environment: Mapping[str, str]) -> None:
        """Start a command in a session of its own, without standard input."""
        nothing = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
        self.pid = os.posix_spawn(command[0], command, environment, file_actions=[nothing], setsid=True)
        # Stands for this process alone, also when its number is another one's.
        self._handle = os.pidfd_open(self.pid)

    def send(self, number: signal.Signals) -> None:
        """Send a signal, unless it has ended."""
        with suppress(OSError):
            signal.pidfd_send_signal(self._handle, number)

    def wait(self) -> int:
        """Wait for its end, once; return its exit code, negative where a signal ended it."""
        _, status = os.waitpid(self.pid, 0)
        os.close(self._handle)
        return os.waitstatus_to_exitcode(status)


class Supervisor:
    """Starts the model host, starts it again when it ends, and stops it."""

    def __init__(self, options: HostOptions, *, backoff_s: float = BACKOFF_FIRST_S) -> None:
        """Look after a host with these options; wait `backoff_s` before its second start, doubled up to half a minute."""
        self._options = options
        self._backoff_s = backoff_s
        self._owner = os.getpid()
        self._starting = Lock()
        self._stopping = Event()
        self._process: Spawned | None = None
        # The host gets a signal when the thread that started it ends, so one thread starts all and lives on.
        self._thread = Thread(target=self._look_after, name="model-host", daemon=True)

    def start(self) -> None:
        """Start the host; return at once."""
        self._thread.start()
        atexit.register(self.stop)

    def stop(self) -> None:
        """End the host in order; kill it when that takes too long. Does nothing in a child that was forked."""
        if os.getpid() != self._owner or not self._thread.is_alive():
            return
        with self._starting:
            self._stopping.set()
            process = self._process
        if process is not None:
            process.send(signal.SIGTERM)
            self._thread.join(self._options.grace_s + MARGIN_S)
            if self._thread.is_alive():
                log.error("model_host_killed", pid=process.pid)
                process.send(signal.SIGKILL)
        self._thread.join()

    @property
    def pid(self) -> int | None:
        """Return the process id of the host that was started last."""
        return None if self._process is None else self._process.pid

    def _look_after(self) -> None:
        backoff_s = self._backoff_s
        while (process := self._started()) is not None:
            began = time.monotonic()
            code = process.wait()
            if time.monotonic() - began >= STEADY_S:
                backoff_s = self._backoff_s
            if not self._stopping.is_set():
                log.error("model_host_ended", code=code, again_in_s=backoff_s)
                self._stopping.wait(backoff_s)
            backoff_s = min(2 * backoff_s, BACKOFF_LONGEST_S)

    def _started(self) -> Spawned | None:
        command = [sys.executable, "-m", "workers.remforge.models.host", *self._options.arguments()]
        with self._starting:
            if self._stopping.is_set():
                return None
            # A signal from the terminal is for the pool, which still needs its models to finish: hence another session.
            self._process = Spawned([*command, "--supervisor", str(self._owner)], _environment(self._options.threads))
            log.info("model_host_started", pid=self._process.pid)
            return self._process


class UnsafePool(Exception):
    """A pool that could not keep its promises with models."""


def check_pool(pool: str, *, cuda_initialised: bool) -> None:
    """Refuse a pool that enforces no time limits, or whose children would inherit a CUDA that they cannot use.

    `pool` is Celery's name of it, or its class's. Raise UnsafePool.
    """
    name = pool.lower()
    if not any(known == name or f".{known}:" in name for known in PREFORK):
        raise UnsafePool(f"The pool {pool} enforces no time limits; use -P prefork.")
    if cuda_initialised:
        raise UnsafePool("CUDA was initialised before the pool's processes are forked; only the model host may use it.")


def cuda_initialised() -> bool:
    """Say whether this process has used CUDA, without importing what could."""
    torch = sys.modules.get("torch")
    return torch is not None and bool(torch.cuda.is_initialized())


def _environment(threads: int) -> dict[str, str]:
    limits = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    # CUDA then counts GPUs as NVML does.
    return {**os.environ, **limits, "CUDA_DEVICE_ORDER": "PCI_BUS_ID", "PYTHONPATH": path}
