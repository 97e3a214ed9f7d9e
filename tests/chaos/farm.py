"""The farm as `make up` starts it, every way from a process to a store through a proxy of its own, and kept running."""

import os
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP, Signals
from threading import Event, Lock, Thread

import psutil

from config.settings import Settings
from deploy.daemon import Daemon
from deploy.farm import Server, servers
from deploy.procfile import ROOT
from tests.chaos.acts import Targets
from tests.chaos.clock import Clock, has_compiler
from tests.chaos.disk import Disk
from tests.chaos.proxy import Network, Proxy
from tests.servers import free_port

LEASE_S, SWEEP_S, DRAIN_S = 4.0, 1.0, 3.0
READY_S = 120.0
LOOK_S = 0.1
SKEWED = ("simulation2", "ingest1")
REDIS, GRAPH, CACHE = "redis", "graph", "cache"
SPEAK = {REDIS: "DASEIN_REDIS_URL", GRAPH: "DASEIN_GRAPH_URL", CACHE: "DASEIN_CACHE_URL"}
NEEDS = {"simulation": (REDIS,), "query": (REDIS, GRAPH, CACHE), "ingest": (REDIS, GRAPH, CACHE), "web": (REDIS, GRAPH)}
"""The stores that pools and the web server speak to, each on a way of its own."""
POOLS = ("simulation", "query", "ingest")


