"""Files through the real queue into records, knowledge and reports, while workers and the models' process are killed."""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from signal import SIGKILL

import psutil
import pytest

from jobs.forging import (
    BatchRequest,
    BatchResult,
    FileSource,
    ForgeRequest,
    SearchAnswer,
    SearchRequest,
    SequenceRequest,
)
from jobs.model import Job, State
from jobs.queue import FORGE, FORGE_BATCH, FORGE_SEQUENCE, INGEST, QUERY, REM_SEARCH, REMFORGE
from jobs.rem import Rem, content_digest
from stores.artifacts import FileArtifacts, JobFiles
from stores.documents import Shelf
from tests.farm.conftest import child_of
from tests.farm.knowledge_farm import KnowledgeFarm, standing
from tests.servers import eventually
from tests.workers.remforge import files

WITHIN_S = 120
PICTURES = 24


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeFarm]:
    """Keep a farm for all tests of this module."""
    with standing(tmp_path_factory) as farm:
        yield farm


@pytest.fixture
def farm(idle: KnowledgeFarm) -> KnowledgeFarm:
    """Return the farm with a worker for files, one for ingestion and one for questions, those that do not run yet."""
    wanted = {"files": REMFORGE, "taking": INGEST, "asked": QUERY}
    missing = [name for name in wanted if not idle.runs(name)]
    for name in missing:
        idle.begin(name, queue=wanted[name])
    for name in missing:
        idle.await_worker(name)
    return idle


@pytest.fixture
def tenant(request: pytest.FixtureRequest) -> str:
    """Return a tenant of the test's own."""
    return hashlib.sha256(request.node.name.encode()).hexdigest()[:12]


def keep(farm: KnowledgeFarm, tenant: str, path: Path, media_type: str) -> FileSource:
    artifact, _ = FileArtifacts(farm.folder).put(
        tenant, [path.read_bytes()], media_type=media_type, limit_bytes=1 << 30
    )
    return FileSource(artifact=artifact.id, name=path.name)


def ended(farm: KnowledgeFarm, job_id: str) -> Job:
    return farm.until(job_id, State.SUCCEEDED, State.FAILED, State.CANCELLED, within_s=WITHIN_S)


def result_of(farm: KnowledgeFarm, job_id: str) -> BatchResult:
    job = ended(farm, job_id)
    assert job.state is State.SUCCEEDED, job.error
    return BatchResult.model_validate(job.result)


def learnt(farm: KnowledgeFarm, result: BatchResult) -> None:
    """Wait until the records of a job are part of the knowledge."""
    assert result.ingestion is not None
    job = ended(farm, result.ingestion)
    assert job.state is State.SUCCEEDED, job.error


def records(farm: KnowledgeFarm, job_id: str) -> list[Rem]:
    path = JobFiles(farm.folder, "rems").path(job_id, "records.jsonl")
    with path.open(encoding="utf-8") as lines:
        return [Rem.model_validate_json(line) for line in lines]


def found(farm: KnowledgeFarm, tenant: str, query: str) -> SearchAnswer:
    job = ended(farm, farm.bring(tenant, REM_SEARCH, SearchRequest(query=query)))
    assert job.state is State.SUCCEEDED, job.error
    return SearchAnswer.model_validate(job.result)


def pictures(farm: KnowledgeFarm, tenant: str, folder: Path, count: int = PICTURES) -> BatchRequest:
    """Return a batch of different pictures that keeps a worker busy for a while."""
    paths = [files.picture(folder / f"{n}.png", size=(800 + n, 600), bursts=1 + n % 5) for n in range(count)]
    return BatchRequest(files=tuple(keep(farm, tenant, path, "image/png") for path in paths))


def child_at_work(farm: KnowledgeFarm, chunk: str) -> int:
    """Return the process that runs a chunk, once it does."""
    return child_of(farm.until(chunk, State.RUNNING, within_s=WITHIN_S))


