"""The embedded farm, started and stopped as `make up` and `make down` do."""

import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from redis import Redis

from config.metrics import METRICS
from config.settings import Settings
from deploy.daemon import Daemon
from deploy.farm import workers
from deploy.procfile import commands
from jobs.queue import CAPTURE, ELASTIC, QUEUES
from tests.deploy.embedded import Embedded
from tests.deploy.prometheus_server import BINARY, Prometheus
from tests.servers import RedisServer, demand, eventually, free_port, has_redis


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    demand("redis", present=has_redis())
    farm = Embedded(tmp_path_factory.mktemp("embedded"), DASEIN_AUTOSCALE="true")
    started = farm.run("up")
    assert started.returncode == 0, started.stderr
    yield farm
    stopped = farm.run("down")
    assert stopped.returncode == 0, stopped.stderr


def ping(farm: Embedded) -> dict[str, object]:
    status, answer = farm.ask("DASEIN_PORT", "/api/v2/jobs", body={"kind": "ping", "params": {"echo": "hello"}})
    assert status == 200
    job: dict[str, object] = json.loads(answer)
    return job


def test_a_job_goes_all_the_way(embedded: Embedded) -> None:
    job = ping(embedded)

    assert job["result"] == {"echo": "hello"}
    assert str(job["worker"]).startswith("simulation1@")


def test_everything_runs_and_is_ready(embedded: Embedded) -> None:
    status = embedded.run("status")

    assert status.returncode == 0
    words = [line.split() for line in status.stdout.splitlines()]
    assert [(word[0], word[2]) for word in words] == [
        (name, "ready")
        for name in (
            "redis",
            "graph",
            "cache",
            "simulation1",
            "query1",
            "ingest1",
            "remforge1",
            "web",
            "flower",
            "autoscale",
        )
    ]


def test_a_second_start_changes_nothing(embedded: Embedded) -> None:
    before = embedded.processes()

    again = embedded.run("up")

    assert again.returncode == 0
    assert embedded.processes() == before


def test_flower_wants_the_password_that_was_drawn(embedded: Embedded) -> None:
    password = embedded.data / "flower.password"

    assert stat.S_IMODE(password.stat().st_mode) == 0o600
    assert embedded.ask("DASEIN_FLOWER_PORT", "/api/workers")[0] == 401

    # Flower gives workers a second to answer, which may be too little on a busy machine: ask until they do.
    def knows_the_worker() -> bool:
        status, workers = embedded.ask(
            "DASEIN_FLOWER_PORT", "/api/workers?refresh=1", user=f"dasein:{password.read_text()}"
        )
        return status == 200 and any(name.startswith("simulation1@") for name in json.loads(workers))

    eventually(knows_the_worker, what="Flower knows the worker")


def test_a_prometheus_finds_every_process_and_its_numbers(embedded: Embedded, tmp_path: Path) -> None:
    demand("prometheus", present=BINARY is not None)
    ping(embedded)
    processes = {"simulation1", "query1", "ingest1", "remforge1", "web", "flower", "autoscaler"}

    with Prometheus(tmp_path, embedded.data / "prometheus" / "targets.json") as prometheus:
        eventually(lambda: prometheus.targets() == dict.fromkeys(processes, "up"), what=f"{processes} are up")

        def value(expression: str) -> float | None:
            found = prometheus.query(expression)
            return found[0][1] if found else None

        eventually(lambda: (value('sum(dasein_jobs_ended_total{kind="ping",outcome="succeeded"})') or 0) >= 1)
        assert value('dasein_job_attempts_total{pool="simulation",kind="ping"}') == value(
            'sum(dasein_job_run_seconds_count{worker="simulation1"})'
        )
        assert value("sum(dasein_workers)") == 4
        assert value('sum(dasein_http_requests_total{route="/api/v2/jobs",status="200"})') is not None
        roles = {labels["role"] for labels, _ in prometheus.query("dasein_build_info")}
        exported = {labels["__name__"] for labels, _ in prometheus.query('{__name__=~"dasein_.+"}')}

    assert roles == {"web", *ELASTIC}
    suffixes = ("_bucket", "_sum", "_count")
    named = {
        name if name in METRICS else name.removesuffix(next(filter(name.endswith, suffixes), "")) for name in exported
    }
    assert named <= set(METRICS)


def test_redis_keeps_everything_on_disk_and_on_loopback(embedded: Embedded) -> None:
    with Redis(port=embedded.ports["DASEIN_REDIS_PORT"], decode_responses=True) as redis:
        told = {name: redis.config_get(name)[name] for name in ("appendonly", "maxmemory-policy", "bind")}

    assert told == {"appendonly": "yes", "maxmemory-policy": "noeviction", "bind": "127.0.0.1"}


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    other = Embedded(tmp_path)
    with socket.create_server(("127.0.0.1", other.ports["DASEIN_PORT"])):
        failed = other.run("up")

    assert failed.returncode == 1
    assert f"port {other.ports['DASEIN_PORT']}" in failed.stderr
    assert "DASEIN_PORT" in failed.stderr
    assert other.processes() == {}