class Farm:
    """Processes of a farm, known by the names that `make up` gives them."""

    def __init__(
        self, folder: Path, disk: Disk, network: Network, *, pools: Collection[str] = POOLS, **settings: object
    ) -> None:
        ports = {name: free_port() for name in ("port", "redis_port", "graph_port", "cache_port", "flower_port")}
        told = {"lease_s": LEASE_S, "sweep_s": SWEEP_S, "drain_s": DRAIN_S, "forge_workers": 0} | settings
        self.settings = Settings(data_dir=disk.folder, **ports, **told)  # type: ignore[arg-type]  # as pydantic reads them
        self.url = f"http://127.0.0.1:{self.settings.port}"
        self.disk = disk
        self.starts: dict[str, int] = {}
        self._notes = folder
        self._told = {name: str(value) for name, value in {**ports, **told}.items()}
        needed = {store for pool in pools for store in NEEDS[pool]}
        wanted = {*pools, *needed, "web"}
        found = [server for server in servers(self.settings) if (server.pool or server.daemon.name) in wanted]
        self.proxies: dict[str, Proxy] = {}
        self.clocks: dict[str, Clock] = {}
        self._servers = {server.daemon.name: self._behind_proxies(server, network, needed) for server in found}
        self._down_until: dict[str, float] = {}
        self._pids: set[int] = set()
        self._lock = Lock()
        self._stopped = Event()
        self._keeper = Thread(target=self._keep, name="keeper", daemon=True)

    def start(self) -> None:
        """Start everything, wait until it is ready, and keep it running from then on."""
        for stores in (True, False):
            some = [server for server in self._servers.values() if server.is_store == stores]
            for server in some:
                self._begin(server)
            for server in some:
                _until(server.ready, what=f"{server.daemon.name}: {server.daemon.last_words()}")
        self._keeper.start()

    def ready(self) -> None:
        """Wait until everything is ready again."""
        for server in self._servers.values():
            _until(server.ready, what=f"{server.daemon.name}: {server.daemon.last_words()}")

    def close(self) -> None:
        """Stop everything, the stores last."""
        self._stopped.set()
        if self._keeper.is_alive():
            self._keeper.join()
        for stores in (False, True):
            some = [server.daemon for server in self._servers.values() if server.is_store == stores]
            for daemon in some:
                daemon.ask_to_stop()
            for daemon in some:
                daemon.end(within_s=DRAIN_S + 5)

    def targets(self) -> Targets:
        """Return what there is to be harmed."""
        stores = [server.daemon.name for server in self._servers.values() if server.is_store]
        workers = [server.daemon.name for server in self._servers.values() if server.pool is not None]
        return Targets(
            workers=workers,
            web=("web",),
            stores=stores,
            ways=tuple(self.proxies),
            skewed=tuple(self.clocks),
            disk=("disk",) if self.disk.is_small else (),
        )

    def process(self, name: str) -> psutil.Process | None:
        """Return a process, if it runs."""
        return self._servers[name].daemon.process()

    def family(self, name: str) -> list[psutil.Process]:
        """Return a process and all below it."""
        process = self.process(name)
        with suppress(psutil.NoSuchProcess):
            return [] if process is None else [process, *process.children(recursive=True)]
        return []

    def signal(self, name: str, number: Signals, *, down_s: float) -> None:
        """Send a process a signal that ends it, and let it stay away for a while."""
        with self._lock:
            self._down_until[name] = time.monotonic() + down_s
        if (process := self.process(name)) is not None:
            _send(process, number)

    def heal(self) -> None:
        """Let nothing stay away any longer."""
        with self._lock:
            self._down_until.clear()

    def kill_child(self, name: str, choose: Callable[[list[psutil.Process]], psutil.Process]) -> None:
        """Kill a child."""
        if children := self.family(name)[1:]:
            _send(choose(children), SIGKILL)

    def pause(
        self, name: str, *, child: Callable[[list[psutil.Process]], psutil.Process] | None = None
    ) -> list[psutil.Process]:
        """Let a process and its children stand still, or one child; return who does."""
        family = self.family(name)
        if child is not None:
            family = [child(family[1:])] if family[1:] else []
        for process in family:
            _send(process, SIGSTOP)
        return family

    def logs(self) -> Iterator[tuple[str, Path]]:
        """Yield the names of processes and where each writes its log."""
        for server in self._servers.values():
            yield server.daemon.name, server.daemon.log

    def _behind_proxies(self, server: Server, network: Network, stores: Collection[str]) -> Server:
        """Return a server that reaches its stores through proxies, and keeps notes and log off the disk that is filled."""
        name, daemon = server.daemon.name, Daemon(server.daemon.name, self._notes)
        environment = dict(server.environment)
        environment |= {f"DASEIN_{setting.upper()}": value for setting, value in self._told.items()}
        for store in [one for one in NEEDS.get(server.pool or name, ()) if one in stores]:
            way = f"{name}-{store}"
            self.proxies[way] = network.proxy(getattr(self.settings, f"{store}_port"))
            environment |= {SPEAK[store]: f"redis://127.0.0.1:{self.proxies[way].port}/0"}
        if name in SKEWED and has_compiler():
            self.clocks[name] = Clock(self._notes, name)
            environment |= self.clocks[name].environment
        return replace(server, daemon=daemon, environment=environment)

    def _begin(self, server: Server) -> None:
        self.starts[server.daemon.name] = self.starts.get(server.daemon.name, 0) + 1
        server.daemon.start(server.command, folder=ROOT, environment=server.environment)
        if (process := server.daemon.process()) is not None:
            self._pids.add(process.pid)

    def _bury(self) -> None:
        """Let go of children that have ended: nobody else waits for them."""
        for pid in list(self._pids):
            with suppress(ChildProcessError):
                if os.waitpid(pid, os.WNOHANG) == (0, 0):
                    continue
            self._pids.discard(pid)

    def _keep(self) -> None:
        """Start again what has ended, as a supervisor would."""
        while not self._stopped.wait(LOOK_S):
            self._bury()
            for name, server in self._servers.items():
                with self._lock:
                    due = time.monotonic() >= self._down_until.get(name, 0)
                if due and server.daemon.process() is None and not self._stopped.is_set():
                    self._begin(server)


def resume(processes: list[psutil.Process]) -> None:
    """Let processes go on that stand still."""
    for process in processes:
        _send(process, SIGCONT)


def _send(process: psutil.Process, number: Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)


def _until(holds: Callable[[], bool], *, what: str) -> None:
    latest = time.monotonic() + READY_S
    while not holds():
        if time.monotonic() > latest:
            raise TimeoutError(f"not ready within {READY_S:g} s: {what}")
        time.sleep(LOOK_S)
