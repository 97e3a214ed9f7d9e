"""The processes of a farm on this machine, in the order in which they start, and how to tell that each is ready."""

import os
import secrets
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

from config.settings import Settings
from deploy import procfile, targets
from deploy.daemon import Daemon
from deploy.redis_servers import LOOPBACK, cache_server, graph_server, jobs_server
from jobs.errors import StoreUnavailable
from jobs.queue import CAPTURE, INGEST, QUERY, REMFORGE, SIMULATION
from stores.redis_client import connect, translated
from stores.workers_redis import RedisWorkers

REDIS = "redis"
GRAPH = "graph"
CACHE = "cache"
ANSWER_S = 2.0
STORES = (REDIS, GRAPH, CACHE)
"""The embedded servers, which all others need."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server listens, and the setting that changes it."""

    host: str
    port: int
    setting: str

    def is_free(self) -> bool:
        """Say whether a server could listen there."""
        return targets.is_free(self.host, self.port)


@dataclass(frozen=True, slots=True)
class Server:
    """One process of the farm."""

    daemon: Daemon
    command: Sequence[str]
    environment: Mapping[str, str]
    ready: Callable[[], bool]
    place: Place | None = None
    pool: str | None = None
    """The pool whose worker it is."""

    @property
    def is_store(self) -> bool:
        """Say whether others need it to start, and until they have ended."""
        return self.daemon.name in STORES


def servers(settings: Settings, ports: Mapping[str, int] | None = None) -> list[Server]:
    """Return the processes of the farm; the stores that are ours come first.

    To start workers takes `ports`: where each of them is to serve its numbers.
    """
    data = settings.data_dir
    commands = {name: procfile.arguments(command) for name, command in procfile.commands().items()}
    shared = procfile.environment(os.environ) | {"DASEIN_DATA_DIR": str(data), "DASEIN_REDIS_URL": settings.redis}
    found = list(_stores(settings, shared))
    for pool, name in workers(settings):
        ready = partial(_is_alive, settings, pool, f"{name}@{socket.gethostname()}")
        daemon = Daemon(name, data)
        own = {"WORKER": name} | ({"DASEIN_METRICS_PORT": str(ports[name])} if ports else {})
        found.append(Server(daemon, commands[pool], _logging(shared, daemon) | own, ready, pool=pool))
    place = Place(settings.host, settings.port, "DASEIN_PORT")
    linked = shared | {"DASEIN_FLOWER_URL": settings.flower_url or f"http://{LOOPBACK}:{settings.flower_port}/"}
    web, flower = Daemon("web", data), Daemon("flower", data)
    ready = partial(_says_ok, place, "/health/ready")
    found.append(Server(web, commands["web"], _logging(linked, web), ready, place))
    place = Place(LOOPBACK, settings.flower_port, "DASEIN_FLOWER_PORT")
    secret = shared | {"FLOWER_BASIC_AUTH": f"{settings.flower_user}:{flower_password(settings)}"}
    ready = partial(_says_ok, place, "/healthcheck")
    found.append(Server(flower, commands["flower"], _logging(secret, flower), ready, place))
    if settings.autoscale:
        place = Place(settings.autoscaler.host, settings.autoscaler.port, "DASEIN_AUTOSCALER__PORT")
        ready = partial(_says_ok, place, "/metrics")
        autoscaler = Daemon("autoscale", data)
        found.append(Server(autoscaler, commands["autoscale"], _logging(shared, autoscaler), ready, place))
    return found


def _logging(environment: Mapping[str, str], daemon: Daemon) -> dict[str, str]:
    """Have a process of ours keep its own log within bounds, in the file that its output is sent to."""
    return {**environment, "DASEIN_LOG_FILE": str(daemon.log)}


def workers(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield pools and the names of their workers."""
    for pool, count in (
        (SIMULATION, settings.simulation_workers),
        (QUERY, settings.query_workers),
        (INGEST, settings.ingest_workers),
        (REMFORGE, settings.forge_workers),
        (CAPTURE, int(_captures(settings))),
    ):
        yield from ((pool, f"{pool}{number}") for number in range(1, count + 1))


def _captures(settings: Settings) -> bool:
    """Say whether there is a worker beside a recorder: one that was started stays ours when the device has gone."""
    return settings.capture_device.exists() or Daemon(f"{CAPTURE}1", settings.data_dir).process() is not None


def metrics_ports(settings: Settings) -> Mapping[str, int]:
    """Return where each worker serves its numbers, or will after its start."""
    names = [name for _, name in workers(settings)]
    running = [name for name in names if Daemon(name, settings.data_dir).process() is not None]
    return targets.ports(settings, names, running=running)


def _stores(settings: Settings, environment: Mapping[str, str]) -> Iterator[Server]:
    """Yield the servers that no URL replaces."""
    data = settings.data_dir
    graph = graph_server(data / GRAPH, settings.graph_port, memory_mb=settings.graph_memory_mb)
    for name, given, command, port, url in (
        (
            REDIS,
            settings.redis_url,
            jobs_server(data / REDIS, settings.redis_port),
            settings.redis_port,
            settings.redis,
        ),
        (GRAPH, settings.graph_url, graph, settings.graph_port, settings.graph),
        (
            CACHE,
            settings.cache_url,
            cache_server(data / CACHE, settings.cache_port),
            settings.cache_port,
            settings.cache,
        ),
    ):
        if given is None:
            place = Place(LOOPBACK, port, f"DASEIN_{name.upper()}_PORT")
            yield Server(Daemon(name, data), command, environment, partial(answers, url), place)


def flower_password(settings: Settings) -> str:
    """Return the chosen password for Flower, or one that is drawn once and kept for its owner's eyes."""
    if settings.flower_password is not None:
        return settings.flower_password.get_secret_value()
    path = settings.flower_password_file
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(18))
    return path.read_text()


def answers(url: str) -> bool:
    """Say whether a Redis is there, with its data loaded."""
    try:
        with connect(url, patience_s=0) as redis, translated():
            return bool(redis.ping())
    except StoreUnavailable:
        return False


def forget_workers(settings: Settings) -> None:
    """Take no word of an earlier run for that of a worker that is only starting."""
    with connect(settings.redis, patience_s=0) as redis:
        for pool, name in workers(settings):
            RedisWorkers(redis).leave(f"{name}@{socket.gethostname()}", queue=pool)


def _is_alive(settings: Settings, pool: str, worker: str) -> bool:
    try:
        with connect(settings.redis, patience_s=0) as redis:
            return worker in RedisWorkers(redis).alive().get(pool, ())
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
