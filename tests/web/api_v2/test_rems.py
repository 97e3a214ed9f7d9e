"""Records over HTTP: make, list, read, find, take away."""

from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from jobs.forging import BatchRequest, ForgeRequest, SearchAnswer, SearchRequest, SequenceRequest
from jobs.identity import HOME as TENANT
from jobs.rem import Modality, Rem
from stores.documents import Record, Shelf
from tests.web.conftest import Behind
from tests.web.knowledge import hands
from tests.web.rems import found, known, rem, result

ABSENT = f"sha256:{'0' * 64}"


def stored(farm: Behind, content: bytes = b"a photo") -> str:
    return farm.artifacts.put("default", [content], media_type="image/jpeg", limit_bytes=100)[0].id


def listed(client: FlaskClient, query: str = "") -> tuple[list[str], str | None]:
    page = client.get(f"/api/v2/rems?{query}").get_json()
    return [record["rem_id"] for record in page["records"]], page["cursor"]


def test_one_file_is_a_job_of_its_own_kind(farm: Behind, client: FlaskClient) -> None:
    body = {"artifact": stored(farm), "name": "photo.jpg", "level": "full", "labels": ["a cat"], "tags": ["lab"]}

    reply = client.post("/api/v2/rems", json=body | {"priority": 8, "deadline_s": 60})

    job = reply.get_json()
    assert (reply.status_code, job["kind"], job["priority"], job["tags"]) == (202, "remforge.forge", 8, ["lab"])
    assert reply.headers["Location"] == f"/api/v2/jobs/{job['id']}"
    assert ForgeRequest.model_validate(job["params"]) == ForgeRequest.model_validate(body)
    assert job["deadline_at"] is not None
    assert farm.queue.sent == [("remforge.forge", job["id"], 8)]


def test_many_files_keep_their_order_and_a_sequence_its_title(farm: Behind, client: FlaskClient) -> None:
    files = [{"artifact": stored(farm, name.encode()), "name": name} for name in ("b.jpg", "a.txt", "b.jpg")]

    many = client.post("/api/v2/rems", json={"files": files, "ingest": False}).get_json()
    sequence = client.post("/api/v2/rems", json={"files": files, "sequence": True, "title": "A day"}).get_json()

    assert (many["kind"], sequence["kind"]) == ("remforge.batch", "remforge.sequence")
    assert [file.name for file in BatchRequest.model_validate(many["params"]).files] == ["b.jpg", "a.txt", "b.jpg"]
    assert (many["params"]["ingest"], SequenceRequest.model_validate(sequence["params"]).title) == (False, "A day")
    assert (many["links"]["report"], sequence["links"]["report"]) == (
        None,
        f"/api/v2/rems/jobs/{sequence['id']}/report",
    )
    assert many["links"]["records"] == f"/api/v2/rems/jobs/{many['id']}/records"


def test_files_that_are_no_sequence_may_say_so(farm: Behind, client: FlaskClient) -> None:
    body = {"files": [{"artifact": stored(farm)}], "sequence": False}

    assert client.post("/api/v2/rems", json=body).get_json()["kind"] == "remforge.batch"


@pytest.mark.parametrize("kind", ["remforge.forge", "remforge.batch", "remforge.sequence"])
def test_records_asked_for_as_a_job_are_the_same(farm: Behind, client: FlaskClient, kind: str) -> None:
    file = {"artifact": stored(farm), "name": "photo.jpg"}
    params: dict[str, Any] = file if kind == "remforge.forge" else {"files": [file]}
    body = params | ({"sequence": True} if kind == "remforge.sequence" else {})

    direct = client.post("/api/v2/rems", json=body).get_json()
    as_job = client.post("/api/v2/jobs", json={"kind": kind, "params": params}).get_json()

    assert (direct["kind"], direct["params"]) == (as_job["kind"], as_job["params"])


