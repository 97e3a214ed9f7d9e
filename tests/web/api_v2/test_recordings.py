"""Recordings over HTTP: submit, download."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from jobs.model import Failure
from jobs.recording import RecordRequest
from tests.web.conftest import Behind

CONTENT = {"records.bin": b"DSN72REC", "records.csv": b"timestamp,temperature\n", "records.parquet": b"PAR1"}


def body(firmware: str, **changes: object) -> dict[str, Any]:
    return {"firmware": firmware, "target": {"core": "cortex-m4", "entry": "main"}} | changes


def submitted(farm: Behind, **changes: object) -> str:
    answer = farm.client.post(
        "/api/v2/jobs", json={"kind": "simulation.record", "params": body(farm.firmware(), **changes)}
    )
    assert answer.status_code == 202, answer.text
    return str(answer.get_json()["id"])


def ended(farm: Behind, *names: str) -> str:
    recording = submitted(farm)
    for name in names:
        farm.files.write(recording, name, [CONTENT[name]])
    forms = {"records.bin": "binary", "records.csv": "csv", "records.parquet": "parquet"}
    farm.jobs.finish(recording, {"files": {forms[name]: {"name": name} for name in names}})
    return recording


def test_a_recording_is_a_job_with_all_that_was_not_said_filled_in(farm: Behind, client: FlaskClient) -> None:
    params = body(farm.firmware(), period_ns=100_000)

    job = client.post("/api/v2/jobs", json={"kind": "simulation.record", "params": params}).get_json()

    assert RecordRequest.model_validate(job["params"]) == RecordRequest.model_validate(params)
    assert job["params"]["clock_hz"] == 64_000_000
    assert farm.queue.sent == [("simulation.record", job["id"], 5)]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"power": {"model": "none"}}, "params.power.model"),
        ({"firmware": f"sha256:{'0' * 64}"}, "params.firmware"),
        ({"samples": 0}, "params.samples"),
        ({"simulator": {"engine": "renode"}}, "params.simulator.engine"),
        ({"probe": {"kind": "ina219", "bits": 13}}, "params.probe.bits"),
        ({"period_ns": 100, "clock_hz": 40_000}, "params.period_ns"),
    ],
)
def test_what_can_never_be_recorded_is_refused_by_its_field(
    farm: Behind, client: FlaskClient, changes: dict[str, object], field: str
) -> None:
    answer = client.post("/api/v2/jobs", json={"kind": "simulation.record", "params": body(farm.firmware()) | changes})

    problem = answer.get_json(force=True)
    assert answer.status_code == 422, answer.text
    assert problem["errors"][0]["field"] == field


@pytest.mark.parametrize(
    ("query", "name", "media_type"),
    [
        ("", "records.parquet", "application/vnd.apache.parquet"),
        ("?form=parquet", "records.parquet", "application/vnd.apache.parquet"),
        ("?form=csv", "records.csv", "text/csv"),
        ("?form=binary", "records.bin", "application/octet-stream"),
    ],
)
def test_records_are_downloaded_in_each_form(
    farm: Behind, client: FlaskClient, query: str, name: str, media_type: str
) -> None:
    recording = ended(farm, *CONTENT)

    answer = client.get(f"/api/v2/recordings/{recording}/records{query}")

    assert (answer.status_code, answer.mimetype, answer.data) == (200, media_type, CONTENT[name])
    assert answer.headers["Content-Disposition"] == f"attachment; filename=recording-{recording}-{name}"
    again = client.get(
        f"/api/v2/recordings/{recording}/records{query}", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304


def test_a_form_that_was_not_written_is_refused_and_named(farm: Behind, client: FlaskClient) -> None:
    recording = ended(farm, "records.csv")

    refused = client.get(f"/api/v2/recordings/{recording}/records?form=parquet")
    best = client.get(f"/api/v2/recordings/{recording}/records")

    assert (refused.status_code, refused.get_json(force=True)["code"]) == (404, "no-report")
    assert "csv alone" in refused.get_json(force=True)["detail"]
    assert best.data == CONTENT["records.csv"]


def test_records_are_not_there_before_the_end_nor_after_a_failure_nor_when_removed(
    farm: Behind, client: FlaskClient
) -> None:
    running, failed, removed = submitted(farm), submitted(farm), ended(farm, "records.csv")
    farm.jobs.fail(failed, Failure("invalid-input", "call 0 ended with read", "target"))
    farm.files.remove(removed)

    answers = [client.get(f"/api/v2/recordings/{it}/records") for it in (running, failed, removed)]

    codes = [(answer.status_code, answer.get_json(force=True)["code"]) for answer in answers]
    assert codes == [(409, "not-ready"), (404, "no-report"), (404, "no-report")]
    assert "call 0 ended with read" in answers[1].get_json(force=True)["detail"]


def test_another_job_is_no_recording(client: FlaskClient) -> None:
    ping = client.post("/api/v2/jobs", json={"kind": "ping", "params": {}}).get_json()["id"]

    assert client.get(f"/api/v2/recordings/{ping}/records").status_code == 404
    assert client.get("/api/v2/recordings/nothing/records").status_code == 404
