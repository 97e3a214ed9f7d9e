"""What a request names becomes a batch, of the kind that it is."""

import json
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from jobs.errors import Cancelled, InvalidInput, NotFound, TooLarge
from jobs.ingestion import Format, IngestRequest, IngestResult
from jobs.knowledge import Label, Link, Space
from stores.corpus import read_corpus
from stores.documents import Record, Shelf
from stores.graph import Selection
from stores.memory_graph import MemoryGraph
from stores.vectors import Space as VectorSpace
from tests.workers.query.knowledge import (
    FIRMWARE,
    NOW,
    TENANT,
    Running,
    csv_of,
    everything,
    graph_of,
    graph_server,
    keep_artifact,
    keep_report,
    measured,
    memory_services,
    parquet_of,
    real_services,
)
from tests.workers.query.model_server import model_server, says
from tests.workers.query.test_writer import CHANGES, REPORT, baseline, old
from tests.workers.simulation import reports
from tests.workers.simulation.reports import synthetic
from workers.query.ingest import MAX_DOCUMENT_BYTES, ingest
from workers.query.model_http import HttpModel
from workers.query.profiles import DIMENSIONS, MODEL
from workers.query.remove import remove
from workers.query.services import QueryServices


@pytest.fixture
def services(tmp_path: Path) -> QueryServices:
    return memory_services(tmp_path)


@pytest.fixture
def real(tmp_path: Path) -> Iterator[QueryServices]:
    with graph_server(tmp_path) as graph:
        yield real_services(tmp_path, graph)


def take_in(services: QueryServices, *, attempt: Running | None = None, **told: Any) -> IngestResult:
    attempt = attempt or Running("job")
    request = IngestRequest(**told)
    return ingest(request, tenant=TENANT, job_id=attempt.job_id, attempt=attempt, services=services)


@pytest.mark.parametrize(("write", "media_type"), [(csv_of, "text/csv"), (parquet_of, "application/octet-stream")])
def test_a_measurement_file_is_known_by_its_content(services: QueryServices, write: Any, media_type: str) -> None:
    artifact = keep_artifact(services, write(measured(600, 5)), media_type)

    result = take_in(services, artifact=artifact, name="run-1")

    assert (result.batch, result.version, result.records) == ("measurements:run-1", 1, 600)
    kept = services.documents.find(TENANT, Shelf.MEASUREMENTS, batch=result.batch)
    assert sum(record.body["rows"] for record in kept) == 600
    assert {record.expires_at for record in kept} == {NOW + 30 * 86_400}
    space = VectorSpace(Space.MEASUREMENTS.value, MODEL, DIMENSIONS)
    ids = [f"{result.batch}|{FIRMWARE[:12]}:{0x08000100 + 2 * n:08x}" for n in range(5)]
    assert services.vectors.vectors(TENANT, space, ids).keys() == set(ids)


def test_a_text_is_a_document_whose_chunks_are_found(services: QueryServices) -> None:
    result = take_in(services, text="The oscilloscope was calibrated on Monday.", name="diary", title="Diary")

    assert (result.batch, result.records) == ("document:diary", 1)
    hits = services.texts.best(TENANT, "oscilloscope calibrated", limit=3, kinds=["chunk"])
    members = services.documents.find(TENANT, Shelf.MEMBERS, groups=[hits[0].id])
    assert [record.batch for record in members] == ["document:diary"]
    assert read_corpus(services.documents, TENANT).spaces[Space.CHUNKS] == services.encoder.model


@pytest.mark.parametrize("fails", [False, True])
def test_a_language_model_adds_entities_where_it_is_set_up_for_that(services: QueryServices, fails: bool) -> None:
    said = {"entities": [{"chunk": 1, "name": "blue harvest", "type": "algorithm"}], "relations": []}
    with model_server(says(json.dumps(said))) as server:
        server.status = 500 if fails else 200
        model = HttpModel(server.url, model="small")
        services = services._replace(model=model, model_extracts=True)

        result = take_in(services, text="We then measured blue harvest.", name="notes")
        model.close()

    entities = services.graph.select(TENANT, Selection(Label.ENTITY.value))
    assert ("blue harvest" in {node.properties["name"] for node in entities}) is not fails
    assert bool(result.warnings) is fails


def test_without_a_name_a_batch_is_named_by_its_digest(services: QueryServices) -> None:
    first, second = take_in(services, text="One."), take_in(services, text="One.")

    assert first.batch == second.batch
    assert second.unchanged


