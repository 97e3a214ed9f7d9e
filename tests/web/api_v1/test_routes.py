"""The first API, as its clients know it."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from jobs.errors import Conflict, DaseinError, DeadlineExceeded, InvalidInput, StoreUnavailable, TooLarge
from jobs.ingestion import IngestRequest
from jobs.model import Job
from tests.web.conftest import Behind, make_farm
from tests.web.knowledge import Work, answer, fill, hands, instruction, keep, parsed, said
from web.api_v1.deprecation import SUCCESSORS, successor
from web.api_v1.routes import SESSION


def know(_farm: Behind, job: Job) -> dict[str, Any]:
    return answer(question=job.params["question"]).model_dump(mode="json")


def talk(farm: Behind, job: Job) -> dict[str, Any]:
    farm.jobs.publish(job.id, {"token": "ldrb leaks."})
    return said(job).model_dump(mode="json")


def take_in(_farm: Behind, job: Job) -> dict[str, Any]:
    request = IngestRequest.model_validate(job.params)
    return {"batch": f"document:{request.name}", "records": len(request.text or ""), "unchanged": False}


def raising(error: DaseinError) -> Work:
    def work(_farm: Behind, _job: Job) -> dict[str, Any]:
        raise error

    return work


@pytest.mark.parametrize("path", ["/api/v1/query", "/api/query", "/query"])
@pytest.mark.parametrize("name", ["query", "prompt", "question"])
def test_a_question_has_three_names_and_three_places(farm: Behind, client: FlaskClient, path: str, name: str) -> None:
    with hands(farm, know):
        reply = client.post(path, json={name: " Which? ", "mode": "local", "top_k": 3, "stream": False, "user": 7})

    assert reply.status_code == 200, reply.text
    assert reply.get_json() == {
        "answer": "ldrb leaks.",
        "evidence": [instruction(0)],
        "confidence": 0.75,
        "sources": ["campaign:c", "graph"],
        "processing_time": 0.0125,
    }
    kind, job_id, priority = farm.queue.sent[0]
    params = farm.jobs.get(job_id).params
    assert (kind, priority, params["question"], params["mode"], params["top_k"]) == ("query", 8, "Which?", "local", 3)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, ""),
        ({"query": "a", "prompt": "b"}, ""),
        ({"query": ""}, "query"),
        ({"query": None}, ""),
        ({"query": 7}, "query"),
        ({"query": ["a"]}, "query"),
        ({"query": "x" * 5001}, "query"),
        ({"query": "a\x00b"}, "query"),
        ({"query": "a", "top_k": "10"}, "top_k"),
        ({"query": "a", "top_k": 101}, "top_k"),
        ({"query": "a", "top_k": 1.5}, "top_k"),
        ({"query": "a", "mode": "deep"}, "mode"),
    ],
)
def test_what_is_wrong_with_a_question_is_named(
    farm: Behind, client: FlaskClient, body: dict[str, object], field: str
) -> None:
    reply = client.post("/api/v1/query", json=body)

    assert (reply.status_code, reply.mimetype) == (422, "application/problem+json")
    assert field in [error["field"] for error in reply.get_json(force=True)["errors"]]
    assert farm.queue.sent == []


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (StoreUnavailable("redis at 10.0.0.1"), 503, "not-in-time"),
        (DeadlineExceeded("It took too long."), 503, "not-in-time"),
        (InvalidInput("It is no question.", field="question"), 422, "invalid-input"),
        (Conflict("Another one."), 409, "conflict"),
        (TooLarge("The result is too large."), 413, "too-large"),
    ],
)
def test_a_question_that_fails_is_a_problem(
    farm: Behind, client: FlaskClient, error: DaseinError, status: int, code: str
) -> None:
    with hands(farm, raising(error)):
        reply = client.post("/api/v1/query", json={"query": "?"})

    assert (reply.status_code, reply.mimetype) == (status, "application/problem+json")
    assert reply.get_json(force=True)["code"] == code
    assert "10.0.0.1" not in reply.text


def test_a_question_that_was_cancelled_is_answered(farm: Behind, client: FlaskClient) -> None:
    def cancelled(farm: Behind, job: Job) -> dict[str, Any]:
        farm.jobs.cancel(job.id)
        farm.jobs.renew(job.id, worker="one@here:1", lease_s=60)
        raise StoreUnavailable("stopped")

    with hands(farm, cancelled):
        reply = client.post("/api/v1/query", json={"query": "?"})

    assert (reply.status_code, reply.get_json(force=True)["code"]) == (503, "not-in-time")


def test_a_process_that_holds_too_many_waiters_says_so(tmp_path: Path) -> None:
    farm = make_farm(tmp_path, waiters=0)

    for path, body in (("query", {"query": "?"}), ("chat", {"message": "?"}), ("chat/stream", {"message": "?"})):
        reply = farm.client.post(f"/api/v1/{path}", json=body)

        assert (reply.status_code, reply.get_json(force=True)["code"]) == (503, "too-many-waiters")
    # A turn that was refused must not appear in the conversation.
    assert farm.jobs.get(farm.queue.sent[-1][1]).state == "cancelled"
    farm.hub.stop()


def test_every_answer_says_that_this_api_is_deprecated(client: FlaskClient) -> None:
    told = [
        (client.get("/api/v1/status"), 200, "/api/v2/status"),
        (client.get("/api/status"), 200, "/api/v2/status"),
        (client.get("/health"), 200, "/health/live"),
        (client.post("/query", json={}), 422, "/api/v2/queries"),
        (client.get("/query"), 405, "/api/v2/queries"),
        (client.get("/api/v1/history"), 200, "/api/v2/chat/shared-v1/history"),
        (client.delete("/api/v1/documents/nobody"), 404, "/api/v2/documents"),
        (client.get("/api/v1/nothing"), 404, "/api/v2/openapi.json"),
        (client.get("/api/status", headers={"Host": "evil.example"}), 421, "/api/v2/status"),
    ]

    for reply, status, instead in told:
        assert reply.status_code == status
        assert reply.headers["Deprecation"] == "@1795219200"
        assert reply.headers["Sunset"] == "Sun, 21 Nov 2027 00:00:00 GMT"
        links = f'<{instead}>; rel="successor-version", </api/docs>; rel="deprecation"; type="text/html"'
        assert reply.headers["Link"] == links
    for reply in (client.get("/api/v2/status"), client.get("/health/live"), client.get("/api/nothing")):
        assert not {"Deprecation", "Sunset", "Link"} & set(reply.headers.keys())


def test_every_route_of_this_api_has_a_successor_that_is_served(farm: Behind) -> None:
    rules = list(farm.app.url_map.iter_rules())
    served = {rule.rule for rule in rules}
    successors = {successor(rule.rule) for rule in rules if rule.endpoint.startswith("v1.")}

    assert successors == set(SUCCESSORS.values())
    assert all(path.replace("shared-v1", "<name:session>") in served for path in SUCCESSORS.values())


def test_the_status_is_short(client: FlaskClient) -> None:
    assert client.get("/api/v1/status").get_json() == {"status": "ok", "version": "1.2.3"}


def test_documents_are_taken_in_each_under_a_name(farm: Behind, client: FlaskClient) -> None:
    with hands(farm, take_in):
        one = client.post("/api/v1/documents", json={"documents": ["abc"], "doc_id": "notes", "x": 1})
        two = client.post("/api/v1/documents", json={"documents": ["abc", "de"], "doc_id": "notes"})
        nameless = client.post("/api/v1/documents", json={"documents": ["abc"]})

    assert one.get_json() == {"documents": [{"doc_id": "notes", "chunks": 3, "unchanged": False}]}
    assert [each["doc_id"] for each in two.get_json()["documents"]] == ["notes-0", "notes-1"]
    assert [each["chunks"] for each in two.get_json()["documents"]] == [3, 2]
    assert nameless.get_json()["documents"][0]["doc_id"] == "ba7816bf8f01cfea"
    assert {kind for kind, _, _ in farm.queue.sent} == {"ingest"}
    assert all(farm.jobs.get(job_id).deadline_at is None for _, job_id, _ in farm.queue.sent)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "documents"),
        ({"documents": []}, "documents"),
        ({"documents": "abc"}, "documents"),
        ({"documents": [""]}, "documents.0"),
        ({"documents": [7]}, "documents.0"),
        ({"documents": ["a"] * 101}, "documents"),
        ({"documents": ["a"], "doc_id": "a/b"}, "doc_id"),
        ({"documents": ["a", "b"], "doc_id": "a" * 97}, "doc_id"),
    ],
)
def test_what_is_wrong_with_documents_is_named(
    farm: Behind, client: FlaskClient, body: dict[str, object], field: str
) -> None:
    reply = client.post("/api/v1/documents", json=body)

    assert (reply.status_code, reply.get_json(force=True)["field"]) == (422, field)
    assert farm.queue.sent == []


def test_many_documents_with_the_longest_name_are_named(farm: Behind, client: FlaskClient) -> None:
    with hands(farm, take_in):
        reply = client.post("/api/v1/documents", json={"documents": ["a"] * 49, "doc_id": "n" * 96})

    assert reply.get_json()["documents"][-1]["doc_id"] == "n" * 96 + "-48"


def test_a_document_is_taken_away(farm: Behind, client: FlaskClient) -> None:
    fill(farm)

    with hands(farm, lambda _farm, _job: {"batch": "document:notes"}):
        gone = client.delete("/api/v1/documents/notes")
    absent = client.delete("/api/v1/documents/nobody")

    assert (gone.status_code, gone.get_json()) == (200, {"deleted": "notes"})
    assert farm.jobs.get(farm.queue.sent[0][1]).params == {"batch": "document:notes"}
    assert (absent.status_code, absent.get_json(force=True)["code"]) == (404, "not-found")
    assert len(farm.queue.sent) == 1


@pytest.mark.parametrize("name", ["campaign:c", "half", "%00", "a" * 301, "%F0%9F%98%80"])
def test_only_documents_are_taken_away(farm: Behind, client: FlaskClient, name: str) -> None:
    fill(farm)

    assert client.delete(f"/api/v1/documents/{name}").status_code == 404


def test_entities_are_listed_of_a_type_and_not_too_many(farm: Behind, client: FlaskClient) -> None:
    fill(farm)

    found = client.get("/api/v1/entities?entity_type=tool&limit=2&colour=red").get_json()

    assert found == {
        "entities": [
            {"id": "entity:tool:a", "name": "a", "type": "tool"},
            {"id": "entity:tool:b", "name": "b", "type": "tool"},
        ]
    }
    assert client.get("/api/v1/entities?limit=0").status_code == 422
    assert client.get("/api/v1/entities?entity_type=%00").status_code == 422


@pytest.mark.parametrize("path", ["/api/v1/chat", "/api/chat"])
def test_a_turn_is_answered_at_once(farm: Behind, client: FlaskClient, path: str) -> None:
    with hands(farm, talk):
        reply = client.post(path, json={"message": "Why?", "temperature": 0.5})

    assert reply.get_json() == {
        "response": "ldrb leaks.",
        "timestamp": "2025-01-02T03:04:05+00:00",
        "model_used": "none",
        "tokens_used": 0,
        "response_time": 0.0125,
    }
    assert farm.jobs.get(farm.queue.sent[0][1]).params["session"] == SESSION


def test_a_turn_that_a_model_worded_names_it_and_counts_no_tokens(farm: Behind, client: FlaskClient) -> None:
    with hands(farm, lambda _farm, job: said(job, model="small").model_dump(mode="json")):
        reply = client.post("/api/v1/chat", json={"message": "Why?", "session": "my-own-session"}).get_json()

    assert (reply["model_used"], reply["tokens_used"]) == ("small", None)
    assert farm.jobs.get(farm.queue.sent[0][1]).params["session"] == "my-own-session"


@pytest.mark.parametrize("path", ["/api/v1/chat/stream", "/api/chat/stream"])
def test_a_turn_is_streamed(farm: Behind, client: FlaskClient, path: str) -> None:
    with hands(farm, talk):
        reply = client.post(path, json={"message": "Why?"})

    assert reply.mimetype == "text/event-stream"
    assert [name for name, _ in parsed(reply.text)] == ["start", "token", "done"]
    assert farm.hub.waiting == 0


def test_a_stream_that_fails_ends_with_an_error(farm: Behind, client: FlaskClient) -> None:
    with hands(farm, raising(InvalidInput("No.", field="message"))):
        reply = client.post("/api/v1/chat/stream", json={"message": "Why?"})

    assert parsed(reply.text)[-1] == ("error", {"code": "invalid-input", "detail": "No."})


def test_history_is_paged_and_erased(farm: Behind, client: FlaskClient) -> None:
    assert client.get("/api/v1/history").get_json() == {"history": [], "total": 0, "offset": 0}
    keep(farm, SESSION, "a", "b", "c")

    page = client.get("/api/v1/history?offset=1&limit=1&order=desc").get_json()

    assert page == {"history": [{"message": "b", "response": "ldrb leaks.", "at": 1.0}], "total": 3, "offset": 1}
    assert client.delete("/api/history").get_json() == {"deleted": 3}
    assert client.delete("/api/v1/history").get_json() == {"deleted": 0}
    assert client.get("/api/history").get_json()["total"] == 0
    assert client.get("/api/v1/history?limit=x").status_code == 422


@pytest.mark.parametrize("path", ["query", "chat", "chat/stream", "documents"])
def test_what_is_no_json_object_is_a_problem(client: FlaskClient, path: str) -> None:
    sent = [(b"[]", "application/json", 422), (b"{", "application/json", 400), (b"a=1", "text/plain", 415)]
    for data, media_type, status in sent:
        reply = client.post(f"/api/v1/{path}", data=data, content_type=media_type)

        assert (reply.status_code, reply.mimetype) == (status, "application/problem+json")
        assert json.loads(reply.text)["trace_id"]


def test_a_wrong_method_and_a_wrong_path_are_problems(client: FlaskClient) -> None:
    replies = [client.get("/api/v1/query"), client.post("/api/v1/nothing"), client.get("/query")]

    assert [reply.status_code for reply in replies] == [405, 404, 405]
    assert {reply.mimetype for reply in replies} == {"application/problem+json"}