def test_a_day_in_the_lab_becomes_records_that_are_found_and_asked_for(
    farm: KnowledgeFarm, tenant: str, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(files.picture(tmp_path / "scope.png").read_bytes()[:300])
    request = SequenceRequest(
        title="A day",
        files=(
            keep(farm, tenant, tmp_path / "scope.png", "image/png"),
            keep(farm, tenant, files.text(tmp_path / "diary.txt"), "text/plain"),
            keep(farm, tenant, broken, "image/png"),
            keep(farm, tenant, files.tone(tmp_path / "note.wav"), "audio/wav"),
            keep(farm, tenant, files.video(tmp_path / "leds.mp4"), "video/mp4"),
        ),
    )

    job_id = farm.bring(tenant, FORGE_SEQUENCE, request)
    result = result_of(farm, job_id)

    assert [one.name for one in result.files] == ["scope.png", "diary.txt", "broken.png", "note.wav", "leds.mp4"]
    assert [one.rem_id is None for one in result.files] == [False, False, True, False, False]
    assert (result.records, result.failed) == (4, 1)
    kept = JobFiles(farm.folder, "rems")
    assert {"sequence.json", "sequence.csv", "sequence.html", "sequence.png"} <= set(kept.names(job_id))
    assert json.loads(kept.path(job_id, "sequence.json").read_bytes())["title"] == "A day"
    assert farm.jobs.get(job_id).progress.done == farm.jobs.get(job_id).progress.total

    learnt(farm, result)
    best = found(farm, tenant, "oscilloscope screenshot").found[0]
    assert (best.name, best.modality.value) == ("scope.png", "image")
    answer = farm.ask(tenant, "Which records mention the oscilloscope?")
    assert result.files[1].rem_id in answer.evidence


def test_another_tenant_finds_nothing_of_it(farm: KnowledgeFarm, tenant: str, tmp_path: Path) -> None:
    file = keep(farm, tenant, files.picture(tmp_path / "scope.png"), "image/png")
    learnt(farm, result_of(farm, farm.bring(tenant, FORGE, ForgeRequest(artifact=file.artifact, name=file.name))))

    assert found(farm, tenant, "oscilloscope").found
    assert not found(farm, f"{tenant}x", "oscilloscope").found
    assert not farm.stores.documents.find(f"{tenant}x", Shelf.REMS)


def test_one_file_that_cannot_be_read_fails_its_job_with_the_reason(
    farm: KnowledgeFarm, tenant: str, tmp_path: Path
) -> None:
    path = tmp_path / "nothing.png"
    path.write_bytes(b"")
    file = keep(farm, tenant, path, "image/png")

    job = ended(farm, farm.bring(tenant, FORGE, ForgeRequest(artifact=file.artifact, name=file.name)))

    assert job.state is State.FAILED
    assert job.error is not None
    assert (job.error.code, job.error.reason, job.error.field) == ("invalid-input", "empty", "artifact")


def test_a_worker_killed_amid_a_batch_changes_nothing_of_its_records(
    farm: KnowledgeFarm, tenant: str, tmp_path: Path
) -> None:
    request = pictures(farm, tenant, tmp_path)
    undisturbed = farm.bring(tenant, FORGE_BATCH, request)
    result_of(farm, undisturbed)

    job_id = farm.bring(tenant, FORGE_BATCH, request)
    os.kill(child_at_work(farm, f"{job_id}.0"), SIGKILL)
    result = result_of(farm, job_id)

    assert result.records == PICTURES
    assert [content_digest(one) for one in records(farm, job_id)] == [
        content_digest(one) for one in records(farm, undisturbed)
    ]


def test_the_models_process_killed_amid_a_batch_is_started_again_and_the_batch_ends(
    farm: KnowledgeFarm, tenant: str, tmp_path: Path
) -> None:
    job_id = farm.bring(tenant, FORGE_BATCH, pictures(farm, tenant, tmp_path))
    child_at_work(farm, f"{job_id}.0")
    [host] = hosts(farm)
    host.kill()
    result = result_of(farm, job_id)

    assert (result.records, result.failed) == (PICTURES, 0)
    eventually(lambda: [one.pid for one in hosts(farm)] not in ([], [host.pid]), what="another host runs")


def test_a_batch_that_is_cancelled_ends_and_leaves_the_pool_at_work(
    farm: KnowledgeFarm, tenant: str, tmp_path: Path
) -> None:
    job_id = farm.bring(tenant, FORGE_BATCH, pictures(farm, tenant, tmp_path, 80))
    child_at_work(farm, f"{job_id}.0")
    farm.jobs.cancel(job_id)

    assert ended(farm, job_id).state is State.CANCELLED
    file = keep(farm, tenant, files.text(tmp_path / "diary.txt"), "text/plain")
    after = farm.bring(tenant, FORGE, ForgeRequest(artifact=file.artifact, name=file.name, ingest=False))
    assert result_of(farm, after).records == 1


def hosts(farm: KnowledgeFarm) -> list[psutil.Process]:
    """Return the models' process beside the worker."""
    children = psutil.Process(farm.parent("files")).children()
    return [one for one in children if "workers.remforge.models.host" in one.cmdline()]
