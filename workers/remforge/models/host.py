"""The model host: one process of a machine, executed and never forked, that holds the models for all its jobs.

    python -m workers.remforge.models.host --folder data --node a --specs '[...]' ...

It ends in order on SIGTERM, and when the process that started it is gone.
"""

import ctypes
import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from threading import Event, Thread

import structlog

from config.log_file import LogFile
from config.logs import LogOptions, configure_logs
from jobs.errors import StoreUnavailable
from jobs.forging import NodeModels
from stores.models_files import ModelFiles
from workers.remforge.models.embedding_cache import EmbeddingCache
from workers.remforge.models.guard import GpuGuard
from workers.remforge.models.model import Loader
from workers.remforge.models.nvml import DriverNvml
from workers.remforge.models.options import HostOptions, parsed
from workers.remforge.models.own_processes import HostRecord, clean, identity, keep_record
from workers.remforge.models.registry import Registry
from workers.remforge.models.server import Server
from workers.remforge.models.service import Service

TICK_S = 1.0
PRELOAD_S = 600.0
LOCK_S = 30.0
"""How long a host that is ending is waited for."""
EXIT_OCCUPIED = 75
EXIT_BROKEN = 70
EXIT_CUT_OFF = 1
PR_SET_PDEATHSIG = 1
"""prctl(2)."""

log = structlog.get_logger("workers.remforge.models.host")


def main(arguments: Sequence[str]) -> int:
    """Serve until told to end; return the exit code."""
    options, supervisor = parsed(arguments)
    configure_logs(_logs(options))
    stopping = Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    signal.signal(signal.SIGINT, lambda *_: stopping.set())
    if supervisor is not None:
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    _make_folders(options)
    with _lock(options.socket.with_suffix(".lock"), stopping) as alone:
        if not alone:
            log.error("host_occupied", socket=str(options.socket))
            return EXIT_OCCUPIED
        run = options.folder / "run"
        nvml = DriverNvml()
        clean(run, nvml, may_end=options.gpu_cleanup)
        with _recorded(run, options.node, supervisor):
            return _serve(options, nvml, supervisor, stopping)


def _logs(options: HostOptions) -> LogOptions:
    path = options.log_file
    return LogOptions(
        options.log_level, None if path is None else LogFile(path, options.log_limit_bytes, options.log_files)
    )


def make_loader(options: HostOptions) -> Loader:
    """Return the loader that `options.loader` names, as `module:function`."""
    module, _, name = options.loader.partition(":")
    loader: Loader = getattr(import_module(module), name)(
        offline=options.offline,
        allow_test_models=options.allow_test_models,
        cache_dir=options.models_folder,
        threads=options.threads,
    )
    return loader


def _serve(options: HostOptions, nvml: DriverNvml, supervisor: int | None, stopping: Event) -> int:
    guard = GpuGuard(options.device, nvml)
    registry = Registry(
        make_loader(options),
        options.specs,
        budget_bytes=options.budget_bytes,
        idle_s=options.idle_s,
        clock=time.monotonic,
        guard=guard,
    )
    cache = EmbeddingCache(options.cache, limit_bytes=options.cache_bytes)
    files = ModelFiles(options.folder)
    state = partial(_state, options, guard.place(0).device, registry, cache)
    server = Server(options.socket, Service(registry, cache).answer)
    log.info("host_started", socket=str(options.socket), models=[spec.source for spec in options.specs])
    Thread(target=registry.preload, kwargs={"patience_s": PRELOAD_S}, name="preload", daemon=True).start()
    while not stopping.is_set() and not registry.broken and supervisor in {None, os.getppid()}:
        registry.sweep()
        try:
            files.write(state())
        except StoreUnavailable as error:
            log.warning("state_not_written", reason=error.message)
        stopping.wait(TICK_S)
    finished = server.stop(grace_s=options.grace_s)
    files.remove(options.node)
    log.info("host_stopped", finished=finished, broken=registry.broken, orphaned=supervisor not in {None, os.getppid()})
    if not finished:
        # Its threads are in the middle of a model: there is no order left in which to end them.
        return EXIT_CUT_OFF
    # The process's end gives the memory of models back.
    cache.close()
    return EXIT_BROKEN if registry.broken else 0


def _state(options: HostOptions, device: str, registry: Registry, cache: EmbeddingCache) -> NodeModels:
    return NodeModels(
        node=options.node,
        at=time.time(),
        pid=os.getpid(),
        device=device,
        budget_bytes=options.budget_bytes,
        used_bytes=registry.used_bytes,
        cache_hits=cache.counts.hits,
        cache_misses=cache.counts.misses,
        models=registry.state(),
    )


def _make_folders(options: HostOptions) -> None:
    """Make the folders; refuse one for temporary files in which somebody else could put another socket."""
    run, folder = options.folder / "run", options.socket.parent
    run.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.stat()
    if folder != run.resolve() and (status.st_uid != os.getuid() or status.st_mode & 0o022):
        msg = f"{folder} belongs to others, or may be written by them"
        raise SystemExit(msg)


@contextmanager
def _lock(path: Path, stopping: Event) -> Iterator[bool]:
    """Give whether no other host serves this socket; the lock ends with the process, however that ends."""
    with path.open("w") as file:
        deadline = time.monotonic() + LOCK_S
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline or stopping.wait(0.1):
                    yield False
                    return
            else:
                yield True
                return


@contextmanager
def _recorded(folder: Path, node: str, supervisor: int | None) -> Iterator[None]:
    host, parent = identity(os.getpid()), identity(os.getppid() if supervisor is None else supervisor)
    if host is None or parent is None:
        msg = "the process that started this one is gone"
        raise SystemExit(msg)
    path = keep_record(folder, node, HostRecord(host, parent))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    # Without waiting for threads that are inside a model.
    os._exit(code)
