"""An embedded farm of its own, for tests that need all of it."""

import base64
import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.error import HTTPError

from deploy.procfile import ROOT
from tests.servers import free_port

TIMEOUT_S = 100
PORTS = (
    "DASEIN_PORT",
    "DASEIN_REDIS_PORT",
    "DASEIN_FLOWER_PORT",
    "DASEIN_GRAPH_PORT",
    "DASEIN_CACHE_PORT",
    "DASEIN_METRICS_PORT",
    "DASEIN_AUTOSCALER__PORT",
)


class Embedded:
    """A farm in a folder of its own, on ports of its own."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.data = data
        self.ports = {name: free_port() for name in PORTS}
        self.environment = (
            {name: value for name, value in os.environ.items() if not name.startswith("DASEIN_")}
            | {name: str(port) for name, port in self.ports.items()}
            | {"DASEIN_DATA_DIR": str(data), "DASEIN_SIMULATION_WORKERS": "1", "DASEIN_SWEEP_S": "1"}
            | settings
        )

    @property
    def url(self) -> str:
        """Return where the web server listens."""
        return f"http://127.0.0.1:{self.ports['DASEIN_PORT']}"

    def run(self, verb: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "deploy.embedded", verb],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_S,
        )

    def processes(self) -> dict[str, int]:
        notes = (self.data / "run").glob("*.json")
        return {note.stem: json.loads(note.read_text())["pid"] for note in notes}

    def ask(self, port: str, path: str, *, body: object = None, user: str | None = None) -> tuple[int, bytes]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.ports[port]}{path}")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
            request.add_header("Prefer", "wait=20")
        if user is not None:
            request.add_header("Authorization", f"Basic {base64.b64encode(user.encode()).decode()}")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback
                return answer.status, answer.read()
        except HTTPError as error:
            with error:
                return error.code, error.read()
