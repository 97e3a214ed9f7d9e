"""Where a Prometheus finds the workers of this machine."""

import json
import socket
from pathlib import Path

from config.autoscaler_settings import AutoscalerSettings
from config.settings import Settings
from deploy import targets
from tests.servers import free_port

WORKERS = ("simulation1", "query1")
POOLS = (("simulation", "simulation1"), ("query", "query1"))


def settings(folder: Path, **more: object) -> Settings:
    return Settings(data_dir=folder, metrics_port=free_port(), **more)  # type: ignore[arg-type]  # as the test says


def test_each_worker_gets_the_next_port_that_is_free(tmp_path: Path) -> None:
    chosen = settings(tmp_path)
    first = chosen.metrics_port
    assert first is not None
    with socket.create_server(("127.0.0.1", first)):
        found = targets.ports(chosen, WORKERS, running=())

    assert found["simulation1"] > first
    assert found["query1"] > found["simulation1"]


def test_ports_of_servers_that_have_not_started_are_left_alone(tmp_path: Path) -> None:
    first = free_port()
    chosen = Settings(
        data_dir=tmp_path, metrics_port=first, flower_port=first, autoscaler=AutoscalerSettings(port=first + 1)
    )

    assert min(targets.ports(chosen, WORKERS, running=()).values()) > first + 1


def test_a_worker_that_runs_keeps_its_port(tmp_path: Path) -> None:
    chosen = settings(tmp_path)
    before = targets.ports(chosen, WORKERS, running=())
    targets.write(chosen, POOLS, before)
    with (
        socket.create_server(("127.0.0.1", before["query1"])),
        socket.create_server(("127.0.0.1", before["simulation1"])),
    ):
        after = targets.ports(chosen, WORKERS, running=["query1"])

    assert after["query1"] == before["query1"]
    assert after["simulation1"] not in before.values()


def test_what_is_written_tells_what_each_target_is(tmp_path: Path) -> None:
    chosen = settings(tmp_path, host="0.0.0.0", metrics_host="::1", port=8081, flower_port=5556)

    targets.write(chosen, POOLS, {"simulation1": 1, "query1": 2})

    groups = json.loads((tmp_path / "prometheus" / "targets.json").read_text())
    assert groups == [
        {"targets": ["127.0.0.1:8081"], "labels": {"job": "web"}},
        {"targets": ["127.0.0.1:5556"], "labels": {"job": "flower"}},
        {"targets": ["[::1]:1"], "labels": {"job": "worker", "pool": "simulation", "worker": "simulation1"}},
        {"targets": ["[::1]:2"], "labels": {"job": "worker", "pool": "query", "worker": "query1"}},
    ]


def test_the_autoscaler_is_a_target_where_it_is_started(tmp_path: Path) -> None:
    chosen = settings(tmp_path, autoscale=True, autoscaler={"port": 9000})

    targets.write(chosen, (), {})

    groups = json.loads(targets.path(chosen).read_text())
    assert {"targets": ["127.0.0.1:9000"], "labels": {"job": "autoscaler"}} in groups


def test_a_list_that_is_none_is_forgotten(tmp_path: Path) -> None:
    chosen = settings(tmp_path)
    targets.path(chosen).parent.mkdir()
    targets.path(chosen).write_text('[{"labels": 1}]')

    assert set(targets.ports(chosen, WORKERS, running=WORKERS)) == set(WORKERS)