def test_a_campaign_is_taken_in_by_its_report(services: QueryServices) -> None:
    report = synthetic()

    result = take_in(services, campaign=keep_report(services, report), tags=("build-7",))

    assert result.batch == f"campaign:{report.campaign}"
    weak = services.graph.select(TENANT, Selection(Label.VULNERABILITY.value, limit=1000))
    assert len(weak) == len(report.findings)
    kept = services.documents.get(TENANT, Shelf.BATCHES, [result.batch])[result.batch].body
    assert kept["state"] == "visible"
    assert kept["source"]["report"] == report.digest
    assert kept["counts"]["nodes"] == result.nodes
    assert kept["version"] == result.version


def test_progress_is_told_step_by_step(services: QueryServices) -> None:
    attempt = Running("job")

    take_in(services, attempt=attempt, text="One.")

    assert [progress.message for progress in attempt.progress] == ["documents", "vectors", "graph", "shared"]


def test_measurements_find_the_firmware_that_is_known(services: QueryServices) -> None:
    take_in(services, campaign=keep_report(services, synthetic()))
    data = csv_of(measured(100, 2, firmware=reports.FIRMWARE, first=0x0900_0000))

    result = take_in(services, artifact=keep_artifact(services, data, "text/csv"), name="m")

    node = services.graph.nodes(TENANT, [f"{reports.FIRMWARE[:12]}:09000000"])[f"{reports.FIRMWARE[:12]}:09000000"]
    assert node.properties["firmware"] == f"firmware:{reports.FIRMWARE}"
    assert result.warnings == ()


def test_a_mitigation_is_compared_with_the_baseline_that_is_known(services: QueryServices) -> None:
    before = synthetic()
    take_in(services, campaign=keep_report(services, before))
    after = before.model_copy(update={"campaign": "after", "findings": ()})

    take_in(
        services,
        campaign=keep_report(services, after),
        tags=("mitigation:masking", f"baseline:{before.campaign}"),
    )

    found = graph_of(services.graph)
    effects = [key for key in found["relations"] if key[0] == Link.MITIGATED_BY]
    assert effects
    assert all(target == "mitigation:masking" for _, _, target in effects)
    assert all(source.startswith(f"vulnerability:{before.campaign}:") for _, source, _ in effects)


def test_a_mitigation_without_its_baseline_is_warned_of(services: QueryServices) -> None:
    tags = ("mitigation:masking", "baseline:never")

    result = take_in(services, campaign=keep_report(services, synthetic()), tags=tags)

    assert any("never" in warning for warning in result.warnings)


def test_a_baseline_of_a_form_that_is_not_read_any_more_is_as_one_that_is_not_there(services: QueryServices) -> None:
    blob = zlib.compress(b'{"schema_version": "report/0"}')
    services.documents.put(TENANT, Shelf.ANALYSIS_RESULTS, [Record("campaign:old", {}, "campaign:old", blob=blob)])

    result = take_in(services, campaign=keep_report(services, synthetic()), tags=("mitigation:masking", "baseline:old"))

    assert any("old" in warning for warning in result.warnings)


