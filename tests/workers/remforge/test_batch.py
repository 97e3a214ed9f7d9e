"""A batch from its plan to its result: in order, each file once, and whatever happens twice changes nothing."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from jobs.attempt import Split
from jobs.errors import Cancelled, InvalidInput, NotFound
from jobs.forging import BatchRequest, BatchResult, FileSource, ForgeRequest, SequenceRequest
from jobs.model import Job, NewJob, Progress, State
from jobs.queue import FORGE, FORGE_BATCH, FORGE_SEQUENCE, REM_INGESTION
from jobs.rem import Rem
from tests.workers.remforge import files
from tests.workers.remforge.conftest import upload
from workers.remforge.batch import finish_batch, forge_chunk, forge_one, plan_batch
from workers.remforge.services import ForgeServices

BATCH = "batch-1"


class Attempt:
    """An attempt that can be stopped, and keeps what it was told."""

    job_id, worker = BATCH, "test"

    def __init__(self, *, stopped: bool = False) -> None:
        self.stopped = stopped
        self.told: list[Progress] = []

    def check(self) -> None:
        if self.stopped:
            raise Cancelled("It was cancelled.")

    def report(self, progress: Progress) -> None:
        self.told.append(progress)

    def publish(self, _job_id: str, _partial: Mapping[str, Any]) -> None:
        raise AssertionError


def job(kind: str, params: Mapping[str, Any], name: str = BATCH) -> Job:
    return Job(name, kind, State.RUNNING, params, "default", 5, datetime(2026, 1, 1, tzinfo=UTC))


def running(new: NewJob) -> Job:
    return job(new.kind, new.params, new.id)


def planned(services: ForgeServices, request: BatchRequest, kind: str = FORGE_BATCH.name) -> Split:
    return plan_batch(job(kind, request.model_dump(mode="json")), Attempt(), services)


def ran(services: ForgeServices, request: BatchRequest, kind: str = FORGE_BATCH.name) -> BatchResult:
    split = planned(services, request, kind)
    for child in reversed(split.children):
        forge_chunk(running(child), Attempt(), services)
    return BatchResult.model_validate(finish_batch(running(split.then), Attempt(), services).result)


def records(services: ForgeServices) -> list[Rem]:
    lines = services.files.path(BATCH, "records.jsonl").read_text(encoding="utf-8").split("\n")
    return [Rem.model_validate_json(line) for line in lines if line]


@pytest.fixture
def texts(forging: ForgeServices, tmp_path: Path) -> tuple[FileSource, ...]:
    """Upload more texts than one chunk holds, two of them with the same bytes, and one that cannot be read."""
    paths = [files.text(tmp_path / f"{n}.txt", f"I saw {n} bursts on the screen today.") for n in range(70)]
    paths.append(files.text(tmp_path / "again.txt", "I saw 3 bursts on the screen today."))
    empty = tmp_path / "empty.txt"
    empty.write_bytes(b"")
    return tuple(upload(forging, path, "text/plain") for path in [*paths[:10], empty, *paths[10:]])


def test_files_keep_their_order_over_chunks_that_end_in_any(
    forging: ForgeServices, texts: tuple[FileSource, ...]
) -> None:
    result = ran(forging, BatchRequest(files=texts))

    assert [one.name for one in result.files] == [one.name for one in texts]
    assert [one.name for one in result.files if one.rem_id is None] == ["empty.txt"]
    assert (result.records, result.failed) == (71, 1)
    assert [one.header.source.name for one in records(forging)] == [f"{n}.txt" for n in range(70)]


def test_the_chunks_and_their_end_may_each_happen_twice(forging: ForgeServices, texts: tuple[FileSource, ...]) -> None:
    split = planned(forging, BatchRequest(files=texts))
    for child in [*split.children, *split.children]:
        forge_chunk(running(child), Attempt(), forging)
    first = finish_batch(running(split.then), Attempt(), forging)
    kept = {name: forging.files.path(BATCH, name).read_bytes() for name in forging.files.names(BATCH)}
    again = finish_batch(running(split.then), Attempt(), forging)

    assert again == first
    assert {name: forging.files.path(BATCH, name).read_bytes() for name in forging.files.names(BATCH)} == kept
    assert not any(name.startswith("chunk-") for name in kept)


def test_progress_counts_every_file_of_a_chunk(forging: ForgeServices, texts: tuple[FileSource, ...]) -> None:
    split = planned(forging, BatchRequest(files=texts))
    attempt = Attempt()

    forge_chunk(running(split.children[0]), attempt, forging)

    done = [one.done for one in attempt.told]
    assert done == sorted(done)
    assert attempt.told[-1] == Progress(64, 64, "files")


def test_records_go_on_to_the_knowledge_unless_that_is_not_wanted(
    forging: ForgeServices, texts: tuple[FileSource, ...]
) -> None:
    split = planned(forging, BatchRequest(files=texts[:2], tags=("lab",)))
    forge_chunk(running(split.children[0]), Attempt(), forging)
    followed = finish_batch(running(split.then), Attempt(), forging)

    [ingestion] = followed.jobs
    assert (ingestion.kind, ingestion.params) == (REM_INGESTION.name, {"job": BATCH, "tags": ["lab"]})
    assert followed.result["ingestion"] == ingestion.id
    forging.files.remove(BATCH)
    assert ran(forging, BatchRequest(files=texts[:2], ingest=False)).ingestion is None


def test_a_chunk_that_is_stopped_leaves_nothing_of_the_batch(
    forging: ForgeServices, texts: tuple[FileSource, ...]
) -> None:
    split = planned(forging, BatchRequest(files=texts))
    forge_chunk(running(split.children[0]), Attempt(), forging)

    with pytest.raises(Cancelled):
        forge_chunk(running(split.children[1]), Attempt(stopped=True), forging)

    assert not forging.files.names(BATCH)


def test_a_file_that_was_never_uploaded_is_named_before_anything_runs(
    forging: ForgeServices, texts: tuple[FileSource, ...]
) -> None:
    absent = FileSource(artifact=f"sha256:{'0' * 64}", name="gone.txt")

    with pytest.raises(InvalidInput) as refused:
        planned(forging, BatchRequest(files=(*texts[:2], absent)))

    assert refused.value.field == "files.2.artifact"


def test_a_sequence_has_its_reports_and_a_batch_has_none(forging: ForgeServices, texts: tuple[FileSource, ...]) -> None:
    ran(forging, SequenceRequest(files=texts[:12], title="Days"), FORGE_SEQUENCE.name)

    assert forging.files.path(BATCH, "sequence.png").read_bytes().startswith(b"\x89PNG")
    assert b"empty.txt" in forging.files.path(BATCH, "sequence.html").read_bytes()
    forging.files.remove(BATCH)
    ran(forging, BatchRequest(files=texts[:2]))
    with pytest.raises(NotFound):
        forging.files.path(BATCH, "sequence.json")


def test_one_file_alone_has_a_result_of_the_same_form(forging: ForgeServices, texts: tuple[FileSource, ...]) -> None:
    request = ForgeRequest(artifact=texts[0].artifact, name="note.txt")

    followed = forge_one(job(FORGE.name, request.model_dump(mode="json")), Attempt(), forging)

    result = BatchResult.model_validate(followed.result)
    assert [one.name for one in result.files] == ["note.txt"]
    assert [one.header.rem_id for one in records(forging)] == [result.files[0].rem_id]
    assert forging.files.names(BATCH) == ["records.jsonl", "result.json"]
