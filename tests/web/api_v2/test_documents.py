"""The corpus over HTTP: take in, list, take away."""

import pytest
from flask.testing import FlaskClient

from jobs.identity import HOME as TENANT
from jobs.ingestion import MAX_TEXT_BYTES, IngestRequest
from stores.documents import Record, Shelf
from tests.web.conftest import Behind
from tests.web.knowledge import fill

ABSENT = f"sha256:{'0' * 64}"
REM = f"rem:{'5c' * 16}"


def forged(farm: Behind) -> None:
    """Let there be a record of a file."""
    told = {"kind": "rem", "title": "scope.png", "state": "visible", "created_at": 6.0}
    farm.knowledge.documents.put(TENANT, Shelf.BATCHES, [Record(REM, told, REM, "rem", 6.0)])


def test_a_text_is_a_job_of_the_pool_that_changes_the_knowledge(farm: Behind, client: FlaskClient) -> None:
    body = {"name": "notes", "text": "Masking was added.", "title": "Notes", "tags": ["lab"]}

    reply = client.post("/api/v2/documents", json=body | {"priority": 6})

    job = reply.get_json()
    assert (reply.status_code, job["kind"], job["priority"]) == (202, "ingest", 6)
    assert IngestRequest.model_validate(job["params"]) == IngestRequest.model_validate(body)
    assert farm.queue.sent == [("ingest", job["id"], 6)]


def test_an_artifact_and_the_firmware_that_was_measured_must_be_there(farm: Behind, client: FlaskClient) -> None:
    there = farm.firmware()

    taken = client.post("/api/v2/documents", json={"artifact": there, "format": "csv", "firmware": there})
    without = client.post("/api/v2/documents", json={"artifact": ABSENT})
    unknown = client.post("/api/v2/documents", json={"artifact": there, "firmware": ABSENT})
    as_job = client.post("/api/v2/jobs", json={"kind": "ingest", "params": {"artifact": ABSENT}})

    assert taken.status_code == 202
    refused = [(reply.status_code, reply.get_json(force=True)["field"]) for reply in (without, unknown, as_job)]
    assert refused == [(422, "artifact"), (422, "firmware"), (422, "params.artifact")]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, ""),
        ({"name": "n"}, ""),
        ({"text": "x", "campaign": "c"}, ""),
        ({"text": "x", "artifact": ABSENT}, ""),
        ({"text": "x", "campaign": "c", "artifact": ABSENT}, ""),
        ({"campaign": "c", "name": "n"}, "name"),
        ({"campaign": "c", "format": "csv"}, "format"),
        ({"campaign": ""}, "campaign"),
        ({"text": ""}, "text"),
        ({"text": "x", "name": "../etc"}, "name"),
        ({"text": "x", "name": "a" * 101}, "name"),
        ({"text": "x", "name": "a\nb"}, "name"),
        ({"text": "x", "format": "docx"}, "format"),
        ({"text": "x", "title": "t" * 201}, "title"),
        ({"text": "x", "title": "a\x00b"}, "title"),
        ({"text": "x", "tags": ["a\x00b"]}, "tags.0"),
        ({"text": "x", "tags": ["\x1f"]}, "tags.0"),
        ({"campaign": "a\x00"}, "campaign"),
        ({"text": "x", "tags": ["a,b"]}, "tags.0"),
        ({"text": "x", "tags": ["a"] * 17}, "tags"),
        ({"text": "x", "tags": "lab"}, "tags"),
        ({"artifact": "sha256:abc"}, "artifact"),
    ],
)
def test_what_is_wrong_with_a_document_is_named(
    farm: Behind, client: FlaskClient, body: dict[str, object], field: str
) -> None:
    reply = client.post("/api/v2/documents", json=body)

    assert (reply.status_code, reply.mimetype) == (422, "application/problem+json")
    assert field in [error["field"] for error in reply.get_json(force=True)["errors"]]
    assert farm.queue.sent == []


def test_a_body_over_the_limit_is_refused(farm: Behind, client: FlaskClient) -> None:
    reply = client.post("/api/v2/documents", json={"text": "x" * 70_000})

    assert (reply.status_code, reply.get_json(force=True)["code"]) == (413, "too-large")
    assert farm.queue.sent == []


