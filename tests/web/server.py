"""A real web server: gunicorn with the product's own configuration, on a free port and a given Redis."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import httpx

from tests.servers import eventually, free_port

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60


class WebServer:
    """One server and its data folder."""

    def __init__(self, folder: Path, redis_url: str, **settings: object) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.data = folder / "data"
        self.log = folder / "web.log"
        self._environment = (
            {name: value for name, value in os.environ.items() if not name.startswith("DASEIN_")}
            | {"DASEIN_REDIS_URL": redis_url, "DASEIN_PORT": str(self.port), "DASEIN_DATA_DIR": str(self.data)}
            | {f"DASEIN_{name.upper()}": str(value) for name, value in settings.items()}
            | {"PYTHONPATH": str(ROOT)}
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it is ready."""
        self.spawn()
        eventually(self._ready, within_s=PATIENCE_S, what=f"web is ready; its log: {self.log}")

    def command(self, module: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of the product beside the server, with its settings."""
        return subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=3 * PATIENCE_S,
            check=False,
        )

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start it without waiting."""
        command = [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", "web.wsgi:app"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=log, stderr=log)
        return self._process

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            # One that was not ready in time runs all the same.
            self.stop()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    @contextmanager
    def worker(self) -> Iterator[None]:
        """Run a worker of the simulation pool on the same Redis and data."""
        command = [sys.executable, "-m", "celery", "-A", "workers.app", "worker"]
        command += ["-I", "workers.simulation.tasks", "-Q", "simulation", "-c", "1"]
        environment = self._environment | {"REMAP_SIGTERM": "SIGQUIT"}
        with self.log.open("ab") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            process.wait(3 * PATIENCE_S)

    @property
    def pid(self) -> int:
        """Return the process id of the parent of its processes."""
        assert self._process is not None
        return self._process.pid

    def terminate(self) -> int:
        """Ask it to stop and return its exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        status = self._process.wait(PATIENCE_S)
        self._process = None
        return status

    def stop(self) -> None:
        """Stop it, if it runs."""
        if self._process is not None and self._process.poll() is None:
            self.terminate()

    def client(self, *, timeout_s: float = PATIENCE_S) -> httpx.Client:
        """Return a client of this server."""
        return httpx.Client(base_url=self.url, timeout=timeout_s)

    def connect(self) -> socket.socket:
        """Return a bare connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)

    def stored(self) -> list[str]:
        """Return the files of artifacts, whole or not yet."""
        folders = [self.data / "artifacts", self.data / "incoming"]
        return [str(path) for folder in folders for path in folder.rglob("*") if path.is_file()]

    def waiters(self) -> int:
        """Return how many requests wait, summed over the processes."""
        with self.client() as client:
            match = re.search(r"^dasein_http_waiters ([0-9.]+)$", client.get("/metrics").text, re.MULTILINE)
        return int(float(match[1])) if match else 0

    def _ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text()
        try:
            with self.client() as client:
                return client.get("/health/ready").status_code == 200
        except httpx.TransportError:
            return False


def answer_of(connection: socket.socket) -> bytes:
    """Read a bare connection until the server closes it, or resets it."""
    received = b""
    try:
        while piece := connection.recv(65536):
            received += piece
    except ConnectionResetError:
        return received
    return received
