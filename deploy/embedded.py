"""The whole farm on this machine, from PyPI alone: `python -m deploy.embedded up|stores|down|status`.

Starts what the Procfile names, and stores of its own unless settings name others: DASEIN_REDIS_URL, DASEIN_GRAPH_URL,
DASEIN_CACHE_URL. Everything listens on
loopback; data, logs and notes lie below DASEIN_DATA_DIR and survive a restart.
"""

import signal
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path
from types import FrameType

from pydantic import ValidationError

from config.access import is_closed
from config.refused_settings import refused
from config.settings import Settings
from deploy import targets
from deploy.daemon import Daemon
from deploy.farm import (
    STORES,
    Server,
    answers,
    forget_workers,
    metrics_ports,
    servers,
    workers,
)
from deploy.procfile import ROOT
from deploy.redis_servers import LOOPBACK
from jobs.queue import QUEUES

READY_S = 90
AGAIN_S = 20
"""After which a store that does not even listen is started once more: on an overloaded machine one may get stuck."""
STOP_S = 15
LOOK_S = 0.05
NOT_RUNNING = 3


class Failed(Exception):
    """Something did not come up; the message says what, and what it said last."""


def main(arguments: Sequence[str]) -> int:
    """Do what is asked for; return the exit status."""
    verbs = {"up": up, "stores": stores, "down": down, "status": status}
    if len(arguments) != 1 or arguments[0] not in verbs:
        sys.stderr.write("usage: python -m deploy.embedded up|stores|down|status\n")
        return 2
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        settings = Settings()
        settings = settings.model_copy(update={"data_dir": settings.data_dir.absolute()})
        with _alone(settings.data_dir):
            return verbs[arguments[0]](settings)
    except Failed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except ValidationError as error:
        sys.stderr.writelines(f"{line}\n" for line in refused(error))
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return 130


def up(settings: Settings) -> int:
    """Start what does not run yet and wait until everything is ready; stop what was started again if that fails."""
    _need_redis(settings)
    ports = metrics_ports(settings)
    wanted = servers(settings, ports)
    targets.write(settings, workers(settings), ports)
    missing = _missing(wanted)
    try:
        _start(server for server in missing if server.is_store)
        _wait(server for server in wanted if server.is_store)
        if any(server.pool for server in missing):
            forget_workers(settings)
        _start(server for server in missing if not server.is_store)
        _wait(wanted)
    except BaseException:
        _stop([server.daemon for server in missing], settings)
        raise
    where = "DASEIN_FLOWER_PASSWORD" if settings.flower_password else str(settings.flower_password_file)
    keys = (
        "callers need a key or a token"
        if is_closed(settings)
        else "no keys: `make key` makes the first, for others than this machine"
    )
    _say(f"web      http://{settings.host}:{settings.port}  {keys}")
    built = (ROOT / "web" / "ui" / "dist" / "index.html").is_file()
    _say(f"page     http://{settings.host}:{settings.port}/app/{'' if built else '  not built: `make ui`'}")
    _say(f"flower   http://{LOOPBACK}:{settings.flower_port}  user {settings.flower_user}, password in {where}")
    _say(f"redis    {_public(settings)}")
    names = [name for _, name in workers(settings)]
    _say(f"workers  {', '.join(names)}")
    _say(f"metrics  {targets.path(settings)} tells Prometheus where")
    _say(f"data     {settings.data_dir}")
    return 0


def stores(settings: Settings) -> int:
    """Start the stores that are ours and nothing else, as for a restore; `up` starts the rest beside them."""
    _need_redis(settings)
    wanted = [server for server in servers(settings) if server.is_store]
    missing = _missing(wanted)
    try:
        _start(missing)
        _wait(wanted)
    except BaseException:
        _stop([server.daemon for server in missing], settings)
        raise
    _say(f"stores   {', '.join(server.daemon.name for server in wanted) or 'none is ours'}")
    return 0


def down(settings: Settings) -> int:
    """Stop everything that was started, also by other settings; data stays."""
    names = [note.stem for note in (settings.data_dir / "run").glob("*.json")]
    _stop([Daemon(name, settings.data_dir) for name in names], settings)
    return 0


def status(settings: Settings) -> int:
    """Say what runs; return NOT_RUNNING unless all of it does and is ready."""
    everything = True
    for server in servers(settings):
        process = server.daemon.process()
        word = "not running" if process is None else "ready" if server.ready() else "not ready"
        everything = everything and word == "ready"
        _say(f"{server.daemon.name:<14} {process.pid if process else '-':>8}  {word}")
    return 0 if everything else NOT_RUNNING


def _need_redis(settings: Settings) -> None:
    if settings.redis_url is not None and not answers(settings.redis):
        raise Failed(f"No Redis answers at {_public(settings)} (DASEIN_REDIS_URL).")


def _missing(wanted: Iterable[Server]) -> list[Server]:
    """Return those that do not run; raise Failed where another program has the port of one."""
    missing = [server for server in wanted if server.daemon.process() is None]
    for server in missing:
        if server.place is not None and not server.place.is_free():
            place = server.place
            raise Failed(
                f"{server.daemon.name}: port {place.port} of {place.host} is in use; choose another by {place.setting}."
            )
    return missing


def _start(found: Iterable[Server]) -> None:
    for server in found:
        server.daemon.start(server.command, folder=ROOT, environment=server.environment)


def _wait(found: Iterable[Server]) -> None:
    """Wait until all servers are ready; raise Failed with the last words of one that is not."""
    waiting = list(found)
    begun = time.monotonic()
    latest, again = begun + READY_S, {server.daemon.name for server in waiting if server.is_store}
    while waiting:
        for server in waiting:
            name = server.daemon.name
            # One that listens reads its data, however long that takes.
            if name in again and time.monotonic() > begun + AGAIN_S and server.place and server.place.is_free():
                again.remove(name)
                server.daemon.end(within_s=0)
                _start([server])
            if server.daemon.process() is None:
                raise Failed(
                    f"{name} ended while it started. Its log, {server.daemon.log}:\n{server.daemon.last_words()}"
                )
            if time.monotonic() > latest:
                raise Failed(f"{name} is not ready. Its log, {server.daemon.log}:\n{server.daemon.last_words()}")
        waiting = [server for server in waiting if not server.ready()]
        if waiting:
            time.sleep(LOOK_S)


def _stop(daemons: Sequence[Daemon], settings: Settings) -> None:
    """Stop all at once, and the stores after them: what ends still writes to them."""
    others = [daemon for daemon in daemons if daemon.name not in STORES]
    for some in (others, [daemon for daemon in daemons if daemon.name in STORES]):
        for daemon in some:
            daemon.ask_to_stop()
        for daemon in some:
            drain_s = settings.drain_s if daemon.name.startswith(QUEUES) else 0
            if not daemon.end(within_s=STOP_S + drain_s):
                _say(f"{daemon.name} was stopped by force")


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Let only one command at a time start or stop this farm."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / "lock").open("w") as lock:
        flock(lock, LOCK_EX)
        yield


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _public(settings: Settings) -> str:
    """Return Redis's URL without what is secret in it."""
    scheme, _, rest = settings.redis.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
