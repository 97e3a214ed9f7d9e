"""The images hold what they run, and run what the Procfile does, as far as that can be read without an engine."""

import re
from pathlib import Path

import pytest

from deploy.procfile import ROOT, commands

DOCKERFILES = sorted((ROOT / "deploy").glob("*.Dockerfile"))
DIGEST = re.compile(r"[a-z]+:\d+\.\d+\.\d+-[a-z-]+@sha256:[0-9a-f]{64}")


def text_of(name: str) -> str:
    return (ROOT / "deploy" / f"{name}.Dockerfile").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.stem)
def test_an_image_copies_what_exists_and_runs_as_nobody_special(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    for source in re.findall(r"^COPY (?!--)(\S+) ", text, re.MULTILINE):
        assert (ROOT / source).exists(), source
    assert re.search(r"^USER dasein$", text, re.MULTILINE)
    assert "--require-hashes" in text


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.stem)
def test_an_image_is_built_in_stages_on_bases_that_are_pinned_by_digest(path: Path) -> None:
    bases = re.findall(r"^FROM (\S+)", path.read_text(encoding="utf-8"), re.MULTILINE)

    assert len(bases) >= 2
    assert all(DIGEST.fullmatch(base) for base in bases)


def test_all_images_stand_on_the_same_bases() -> None:
    bases = {base for path in DOCKERFILES for base in re.findall(r"^FROM (\S+)", path.read_text(), re.MULTILINE)}

    assert sorted(base.partition(":")[0] for base in bases) == ["node", "python"]


def test_images_run_what_the_procfile_runs() -> None:
    told = commands()
    simulation = text_of("simulation")
    query = text_of("query")

    assert "config/gunicorn.py" in told["web"]
    assert "config/gunicorn.py" in text_of("web")
    shared = ("-A workers.app", "-P prefork", "--without-gossip", "--without-mingle", "REMAP_SIGTERM=SIGQUIT")
    for flag in (*shared, "-c 1", "-I workers.simulation.tasks -Q simulation"):
        assert flag in told["simulation"]
        assert flag in simulation
    for pool in ("query", "ingest"):
        for flag in (*shared, "-c 1", f"-I workers.query.tasks -Q {pool}"):
            assert flag in told[pool]
            assert flag in query.replace("$POOL", pool)
    remforge = text_of("remforge").replace("$POOL", "remforge")
    for flag in (*shared, "-c 2", "-I workers.remforge.tasks -Q remforge"):
        assert flag in told["remforge"]
        assert flag in remforge
    assert "-A workers.app flower" in told["flower"]
    assert "-A workers.app flower" in text_of("flower")


@pytest.mark.parametrize("name", [".env", "deploy/compose/secrets"])
def test_what_is_secret_goes_neither_into_an_image_nor_into_the_repository(name: str) -> None:
    for path in (ROOT / ".dockerignore", ROOT / ".gitignore"):
        assert name in [line.rstrip("/") for line in path.read_text().splitlines()], path
