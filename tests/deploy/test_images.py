"""The compose file and the images say what we mean, as far as that can be read without an engine."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.procfile import ROOT, commands
from stores.graph_falkordb import SERVER_ARGUMENTS

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILES = sorted((ROOT / "deploy").glob("*.Dockerfile"))


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_a_health_check_limits_and_bounded_logs(name: str) -> None:
    service = SERVICES[name]

    assert service["healthcheck"]["test"]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert set(service["logging"]["options"]) == {"max-size", "max-file"}


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_publishes_a_port_or_carries_a_privilege(name: str) -> None:
    service = SERVICES[name]

    assert "ports" not in service
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]


def test_redis_listens_on_loopback_appends_and_never_evicts() -> None:
    command = SERVICES["redis"]["command"]

    assert "--bind 127.0.0.1" in command
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_the_graph_appends_and_has_the_limits_that_the_embedded_one_has() -> None:
    command = " ".join(SERVICES["graph"]["command"].split())

    assert "--bind 127.0.0.1" in command
    assert "--appendonly yes" in command
    assert command.endswith(" ".join(SERVER_ARGUMENTS))


def test_whoever_needs_redis_waits_for_it() -> None:
    for name in ("web", "simulation", "query", "ingest", "remforge", "remforge-gpu"):
        assert SERVICES[name]["depends_on"]["redis"]["condition"] == "service_healthy"


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.stem)
def test_an_image_copies_what_exists_and_runs_as_nobody_special(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    for source in re.findall(r"^COPY (?!--)(\S+) ", text, re.MULTILINE):
        assert (ROOT / source).exists(), source
    assert re.search(r"^USER dasein$", text, re.MULTILINE)
    assert "--require-hashes" in text
    assert all(":" in image for image in re.findall(r"^FROM (\S+)", text, re.MULTILINE))


def test_images_run_what_the_procfile_runs() -> None:
    told = commands()
    web = (ROOT / "deploy" / "web.Dockerfile").read_text(encoding="utf-8")
    simulation = (ROOT / "deploy" / "simulation.Dockerfile").read_text(encoding="utf-8")

    assert "config/gunicorn.py" in told["web"]
    assert "config/gunicorn.py" in web
    query = (ROOT / "deploy" / "query.Dockerfile").read_text(encoding="utf-8")
    shared = ("-A workers.app", "-P prefork", "--without-gossip", "--without-mingle", "REMAP_SIGTERM=SIGQUIT")
    for flag in (*shared, "-c 1", "-I workers.simulation.tasks -Q simulation"):
        assert flag in told["simulation"]
        assert flag in simulation
    for pool in ("query", "ingest"):
        for flag in (*shared, "-c 1", f"-I workers.query.tasks -Q {pool}"):
            assert flag in told[pool]
            assert flag in query.replace("$POOL", pool)
    remforge = (ROOT / "deploy" / "remforge.Dockerfile").read_text(encoding="utf-8").replace("$POOL", "remforge")
    for flag in (*shared, "-c 2", "-I workers.remforge.tasks -Q remforge"):
        assert flag in told["remforge"]
        assert flag in remforge
    assert SERVICES["ingest"]["environment"]["POOL"] == "ingest"


def test_only_the_image_for_a_gpu_asks_for_one_and_it_starts_when_it_is_asked_for() -> None:
    asking = {name for name, one in SERVICES.items() if "reservations" in one["deploy"]["resources"]}

    assert asking == {"remforge-gpu"}
    assert SERVICES["remforge-gpu"]["profiles"] == ["gpu"]
    assert SERVICES["remforge-gpu"]["build"]["args"] == {"REQUIREMENTS": "gpu"}