def test_records_that_are_waited_for_come_with_the_answer(farm: Behind, client: FlaskClient) -> None:
    body = {"artifact": stored(farm), "name": "photo.jpg"}

    with hands(farm, lambda _farm, job: result(job.id, "photo.jpg").model_dump(mode="json")):
        reply = client.post("/api/v2/rems", json=body, headers={"Prefer": "wait=10"})

    assert (reply.status_code, reply.headers["Preference-Applied"]) == (200, "wait=10")
    assert reply.get_json()["result"]["files"][0]["headline"] == "A text: I saw two bursts."


def test_the_same_key_forges_once(farm: Behind, client: FlaskClient) -> None:
    body, key = {"artifact": stored(farm)}, {"Idempotency-Key": "k"}

    first, again = (client.post("/api/v2/rems", json=body, headers=key) for _ in range(2))
    other = client.post("/api/v2/rems", json=body | {"name": "b"}, headers=key)

    assert (first.get_json()["id"], again.headers["Idempotency-Replayed"]) == (again.get_json()["id"], "true")
    assert (other.status_code, len(farm.queue.sent)) == (409, 1)


def test_every_file_must_have_been_uploaded(farm: Behind, client: FlaskClient) -> None:
    there = stored(farm)
    files = [{"artifact": there}, {"artifact": there}, {"artifact": ABSENT}]
    bodies: list[tuple[str, Any]] = [
        ("/rems", {"artifact": ABSENT}),
        ("/rems", {"files": files}),
        ("/rems", {"files": files, "sequence": True}),
        ("/rems/search", {"artifact": ABSENT}),
        ("/jobs", {"kind": "remforge.batch", "params": {"files": files}}),
    ]

    replies = [client.post(f"/api/v2{path}", json=body) for path, body in bodies]

    assert {reply.status_code for reply in replies} == {422}
    fields = [reply.get_json(force=True)["field"] for reply in replies]
    assert fields == ["artifact", "files.2.artifact", "files.2.artifact", "artifact", "params.files.2.artifact"]
    assert farm.queue.sent == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "artifact"),
        ({"artifact": "sha256:abc"}, "artifact"),
        ({"artifact": ABSENT, "name": ""}, "name"),
        ({"artifact": ABSENT, "name": "../etc/passwd"}, "name"),
        ({"artifact": ABSENT, "name": "a\nb"}, "name"),
        ({"artifact": ABSENT, "name": "a" * 256}, "name"),
        ({"artifact": ABSENT, "level": "deep"}, "level"),
        ({"artifact": ABSENT, "labels": "a cat"}, "labels"),
        ({"artifact": ABSENT, "labels": [""]}, "labels.0"),
        ({"artifact": ABSENT, "labels": ["x"] * 65}, "labels"),
        ({"artifact": ABSENT, "tags": ["a,b"]}, "tags.0"),
        ({"artifact": ABSENT, "ingest": "no"}, "ingest"),
        ({"artifact": ABSENT, "priority": 10}, "priority"),
        ({"artifact": ABSENT, "deadline_s": 0}, "deadline_s"),
        ({"artifact": ABSENT, "title": "T"}, "title"),
        ({"artifact": ABSENT, "files": []}, "artifact"),
        ({"artifact": ABSENT, "sequence": True}, "artifact"),
        ({"files": []}, "files"),
        ({"files": ABSENT}, "files"),
        ({"files": [{"name": "a"}]}, "files.0.artifact"),
        ({"files": [{"artifact": ABSENT, "level": "full"}]}, "files.0.level"),
        ({"files": [{"artifact": ABSENT}], "title": "T"}, "title"),
        ({"files": [{"artifact": ABSENT}], "sequence": "yes"}, "sequence"),
        ({"files": [{"artifact": ABSENT}], "sequence": True, "title": "t" * 201}, "title"),
        ({"sequence": True}, "files"),
    ],
)
def test_what_is_wrong_with_a_submission_is_named(
    farm: Behind, client: FlaskClient, body: dict[str, Any], field: str
) -> None:
    reply = client.post("/api/v2/rems", json=body)

    assert (reply.status_code, reply.mimetype) == (422, "application/problem+json")
    assert field in [error["field"] for error in reply.get_json(force=True)["errors"]]
    assert farm.queue.sent == []


