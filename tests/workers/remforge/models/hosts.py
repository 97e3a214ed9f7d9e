"""Model hosts for tests: real processes with small models."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jobs.forging import NodeModels
from stores.models_files import ModelFiles
from tests.servers import eventually
from tests.workers.remforge.models.small_models import journal
from workers.remforge.inference import Item, Role
from workers.remforge.models.client import HostModels
from workers.remforge.models.model import Spec
from workers.remforge.models.options import HostOptions

LOADER = "small_models:make_loader"
PYTHONPATH = os.pathsep.join([str(Path.cwd()), str(Path(__file__).parent)])
"""A package in a wheel is called `tests` too, so other processes find the small models by their folder."""
PATIENCE_S = 30.0
MAX_S = 60.0


def options(folder: Path, *specs: Spec, **other: Any) -> HostOptions:
    given: dict[str, Any] = {
        "cache": folder / "cache" / "outputs",
        "cache_bytes": 1 << 24,
        "budget_bytes": 10_000,
        "device": "cpu",
        "loader": LOADER,
        "allow_test_models": True,
    }
    return HostOptions(folder=folder, node="a", specs=specs, **(given | other))


class Host:
    """A host process without a supervisor."""

    def __init__(self, started_with: HostOptions) -> None:
        self.options = started_with
        self.process: subprocess.Popen[bytes] | None = None
        self.clients: list[HostModels] = []

    def start(self) -> None:
        command = [sys.executable, "-m", "workers.remforge.models.host", *self.options.arguments()]
        self.process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": PYTHONPATH}, stdin=subprocess.DEVNULL)

    def client(self, *, patience_s: float = PATIENCE_S) -> HostModels:
        one = HostModels(self.options.socket, patience_s=patience_s)
        self.clients.append(one)
        return one

    def tell(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def wait(self) -> int:
        assert self.process is not None
        return self.process.wait(MAX_S)

    def stop(self) -> int:
        self.tell(signal.SIGTERM)
        return self.wait()

    def close(self) -> None:
        for client in self.clients:
            client.close()
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.options.socket.unlink(missing_ok=True)
        self.options.socket.with_suffix(".lock").unlink(missing_ok=True)

    def state(self) -> NodeModels:
        files = ModelFiles(self.options.folder)
        eventually(lambda: files.read(time.time()), within_s=MAX_S, what="the host tells how it is doing")
        [state] = files.read(time.time())
        return state

    def encodes(self) -> list[list[str]]:
        return journal(self.journal(), "encode")

    def journal(self) -> Path:
        return self.options.folder / "journal"


def until_busy(host: Host | Path) -> None:
    """Wait until a text that waits is in the model."""
    path = host if isinstance(host, Path) else host.journal()
    eventually(
        lambda: any(text.startswith("wait:") for batch in journal(path, "encode") for text in batch),
        within_s=PATIENCE_S,
        what="the model is busy",
    )


def vectors(client: HostModels, items: Sequence[Item], role: Role = Role.SENTENCES) -> list[list[float]]:
    results = client.run(role, items, deadline_s=MAX_S)
    return [result.vector.tolist() for result in results]  # type: ignore[union-attr]
