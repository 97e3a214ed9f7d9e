"""What the jobs of REMForge leave, over HTTP: records, results, reports of sequences."""

import json
from hashlib import sha256

import pytest
from flask.testing import FlaskClient

from jobs.forging import BatchResult
from jobs.model import Failure
from jobs.rem import Rem
from tests.web.conftest import Behind
from tests.web.rems import rem, result

REPORT = {
    "sequence.json": b'{"title": "A day"}',
    "sequence.html": b"<!doctype html><script>1</script>",
    "sequence.csv": b"position,name\n",
    "sequence.png": b"\x89PNG\r\n",
}
NAMES = ("diary.txt", "photo.jpg")
PARTS = ("records", "result", "report")


def submitted(farm: Behind, kind: str = "sequence") -> str:
    file = {"artifact": farm.firmware()}
    bodies = {"one": file, "many": {"files": [file]}, "sequence": {"files": [file], "sequence": True}}
    answer = farm.client.post("/api/v2/rems", json=bodies[kind])
    assert answer.status_code == 202, answer.text
    return str(answer.get_json()["id"])


def ended(farm: Behind, kind: str = "sequence") -> str:
    job_id = submitted(farm, kind)
    lines = b"".join(rem(name).model_dump_json().encode() + b"\n" for name in NAMES)
    whole = result(job_id, *NAMES, "broken.jpg", refused=("broken.jpg",))
    files = {"records.jsonl": lines, "result.json": whole.model_dump_json().encode()}
    for name, content in (files | (REPORT if kind == "sequence" else {})).items():
        farm.rem_files.write(job_id, name, [content])
    farm.jobs.finish(job_id, whole.model_dump(mode="json", exclude={"files"}))
    return job_id


@pytest.mark.parametrize("kind", ["one", "many", "sequence"])
def test_the_records_of_a_job_come_line_by_line(farm: Behind, client: FlaskClient, kind: str) -> None:
    job_id = ended(farm, kind)

    reply = client.get(client.get(f"/api/v2/jobs/{job_id}").get_json()["links"]["records"])

    assert (reply.status_code, reply.mimetype) == (200, "application/x-ndjson")
    assert [Rem.model_validate_json(line).header.source.name for line in reply.data.splitlines()] == [*NAMES]
    assert reply.headers["Content-Disposition"] == f'attachment; filename="rems-{job_id}.jsonl"'
    assert "immutable" in reply.headers["Cache-Control"]


def test_a_part_of_the_records_can_be_had(farm: Behind, client: FlaskClient) -> None:
    path = f"/api/v2/rems/jobs/{ended(farm)}/records"

    part = client.get(path, headers={"Range": "bytes=0-9"})
    again = client.get(path, headers={"If-None-Match": client.get(path).headers["ETag"]})

    assert (part.status_code, part.data) == (206, b'{"header":')
    assert (again.status_code, again.data) == (304, b"")


def test_the_whole_result_is_there_although_the_job_shows_less(farm: Behind, client: FlaskClient) -> None:
    job_id = ended(farm, "many")

    whole = BatchResult.model_validate(client.get(f"/api/v2/rems/jobs/{job_id}/result").get_json())

    assert "files" not in client.get(f"/api/v2/jobs/{job_id}").get_json()["result"]
    assert [(file.name, file.code) for file in whole.files] == [
        ("diary.txt", None),
        ("photo.jpg", None),
        ("broken.jpg", "invalid-file"),
    ]


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        (None, "sequence.json"),
        ("*/*", "sequence.json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "sequence.html"),
        ("text/csv", "sequence.csv"),
        ("image/*", "sequence.png"),
        ("application/json;q=0.2, text/csv;q=0.7", "sequence.csv"),
    ],
)
def test_the_report_of_a_sequence_comes_in_the_form_that_the_client_likes_best(
    farm: Behind, client: FlaskClient, accept: str | None, name: str
) -> None:
    job_id = ended(farm)

    reply = client.get(f"/api/v2/rems/jobs/{job_id}/report", headers={"Accept": accept} if accept else {})

    assert (reply.status_code, reply.data) == (200, REPORT[name])
    assert reply.headers["ETag"] == f'"{sha256(REPORT[name]).hexdigest()}"'
    assert reply.headers["Vary"] == "Accept"
    assert reply.headers["Content-Disposition"] == f'inline; filename="sequence-{job_id}.{name.split(".")[1]}"'


