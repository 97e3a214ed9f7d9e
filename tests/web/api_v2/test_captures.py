"""Captures over HTTP: where they are refused at the door, and their records."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from jobs.abilities import Ability
from jobs.capturing import CaptureRequest
from stores.identity import Quotas
from tests.web.conftest import Behind, make_farm

HAS, HAS_NOT = Ability("1"), Ability(None, "there is no /dev/monje_virtual")


def told(farm: Behind, **workers: Ability) -> None:
    for name, ability in workers.items():
        farm.workers.beat(f"{name}@lab", queue="capture", ttl_s=3600, processes=1, abilities={"monje_virtual": ability})


def asked(**params: Any) -> dict[str, Any]:
    return {"kind": "simulation.capture", "params": params}


def test_a_capture_is_sent_to_the_pool_beside_the_recorder(farm: Behind, client: FlaskClient) -> None:
    told(farm, one=HAS)

    answer = client.post("/api/v2/jobs", json=asked(samples=10))

    assert answer.status_code == 202, answer.text
    job = answer.get_json()
    assert CaptureRequest.model_validate(job["params"]) == CaptureRequest(samples=10)
    assert farm.queue.sent == [("simulation.capture", job["id"], 5)]


@pytest.mark.parametrize(
    ("workers", "why"),
    [
        ({}, "No worker of the pool capture is alive to say that it has a recorder."),
        (
            {"one": HAS_NOT},
            "1 of 1 workers of the pool capture have no recorder: there is no /dev/monje_virtual.",
        ),
        (
            {"one": HAS, "two": HAS_NOT},
            "1 of 2 workers of the pool capture have no recorder: there is no /dev/monje_virtual.",
        ),
    ],
)
def test_without_a_recorder_it_is_refused_with_the_workers_own_reasons(
    farm: Behind, client: FlaskClient, workers: dict[str, Ability], why: str
) -> None:
    told(farm, **workers)

    answer = client.post("/api/v2/jobs", json=asked())
    together = client.post("/api/v2/batches", json={"jobs": [asked()]})

    problem = answer.get_json(force=True)
    assert (answer.status_code, problem["code"], problem["field"]) == (422, "device-unavailable", "params.device")
    assert problem["detail"] == why
    assert together.get_json(force=True)["errors"][0]["field"] == "jobs.0.params.device"
    assert farm.queue.sent == []


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"samples": 0}, "params.samples"),
        ({"samples": 100_000_001}, "params.samples"),
        ({"period_ns": 49_999}, "params.period_ns"),
        ({"device": "monje"}, "params.device"),
        ({"instruction": "main"}, "params.instruction"),
        ({"samples": 1_000_000, "period_ns": 10_000_000}, "params.samples"),
        ({"samples": 100_000, "timeout_s": 1}, "params.timeout_s"),
        ({"samples": 1_000_001, "forms": ["csv"]}, "params.forms"),
        ({"forms": ["binary"], "ingest": True}, "params.forms"),
    ],
)
def test_what_can_never_be_captured_is_refused_by_its_field(
    farm: Behind, client: FlaskClient, params: dict[str, Any], field: str
) -> None:
    told(farm, one=HAS)

    answer = client.post("/api/v2/jobs", json=asked(**params))

    assert answer.status_code == 422, answer.text
    assert answer.get_json(force=True)["errors"][0]["field"] == field
    assert farm.queue.sent == []


def test_pools_show_who_has_a_recorder_and_why_others_have_none(farm: Behind, client: FlaskClient) -> None:
    told(farm, one=HAS, two=HAS_NOT)

    pools = {pool["name"]: pool for pool in client.get("/api/v2/pools").get_json()["pools"]}

    assert pools["capture"]["abilities"] == [
        {"name": "monje_virtual", "workers": 1, "versions": ["1"], "absent": ["there is no /dev/monje_virtual"]}
    ]


def test_its_records_are_those_of_a_recording(farm: Behind, client: FlaskClient) -> None:
    told(farm, one=HAS)
    capture = client.post("/api/v2/jobs", json=asked()).get_json()["id"]
    early = client.get(f"/api/v2/recordings/{capture}/records")
    farm.files.write(capture, "records.bin", [b"DSN72REC"])
    farm.jobs.finish(capture, {"files": {"binary": {"name": "records.bin"}}})

    answer = client.get(f"/api/v2/recordings/{capture}/records")

    assert early.get_json(force=True)["code"] == "not-ready"
    assert (answer.status_code, answer.data, answer.mimetype) == (200, b"DSN72REC", "application/octet-stream")


def test_a_capture_that_would_not_fit_into_the_tenants_storage_is_refused(tmp_path: Any) -> None:
    farm = make_farm(tmp_path, quotas=Quotas(storage_bytes=1_000_000))
    told(farm, one=HAS)

    fits = farm.client.post("/api/v2/jobs", json=asked(samples=500))
    too_much = farm.client.post("/api/v2/jobs", json=asked(samples=2_000))

    assert fits.status_code == 202, fits.text
    assert too_much.get_json(force=True)["code"] == "storage-exceeded", too_much.text