def test_a_text_over_its_own_limit_is_refused(farm: Behind, client: FlaskClient) -> None:
    farm.app.config["MAX_CONTENT_LENGTH"] = 2 * MAX_TEXT_BYTES

    reply = client.post("/api/v2/documents", json={"text": "x" * (MAX_TEXT_BYTES + 1)})

    assert (reply.status_code, reply.get_json(force=True)["field"]) == (422, "text")


def listed(client: FlaskClient, query: str = "") -> tuple[list[str], str | None]:
    page = client.get(f"/api/v2/documents?{query}").get_json()
    return [item["batch"] for item in page["documents"]], page["cursor"]


def test_what_was_taken_in_is_listed_oldest_first(farm: Behind, client: FlaskClient) -> None:
    fill(farm)

    names, cursor = listed(client)

    assert names == ["campaign:c", "document:notes", "measurements:half", "document:twin", "campaign:twin"]
    assert cursor is None
    page = client.get("/api/v2/documents").get_json()
    assert page["data_version"] == 7
    assert page["documents"][1] == {
        "batch": "document:notes",
        "kind": "document",
        "title": "<document:notes>",
        "state": "visible",
        "created_at": 2.0,
        "details": {"tags": ["lab"]},
    }


def test_nothing_was_taken_in_yet(client: FlaskClient) -> None:
    assert client.get("/api/v2/documents").get_json() == {"documents": [], "cursor": None, "data_version": 0}


def test_pages_follow_each_other_without_gaps_also_between_those_of_one_moment(
    farm: Behind, client: FlaskClient
) -> None:
    fill(farm)
    seen: list[str] = []
    cursor: str | None = ""

    while cursor is not None:
        names, cursor = listed(client, f"limit=1{f'&cursor={cursor}' if cursor else ''}")
        assert len(names) == 1
        seen += names

    assert seen == listed(client)[0]


def test_a_list_is_filtered_by_kind(farm: Behind, client: FlaskClient) -> None:
    fill(farm)

    assert listed(client, "kind=document")[0] == ["document:notes", "document:twin"]
    assert listed(client, "kind=document&limit=1")[1] is not None
    forged(farm)
    assert listed(client, "kind=rem")[0] == [REM]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("kind=book", "kind"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("cursor=abc", "cursor"),
        ("cursor=1.5,", "cursor"),
        ("cursor=nan,a", "cursor"),
        ("cursor=1e999,a", "cursor"),
        ("cursor=1,%00", "cursor"),
        ("cursor=1," + "a" * 400, "cursor"),
        ("offset=1", "offset"),
    ],
)
def test_what_is_wrong_with_a_list_is_named(client: FlaskClient, query: str, field: str) -> None:
    reply = client.get(f"/api/v2/documents?{query}")

    assert (reply.status_code, reply.get_json(force=True)["field"]) == (422, field)


@pytest.mark.parametrize(
    ("name", "batch"),
    [
        ("notes", "document:notes"),
        ("document:notes", "document:notes"),
        ("document%3Anotes", "document:notes"),
        ("half", "measurements:half"),
        ("c", "campaign:c"),
        ("twin", "document:twin"),
        ("campaign:twin", "campaign:twin"),
        (REM, REM),
        (REM.removeprefix("rem:"), REM),
    ],
)
def test_a_batch_is_taken_away_by_its_id_or_its_name(farm: Behind, client: FlaskClient, name: str, batch: str) -> None:
    fill(farm)
    forged(farm)

    reply = client.delete(f"/api/v2/documents/{name}")

    job = reply.get_json()
    assert (reply.status_code, job["kind"], job["params"]) == (202, "remove", {"batch": batch})
    assert farm.queue.sent == [("remove", job["id"], 6)]


@pytest.mark.parametrize(
    "name", ["nobody", "document:", "a" * 301, "a%00b", "%0A", "%F0%9F%98%80", "..%2F..", "%FF", "a%20b"]
)
def test_what_is_not_there_cannot_be_taken_away(farm: Behind, client: FlaskClient, name: str) -> None:
    fill(farm)

    reply = client.delete(f"/api/v2/documents/{name}")

    assert (reply.status_code, reply.get_json(force=True)["code"]) == (404, "not-found")
    assert farm.queue.sent == []
