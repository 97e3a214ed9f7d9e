"""The real web application over stores in memory, served on a port, with hands that do what a test tells them."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from werkzeug.serving import WSGIRequestHandler, make_server

from dasein import Client
from jobs.model import Failure, Progress
from tests.dasein.reports import finding, report
from tests.deploy.embedded import Embedded
from tests.servers import demand, has_redis
from tests.web.conftest import Behind, make_farm

WORKER = "hands@here:1"
Work = Callable[["Served", str], None]


class Quiet(WSGIRequestHandler):
    """Writes no log."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 -- werkzeug's name
        """Say nothing."""


@dataclass
class Served:
    """A web server and what lies behind it."""

    url: str
    behind: Behind
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def work(self, work: Work) -> None:
        """Do `work` for every job that is submitted, in a thread, as a worker would."""

        def run() -> None:
            done = 0
            while not self._stop.wait(0.01):
                sent = self.behind.queue.sent
                while done < len(sent):
                    job_id = sent[done][1]
                    done += 1
                    self.behind.start(job_id)
                    work(self, job_id)

        self._threads.append(threading.Thread(target=run, daemon=True))
        self._threads[-1].start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(10)


def succeed(served: Served, job_id: str) -> None:
    """End a job well, with nothing to say."""
    served.behind.jobs.finish(job_id, {})


def fail(served: Served, job_id: str) -> None:
    """End a job badly."""
    served.behind.jobs.fail(job_id, Failure("invalid-firmware", "It is for another machine.", "firmware", "machine"))


def give_up(served: Served, job_id: str) -> None:
    """End a job as a dead letter."""
    served.behind.jobs.fail(job_id, Failure("worker-lost", "Lost three workers."), dead=True)


def measure(**changes: Any) -> Work:
    """Return hands that run a campaign to its end: progress, a partial verdict, and a report (a leak, if not changed)."""

    def work(served: Served, job_id: str) -> None:
        jobs = served.behind.jobs
        total = int(jobs.get(job_id).params["traces"])
        jobs.progress(job_id, Progress(total // 2, total, "traces"))
        jobs.publish(job_id, {"traces": total // 2, "of": total, "max_abs_t": 17.25, "diverged": 0})
        jobs.progress(job_id, Progress(total, total, "traces"))
        document = report(**({"findings": [finding()]} | changes), campaign=job_id)
        files = {
            "json": json.dumps(document).encode(),
            "html": b"<!doctype html>",
            "csv": b"a,b\r\n",
            "png": b"\x89PNG",
        }
        for form, content in files.items():
            served.behind.files.write(job_id, f"report.{form}", [content])
        served.behind.files.write(job_id, "traces.npy", [b"\x93NUMPY traces"])
        jobs.finish(job_id, {"verdict": document["verdict"], "headline": document["headline"]})

    return work


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in [*os.environ]:
        if name.startswith("DASEIN_") or name in {"GITHUB_ACTIONS", "FORCE_COLOR", "NO_COLOR", "COLUMNS", "TERM"}:
            monkeypatch.delenv(name)
    # Nobody's logins but a test's own.
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))


@contextmanager
def serving(behind: Behind) -> Iterator[Served]:
    """Serve an application on a port."""
    server = make_server("127.0.0.1", 0, behind.app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    served = Served(f"http://127.0.0.1:{server.port}", behind)
    # Server and command line share this process: the server's log must stay off the output that tests read.
    with capture_logs():
        yield served
    served.stop()
    behind.hub.stop()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(make_farm(tmp_path / "farm")) as served:
        yield served


@pytest.fixture
def client(served: Served) -> Iterator[Client]:
    with Client(served.url, patience_s=5) as client:
        yield client


@pytest.fixture
def elf(tmp_path: Path) -> Path:
    path = tmp_path / "aes.elf"
    path.write_bytes(b"\x7fELF and what follows")
    return path


CAMPAIGN: dict[str, Any] = {
    "target": {
        "core": "cortex-m4",
        "entry": "encrypt",
        "inputs": [
            {"name": "key", "role": "key", "length": 16, "symbol": "key"},
            {"name": "plaintext", "role": "plaintext", "length": 16, "symbol": "block"},
        ],
    },
    "traces": 1000,
    "power": {"model": "hw", "noise_sigma": 1.0},
}


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    path = tmp_path / "campaign.json"
    path.write_text(json.dumps(CAMPAIGN))
    return path


@pytest.fixture(scope="session")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """Bring a whole farm up, as `make up` does, and down again."""
    demand("redis", present=has_redis())
    whole = Embedded(tmp_path_factory.mktemp("farm"), DASEIN_SIMULATION_WORKERS="2", DASEIN_DRAIN_S="1")
    started = whole.run("up")
    assert started.returncode == 0, started.stderr
    yield whole
    whole.run("down")