def test_a_form_of_the_report_can_be_named_and_must_be_known(farm: Behind, client: FlaskClient) -> None:
    path = f"/api/v2/rems/jobs/{ended(farm)}/report"

    named = client.get(f"{path}?format=png", headers={"Accept": "application/pdf"})
    unknown = client.get(f"{path}?format=pdf")
    unwanted = client.get(path, headers={"Accept": "application/pdf"})

    assert named.data == REPORT["sequence.png"]
    assert (unknown.status_code, unknown.get_json(force=True)["field"]) == (422, "format")
    assert (unwanted.status_code, unwanted.get_json(force=True)["code"]) == (406, "not-acceptable")


def test_the_page_of_a_sequence_reaches_nothing(farm: Behind, client: FlaskClient) -> None:
    reply = client.get(f"/api/v2/rems/jobs/{ended(farm)}/report?format=html")

    policy = [part.strip() for part in reply.headers["Content-Security-Policy"].split(";")]
    assert {"default-src 'none'", "sandbox allow-scripts allow-downloads"} <= set(policy)
    assert not any(part.startswith("connect-src") for part in policy)


@pytest.mark.parametrize("part", PARTS)
def test_a_job_that_goes_on_has_nothing_to_show_yet(farm: Behind, client: FlaskClient, part: str) -> None:
    job_id = submitted(farm)
    queued = client.get(f"/api/v2/rems/jobs/{job_id}/{part}")
    farm.start(job_id)

    running = client.get(f"/api/v2/rems/jobs/{job_id}/{part}")

    for reply in (queued, running):
        assert (reply.status_code, reply.get_json(force=True)["code"]) == (409, "not-ready")


@pytest.mark.parametrize("part", PARTS)
def test_a_job_that_failed_has_left_nothing_and_says_why(farm: Behind, client: FlaskClient, part: str) -> None:
    job_id = submitted(farm)
    farm.jobs.fail(job_id, Failure("store-unavailable", "The models did not answer."))

    reply = client.get(f"/api/v2/rems/jobs/{job_id}/{part}")

    document = reply.get_json(force=True)
    assert (reply.status_code, document["code"]) == (404, "no-report")
    assert "The models did not answer." in document["detail"]


@pytest.mark.parametrize("part", PARTS)
def test_a_job_of_another_kind_has_no_records(farm: Behind, client: FlaskClient, part: str) -> None:
    job = farm.submit()
    farm.jobs.finish(job.id, {})

    for name in (job.id, "nobody"):
        reply = client.get(f"/api/v2/rems/jobs/{name}/{part}")

        assert (reply.status_code, reply.get_json(force=True)["code"]) == (404, "not-found")


@pytest.mark.parametrize("kind", ["one", "many"])
def test_only_a_sequence_has_a_report(farm: Behind, client: FlaskClient, kind: str) -> None:
    reply = client.get(f"/api/v2/rems/jobs/{ended(farm, kind)}/report")

    assert (reply.status_code, reply.get_json(force=True)["code"]) == (404, "not-found")


def test_files_that_were_removed_are_a_problem_of_their_own(farm: Behind, client: FlaskClient) -> None:
    job_id = ended(farm)
    farm.rem_files.remove(job_id)

    for part in PARTS:
        reply = client.get(f"/api/v2/rems/jobs/{job_id}/{part}")
        assert (reply.status_code, reply.get_json(force=True)["code"]) == (404, "no-report")


def test_files_of_campaigns_are_not_files_of_records(farm: Behind, client: FlaskClient) -> None:
    job_id = submitted(farm)
    farm.files.write(job_id, "records.jsonl", [json.dumps({}).encode()])
    farm.jobs.finish(job_id, {})

    assert client.get(f"/api/v2/rems/jobs/{job_id}/records").status_code == 404
