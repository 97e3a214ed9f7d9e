"""What a container asks to know whether its worker is alive."""

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.procfile import ROOT
from stores.redis_client import connect
from stores.workers_redis import RedisWorkers
from tests.servers import RedisServer
from workers.health import main

NAME = "query-1@here"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "worker"
    file.write_text(f"{NAME}\n")
    return file


@pytest.fixture
def workers(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> RedisWorkers:
    redis_server.flush()
    monkeypatch.setenv("DASEIN_REDIS_URL", redis_server.url)
    return RedisWorkers(connect(redis_server.url, patience_s=5))


def test_a_worker_is_alive_while_it_beats_and_not_before_and_not_after(workers: RedisWorkers, file: Path) -> None:
    before = main([str(file)])
    workers.beat("query-2@here", queue="query", ttl_s=60)
    another = main([str(file)])
    workers.beat(NAME, queue="query", ttl_s=60)
    during = main([str(file)])
    workers.leave(NAME, queue="query")

    assert (before, another, during, main([str(file)])) == (1, 1, 0, 1)


@pytest.mark.usefixtures("workers")
def test_it_says_what_is_wrong(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(file.parent / "none")]) == 1
    assert "no worker has started" in capsys.readouterr().err
    assert main([str(file)]) == 1
    assert f"{NAME} has not been heard of lately" in capsys.readouterr().err


def test_without_redis_it_fails_at_once(file: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "workers.health", str(file)],
        cwd=ROOT,
        env={"DASEIN_REDIS_URL": "redis://127.0.0.1:1/0", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, "Traceback" in done.stderr, done.stderr != "") == (1, False, True)