def test_what_does_not_come_up_is_told_and_the_rest_stopped(tmp_path: Path) -> None:
    farm = Embedded(tmp_path, DASEIN_HOST="192.0.2.1")

    failed = farm.run("up")

    assert failed.returncode == 1
    assert "web" in failed.stderr
    assert farm.processes() == {}


def test_data_survives_a_restart_of_everything(tmp_path: Path, redis_server: RedisServer) -> None:
    redis_server.flush()
    farm = Embedded(tmp_path, DASEIN_REDIS_URL=redis_server.url)
    try:
        assert farm.run("up").returncode == 0
        assert set(farm.processes()) == {
            "graph",
            "cache",
            "simulation1",
            "query1",
            "ingest1",
            "remforge1",
            "web",
            "flower",
        }
        job = ping(farm)
        assert farm.run("down").returncode == 0
        assert farm.processes() == {}
        assert farm.run("up").returncode == 0

        status, again = farm.ask("DASEIN_PORT", f"/api/v2/jobs/{job['id']}")

        assert (status, json.loads(again)) == (200, job)
    finally:
        farm.run("down")


def test_the_stores_can_be_started_alone(tmp_path: Path) -> None:
    farm = Embedded(tmp_path)
    try:
        started = farm.run("stores")

        assert started.returncode == 0, started.stderr
        assert set(farm.processes()) == {"redis", "graph", "cache"}
        assert farm.run("status").returncode == 3
        with Redis(port=farm.ports["DASEIN_REDIS_PORT"]) as redis:
            assert redis.dbsize() == 0
    finally:
        farm.run("down")
    assert farm.processes() == {}


def test_a_redis_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    farm = Embedded(tmp_path, DASEIN_REDIS_URL=f"redis://:secret@127.0.0.1:{free_port()}/0")

    failed = farm.run("up")

    assert failed.returncode == 1
    assert "DASEIN_REDIS_URL" in failed.stderr
    assert "secret" not in failed.stderr


def test_a_process_that_came_by_an_old_id_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        (tmp_path / "run").mkdir()
        began = psutil.Process(stranger.pid).create_time() - 100
        (tmp_path / "run" / "web.json").write_text(json.dumps({"pid": stranger.pid, "began": began}))

        daemon = Daemon("web", tmp_path)
        daemon.ask_to_stop()
        daemon.end(within_s=0)

        assert stranger.poll() is None
        stranger.kill()


def test_a_process_that_does_not_go_is_ended(tmp_path: Path) -> None:
    daemon = Daemon("stubborn", tmp_path)
    program = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    daemon.start([sys.executable, "-c", program], folder=tmp_path, environment=dict(os.environ))
    eventually(lambda: daemon.log.read_text() == "1\n")

    daemon.ask_to_stop()

    assert not daemon.end(within_s=0.3)
    assert daemon.process() is None


def test_a_long_log_is_put_aside(tmp_path: Path) -> None:
    daemon = Daemon("web", tmp_path)
    daemon.log.parent.mkdir()
    daemon.log.write_bytes(b"x" * (10 * 2**20 + 1))

    daemon.start(["/bin/sh", "-c", "echo began"], folder=tmp_path, environment={})
    daemon.end(within_s=5)

    assert daemon.log.read_text() == "began\n"
    assert (tmp_path / "logs" / "web.log.1").stat().st_size > 10 * 2**20


def test_the_procfile_has_a_line_per_pool() -> None:
    assert set(commands()) == {"web", *QUEUES, "flower", "autoscale"}


def test_a_worker_of_captures_is_started_only_where_the_recorder_is_and_stays_ours_without_it(tmp_path: Path) -> None:
    device = tmp_path / "monje_virtual"
    settings = Settings(data_dir=tmp_path / "data", capture_device=device)
    without = {name for pool, name in workers(settings) if pool == CAPTURE}
    device.touch()
    beside = {name for pool, name in workers(settings) if pool == CAPTURE}

    worker = Daemon("capture1", settings.data_dir)
    worker.start(["/bin/sh", "-c", "sleep 60"], folder=tmp_path, environment={})
    device.unlink()
    try:
        running = {name for pool, name in workers(settings) if pool == CAPTURE}
    finally:
        worker.end(within_s=5)

    assert (without, beside, running) == (set(), {"capture1"}, {"capture1"})
    assert {name for pool, name in workers(settings) if pool == CAPTURE} == set()
