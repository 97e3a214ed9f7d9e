"""The whole farm on this machine, from PyPI alone: `python -m deploy.embedded up|down|status`.

Starts what the Procfile names, and a Redis of its own unless DASEIN_REDIS_URL names one. Everything listens on
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

from config.settings import Settings
from deploy.daemon import Daemon
from deploy.farm import (
    LOOPBACK,
    POOL,
    REDIS,
    Server,
    forget_workers,
    password_file,
    redis_answers,
    servers,
)
from deploy.procfile import ROOT

READY_S = 60
STOP_S = 15
LOOK_S = 0.05
NOT_RUNNING = 3


class Failed(Exception):
    """Something did not come up; the message says what, and what it said last."""


def main(arguments: Sequence[str]) -> int:
    """Do what is asked for; return the exit status."""
    verbs = {"up": up, "down": down, "status": status}
    if len(arguments) != 1 or arguments[0] not in verbs:
        sys.stderr.write("usage: python -m deploy.embedded up|down|status\n")
        return 2
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        settings = Settings()
        settings = settings.model_copy(update={"data_dir": settings.data_dir.absolute()})
        with _alone(settings.data_dir):
            return verbs[arguments[0]](settings)
    except (Failed, ValidationError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return 130


def up(settings: Settings) -> int:
    """Start what does not run yet and wait until everything is ready; stop what was started again if that fails."""
    if settings.redis_url is not None and not redis_answers(settings):
        raise Failed(f"No Redis answers at {_public(settings)} (DASEIN_REDIS_URL).")
    wanted = servers(settings)
    missing = [server for server in wanted if server.daemon.process() is None]
    for server in missing:
        if server.place is not None and not server.place.is_free():
            place = server.place
            raise Failed(
                f"{server.daemon.name}: port {place.port} of {place.host} is in use; choose another by {place.setting}."
            )
    try:
        _start(server for server in missing if server.daemon.name == REDIS)
        _wait(server for server in wanted if server.daemon.name == REDIS)
        if any(server.daemon.name.startswith(POOL) for server in missing):
            forget_workers(settings)
        _start(server for server in missing if server.daemon.name != REDIS)
        _wait(wanted)
    except BaseException:
        _stop([server.daemon for server in missing], settings)
        raise
    where = "DASEIN_FLOWER_PASSWORD" if settings.flower_password else str(password_file(settings))
    _say(f"web      http://{settings.host}:{settings.port}")
    _say(f"flower   http://{LOOPBACK}:{settings.flower_port}  user {settings.flower_user}, password in {where}")
    _say(f"redis    {_public(settings)}")
    _say(f"workers  {settings.simulation_workers} of the pool {POOL}")
    _say(f"data     {settings.data_dir}")
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


def _start(found: Iterable[Server]) -> None:
    for server in found:
        server.daemon.start(server.command, folder=ROOT, environment=server.environment)


def _wait(found: Iterable[Server]) -> None:
    """Wait until all servers are ready; raise Failed with the last words of one that is not."""
    waiting = list(found)
    latest = time.monotonic() + READY_S
    while waiting:
        for server in waiting:
            name = server.daemon.name
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
    """Stop all at once, and Redis after them: what ends still writes to it."""
    others = [daemon for daemon in daemons if daemon.name != REDIS]
    for some in (others, [daemon for daemon in daemons if daemon.name == REDIS]):
        for daemon in some:
            daemon.ask_to_stop()
        for daemon in some:
            drain_s = settings.drain_s if daemon.name.startswith(POOL) else 0
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