@pytest.mark.parametrize(
    ("request_", "field"),
    [({"artifact": f"sha256:{'0' * 64}"}, "artifact"), ({"campaign": "never"}, "campaign")],
    ids=["artifact", "campaign"],
)
def test_what_is_not_there_is_named(services: QueryServices, request_: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        take_in(services, **request_)

    assert refused.value.field == field


def test_a_report_that_is_none_is_refused(services: QueryServices) -> None:
    services.campaigns.write("c", "report.json", [b'{"schema_version": "report/1"}'])

    with pytest.raises(InvalidInput, match="campaign") as refused:
        take_in(services, campaign="c")

    assert refused.value.field == "campaign"


def test_the_report_of_another_campaign_is_refused(services: QueryServices) -> None:
    services.campaigns.write("c", "report.json", [synthetic().model_dump_json().encode()])

    with pytest.raises(InvalidInput, match="another campaign"):
        take_in(services, campaign="c")


def test_a_broken_file_replaces_nothing(services: QueryServices) -> None:
    take_in(services, name="m", artifact=keep_artifact(services, csv_of(measured(100, 2)), "text/csv"))
    before = everything(services)
    broken = keep_artifact(services, b"timestamp,energy,instruction_id\n1,x,\n", "text/csv")

    with pytest.raises(InvalidInput, match="Column energy, row 1"):
        take_in(services, name="m", artifact=broken)

    assert everything(services) == before


def test_what_a_store_refuses_leaves_nothing(services: QueryServices) -> None:
    class Refusing(MemoryGraph):
        def merge(self, tenant: str, nodes: Any, relations: Any, *, batch: str) -> None:
            super().merge(tenant, nodes, [], batch=batch)
            if relations:
                raise InvalidInput("This graph keeps no relations.", field="relations")

    services = services._replace(graph=Refusing())
    before = everything(services)

    with pytest.raises(InvalidInput):
        take_in(services, campaign=keep_report(services, synthetic()))

    left = everything(services)
    assert [left[store] for store in ("documents", "graph", "texts")] == [
        before[store] for store in ("documents", "graph", "texts")
    ]
    assert left["corpus"][1] == []


def test_two_workers_with_the_same_file_write_it_once(real: QueryServices) -> None:
    artifact = keep_artifact(real, csv_of(measured(2000, 50)), "text/csv")

    with ThreadPoolExecutor(4) as pool:
        attempts = [Running(f"job-{number}") for number in range(4)]
        results = list(pool.map(lambda attempt: take_in(real, attempt=attempt, artifact=artifact, name="m"), attempts))

    assert sorted(result.unchanged for result in results) == [False, True, True, True]
    assert {result.version for result in results} == {1}
    assert real.graph.counts(TENANT)[Label.MEASUREMENT] == 50


def test_workers_with_different_files_write_one_after_the_other(real: QueryServices) -> None:
    files = [keep_artifact(real, csv_of(measured(500, 20, seed=seed)), "text/csv") for seed in range(4)]

    with ThreadPoolExecutor(4) as pool:
        list(
            pool.map(
                lambda number: take_in(
                    real, attempt=Running(f"job-{number}"), artifact=files[number], name=f"m{number}"
                ),
                range(4),
            )
        )

    nodes = real.graph.select(TENANT, Selection(Label.INSTRUCTION.value, limit=1000))
    assert sum(int(node.properties["sample_count"] or 0) for node in nodes) == 2000
    assert read_corpus(real.documents, TENANT).hidden == frozenset()


def test_a_document_that_is_too_large_is_refused(services: QueryServices) -> None:
    artifact = keep_artifact(services, b"a" * (MAX_DOCUMENT_BYTES + 1), "text/plain")

    with pytest.raises(TooLarge) as refused:
        take_in(services, artifact=artifact, format=Format.TEXT)

    assert refused.value.field == "artifact"


def test_a_job_that_should_stop_stops_before_anything_is_seen(services: QueryServices) -> None:
    class Stopped(Running):
        def check(self) -> None:
            if self.progress:
                raise Cancelled("It was cancelled.")

    with pytest.raises(Cancelled):
        take_in(services, attempt=Stopped("job"), text="One.", name="n")

    assert read_corpus(services.documents, TENANT).hidden == frozenset()
    assert graph_of(services.graph)["nodes"] == {}
    assert not any(map(len, everything(services)["documents"].values()))
    assert not take_in(services, attempt=Running("other"), text="One.", name="n").unchanged


def test_what_was_never_there_cannot_be_removed_and_what_was_removed_is(services: QueryServices) -> None:
    def away(batch: str) -> Any:
        return remove(batch, tenant=TENANT, job_id="r", attempt=Running("r"), services=services)

    take_in(services, text="One.", name="n")
    first = away("document:n")

    assert away("document:n") == first
    with pytest.raises(NotFound) as refused:
        away("document:other")
    assert refused.value.field == "batch"


def test_real_stores_end_as_those_in_memory_do(real: QueryServices, tmp_path: Path) -> None:
    expected = baseline(tmp_path)
    for change in CHANGES.values():
        take_in(expected, **change(expected))
    take_in(real, campaign=keep_report(real, REPORT))
    for told in (old, *CHANGES.values()):
        take_in(real, **told(real))

    assert graph_of(real.graph) == graph_of(expected.graph)
    one, other = everything(real), everything(expected)
    assert one["texts"] == other["texts"]
    for shelf in set(Shelf) - {Shelf.PASSAGES, Shelf.BATCHES, Shelf.HEADS, Shelf.CORPUS}:
        assert one["documents"][shelf] == other["documents"][shelf]
    for record in list(one["documents"][Shelf.BATCHES]):
        remove(record, tenant=TENANT, job_id="r", attempt=Running("r"), services=real)
    left = everything(real)
    assert left["graph"] == {"nodes": {}, "relations": {}}
    assert left["texts"] == {}
    assert not any(left["documents"].values())
