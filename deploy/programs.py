"""Programs of ours, run beside the one that starts them."""

import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_S = 120.0
"""No program may take longer."""
LOW_PORTS = range(10_000, 12_000)
"""Below those that the kernel gives to connections: none takes one between the look and a server's start."""
PORTS = ("PORT", "REDIS_PORT", "FLOWER_PORT", "GRAPH_PORT", "CACHE_PORT", "METRICS_PORT", "AUTOSCALER__PORT")
"""Of a farm; workers take their metrics ports from the one that is set on."""


class Failed(Exception):
    """What was started cannot go on; the message says why."""


@dataclass(frozen=True, slots=True)
class Running:
    """A program of ours that runs beside us, and what it says."""

    name: str
    process: subprocess.Popen[bytes]
    said: IO[bytes]

    def finish(self) -> None:
        """Wait for its end; raise Failed with what it said unless it ended well."""
        try:
            status = self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired as error:
            raise Failed(f"{self.name} did not end within {PATIENCE_S:g} s") from error
        if status != 0:
            self.said.seek(0)
            raise Failed(f"{self.name} ended with {status}:\n{self.said.read().decode(errors='replace').strip()}")


@contextmanager
def running(*arguments: str, environment: Mapping[str, str]) -> Iterator[Running]:
    """Start `python -m ARGUMENTS` out of reach of Ctrl-C, which is for us to handle; end it if we leave first."""
    # A file rather than a pipe: what the program leaves running would keep a pipe open.
    with TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            env={**environment, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield Running(" ".join(arguments), process, said)
        finally:
            if process.poll() is None:
                # As Ctrl-C would: it then stops what it has started itself.
                process.send_signal(signal.SIGINT)
            process.wait(PATIENCE_S)


def free_ports(count: int) -> list[int]:
    """Return different ports of loopback that nobody listens on, the first of which may be anywhere among LOW_PORTS."""
    first = secrets.randbelow(len(LOW_PORTS))
    found: list[int] = []
    for port in (*LOW_PORTS[first:], *LOW_PORTS[:first]):
        if len(found) == count:
            break
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found.append(port)
    return found


def own_ports() -> dict[str, str]:
    """Return settings by which a farm has ports of its own, beside any other."""
    return {f"DASEIN_{name}": str(port) for name, port in zip(PORTS, free_ports(len(PORTS)), strict=True)}