def test_a_body_that_is_no_object_is_refused(client: FlaskClient) -> None:
    assert client.post("/api/v2/rems", json=[{"artifact": ABSENT}]).status_code == 422
    assert client.post("/api/v2/rems", data=b"{", content_type="application/json").status_code == 400
    assert client.post("/api/v2/rems", data=b"JPEG", content_type="image/jpeg").status_code == 415


def test_a_full_pool_refuses_files(farm: Behind, client: FlaskClient) -> None:
    body = {"artifact": stored(farm)}
    farm.queue.depth_now = 50

    reply = client.post("/api/v2/rems", json=body)

    assert (reply.status_code, reply.get_json(force=True)["code"]) == (429, "overloaded")


def test_records_are_listed_newest_first_each_in_a_line(farm: Behind, client: FlaskClient) -> None:
    first, second = known(farm, "diary.txt", "notes.md")

    page = client.get("/api/v2/rems").get_json()

    assert [record["rem_id"] for record in page["records"]] == [second, first]
    assert (page["cursor"], page["data_version"]) == (None, 7)
    assert page["records"][1] == {
        "rem_id": first,
        "artifact": f"sha256:{rem('diary.txt').header.source.sha256}",
        "name": "diary.txt",
        "modality": "text",
        "level": "lite",
        "media_type": "text/plain",
        "bytes": 17,
        "created_at": "2025-01-02T03:04:05Z",
        "language": "en",
        "completeness": 0.25,
        "headline": "A text: I saw two bursts.",
        "warnings": ["nothing was looked at"],
    }


def test_records_on_their_way_are_neither_listed_nor_shown(farm: Behind, client: FlaskClient) -> None:
    names = [f"{number}.txt" for number in range(6)]
    ids = known(farm, *names, hidden=("1.txt", "2.txt", "5.txt"))

    shown, cursor = listed(client)

    assert (shown, cursor) == ([ids[4], ids[3], ids[0]], None)
    assert client.get(f"/api/v2/rems/{ids[1]}").status_code == 404
    assert client.get(f"/api/v2/rems/{ids[0]}").status_code == 200


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_of_records_follow_each_other_without_gaps_or_repetitions(
    farm: Behind, client: FlaskClient, limit: int
) -> None:
    names = [f"{number}.txt" for number in range(9)]
    ids = known(farm, *names, hidden=("0.txt", "3.txt", "4.txt", "8.txt"))
    seen: list[str] = []
    cursor: str | None = ""

    while cursor is not None:
        shown, cursor = listed(client, f"limit={limit}{f'&cursor={quote(cursor)}' if cursor else ''}")
        assert len(shown) <= limit
        seen += shown

    assert seen == [ids[number] for number in (7, 6, 5, 2, 1)]


def test_records_are_listed_by_their_modality(farm: Behind, client: FlaskClient) -> None:
    known(farm, "diary.txt")
    (photo,) = known(farm, "photo.jpg", modality=Modality.IMAGE)

    assert listed(client, "modality=image") == ([photo], None)
    assert listed(client, "modality=video") == ([], None)
    assert len(listed(client)[0]) == 2


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("modality=smell", "modality"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("cursor=abc", "cursor"),
        ("cursor=nan,a", "cursor"),
        ("level=lite", "level"),
    ],
)
def test_what_is_wrong_with_a_list_of_records_is_named(client: FlaskClient, query: str, field: str) -> None:
    reply = client.get(f"/api/v2/rems?{query}")

    assert (reply.status_code, reply.get_json(force=True)["field"]) == (422, field)


def test_a_record_comes_as_its_schema_says_and_once(farm: Behind, client: FlaskClient) -> None:
    (id_,) = known(farm, "diary.txt")

    reply = client.get(f"/api/v2/rems/{id_}")
    again = client.get(f"/api/v2/rems/{id_}", headers={"If-None-Match": reply.headers["ETag"]})
    known(farm, "diary.txt", "other.txt")
    other = client.get(f"/api/v2/rems/{rem('other.txt').header.rem_id}")

    assert Rem.model_validate(reply.get_json()) == rem("diary.txt")
    assert (again.status_code, again.data) == (304, b"")
    assert other.headers["ETag"] != reply.headers["ETag"]


@pytest.mark.parametrize("name", ["nobody", "rem:abc", "%00", "..%2Fcampaigns", "a" * 301, "rem%3A%F0%9F%98%80"])
def test_a_record_that_is_not_there_is_not_found_however_it_is_named(client: FlaskClient, name: str) -> None:
    for method in ("GET", "DELETE"):
        reply = client.open(f"/api/v2/rems/{name}", method=method)

        assert (reply.status_code, reply.get_json(force=True)["code"]) == (404, "not-found")


def test_a_record_is_taken_away_by_a_job(farm: Behind, client: FlaskClient) -> None:
    (id_,) = known(farm, "diary.txt")

    reply = client.delete(f"/api/v2/rems/{id_}")

    job = reply.get_json()
    assert (reply.status_code, job["kind"], job["params"]) == (202, "remove", {"batch": id_})
    assert farm.queue.sent == [("remove", job["id"], 6)]


def test_a_record_that_was_only_half_written_can_be_taken_away(farm: Behind, client: FlaskClient) -> None:
    id_ = rem("half.txt").header.rem_id
    farm.knowledge.documents.put(TENANT, Shelf.BATCHES, [Record(id_, {"kind": "rem"}, id_, "rem", 1.0)])

    assert client.get(f"/api/v2/rems/{id_}").status_code == 404
    assert client.delete(f"/api/v2/rems/{id_}").status_code == 202


def test_what_another_tenant_has_made_is_not_there(farm: Behind, client: FlaskClient) -> None:
    id_ = rem().header.rem_id
    farm.knowledge.documents.put("other", Shelf.REMS, [Record(id_, rem().model_dump(mode="json"), id_, "text")])

    assert listed(client) == ([], None)
    assert client.get(f"/api/v2/rems/{id_}").status_code == 404
    assert client.delete(f"/api/v2/rems/{id_}").status_code == 404


def test_words_find_records_of_any_modality(farm: Behind, client: FlaskClient) -> None:
    body = {"query": "oscilloscope screenshot with two bursts", "modality": "image", "limit": 3}

    with hands(farm, lambda _farm, _job: found("scope.png").model_dump(mode="json")):
        reply = client.post("/api/v2/rems/search", json=body, headers={"Prefer": "wait=10"})

    job = reply.get_json()
    assert (reply.status_code, job["kind"], job["priority"]) == (200, "remforge.search", 7)
    assert SearchRequest.model_validate(job["params"]) == SearchRequest.model_validate(body)
    assert SearchAnswer.model_validate(job["result"]) == found("scope.png")


def test_a_picture_finds_records_too(farm: Behind, client: FlaskClient) -> None:
    artifact = stored(farm)

    job = client.post("/api/v2/rems/search", json={"artifact": artifact}).get_json()

    assert (job["state"], job["params"]["artifact"], job["params"]["query"]) == ("queued", artifact, None)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, ""),
        ({"query": "x", "artifact": ABSENT}, ""),
        ({"query": ""}, "query"),
        ({"query": "x" * 1001}, "query"),
        ({"query": "a\x00b"}, "query"),
        ({"query": "x", "limit": 0}, "limit"),
        ({"query": "x", "limit": 101}, "limit"),
        ({"query": "x", "modality": "smell"}, "modality"),
        ({"query": "x", "priority": 10}, "priority"),
        ({"artifact": "photo.jpg"}, "artifact"),
    ],
)
def test_what_is_wrong_with_a_search_is_named(
    farm: Behind, client: FlaskClient, body: dict[str, Any], field: str
) -> None:
    reply = client.post("/api/v2/rems/search", json=body)

    assert reply.status_code == 422
    assert field in [error["field"] for error in reply.get_json(force=True)["errors"]]
    assert farm.queue.sent == []
