"""Questions over HTTP."""

import pytest
from flask.testing import FlaskClient

from jobs.questions import MAX_QUESTION, QueryRequest
from tests.web.conftest import Behind
from tests.web.knowledge import answer, hands

QUESTION = "¿Qué instrucciones filtran la clave?"


def test_a_question_is_a_job_that_goes_before_campaigns(farm: Behind, client: FlaskClient) -> None:
    body = {"question": QUESTION, "mode": "local", "top_k": 3, "filters": {"severity": ["critical"], "tag": "lab"}}

    reply = client.post("/api/v2/queries", json=body)

    job = reply.get_json()
    assert (reply.status_code, job["kind"], job["priority"]) == (202, "query", 7)
    assert reply.headers["Location"] == f"/api/v2/jobs/{job['id']}"
    assert QueryRequest.model_validate(job["params"]) == QueryRequest.model_validate(body)
    assert farm.queue.sent == [("query", job["id"], 7)]


def test_a_question_that_is_waited_for_comes_back_with_its_answer(farm: Behind, client: FlaskClient) -> None:
    with hands(farm, lambda _farm, _job: answer(question=QUESTION).model_dump(mode="json")):
        reply = client.post("/api/v2/queries", json={"question": QUESTION}, headers={"Prefer": "wait=10"})

    assert reply.status_code == 200
    assert reply.headers["Preference-Applied"] == "wait=10"
    assert reply.get_json()["result"]["question"] == QUESTION
    assert reply.get_json()["result"]["claims"][0]["evidence"]


def test_the_same_key_asks_once(farm: Behind, client: FlaskClient) -> None:
    headers = {"Idempotency-Key": "k"}
    replies = [client.post("/api/v2/queries", json={"question": "?"}, headers=headers) for _ in range(2)]

    assert replies[0].get_json()["id"] == replies[1].get_json()["id"]
    assert len(farm.queue.sent) == 1


def test_a_question_submitted_as_a_job_is_the_same(client: FlaskClient) -> None:
    direct = client.post("/api/v2/queries", json={"question": QUESTION}).get_json()
    as_job = client.post("/api/v2/jobs", json={"kind": "query", "params": {"question": QUESTION}}).get_json()

    assert as_job["params"] == direct["params"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "question"),
        ({"question": ""}, "question"),
        ({"question": " \n\t "}, "question"),
        ({"question": "x" * (MAX_QUESTION + 1)}, "question"),
        ({"question": 7}, "question"),
        ({"question": "?", "top_k": 0}, "top_k"),
        ({"question": "?", "top_k": 101}, "top_k"),
        ({"question": "?", "top_k": "10"}, "top_k"),
        ({"question": "?", "mode": "deep"}, "mode"),
        ({"question": "?", "similarity_threshold": 1.5}, "similarity_threshold"),
        ({"question": "?", "max_hops": 6}, "max_hops"),
        ({"question": "?", "max_nodes": 1001}, "max_nodes"),
        ({"question": "?", "budget_s": 31}, "budget_s"),
        ({"question": "?", "filters": {"severity": ["severe"]}}, "filters.severity.0"),
        ({"question": "?", "filters": {"firmware": ["x"] * 17}}, "filters.firmware"),
        ({"question": "?", "filters": {"colour": 1}}, "filters.colour"),
        ({"question": "?", "filters": {"tag": "a\x00b"}}, "filters.tag"),
        ({"question": "?", "filters": {"firmware": ["a\x1eb"]}}, "filters.firmware.0"),
        ({"question": "a\x00b"}, "question"),
        ({"question": "\x1b[31m"}, "question"),
        ({"question": "\x7f"}, "question"),
        ({"question": "?", "language": "fr"}, "language"),
        ({"question": "?", "priority": 10}, "priority"),
        ({"question": "?", "tenant": "other"}, "tenant"),
    ],
)
def test_what_is_wrong_with_a_question_is_named(
    farm: Behind, client: FlaskClient, body: dict[str, object], field: str
) -> None:
    reply = client.post("/api/v2/queries", json=body)

    assert (reply.status_code, reply.mimetype) == (422, "application/problem+json")
    assert field in [error["field"] for error in reply.get_json(force=True)["errors"]]
    assert farm.queue.sent == []


def test_a_question_may_hold_any_character_but_those_that_control(farm: Behind, client: FlaskClient) -> None:
    hostile = "a\tb\r\nc \u202e 😀 \uffff"

    job = client.post("/api/v2/queries", json={"question": hostile}).get_json()

    assert farm.jobs.get(job["id"]).params["question"] == hostile


def test_half_a_character_is_no_json(client: FlaskClient) -> None:
    reply = client.post("/api/v2/queries", data=rb'{"question": "\ud800"}', content_type="application/json")

    assert (reply.status_code, reply.get_json(force=True)["code"]) == (400, "malformed-body")


def test_a_full_pool_refuses_questions_and_nothing_is_recorded(farm: Behind, client: FlaskClient) -> None:
    farm.queue.depth_now = 50

    reply = client.post("/api/v2/queries", json={"question": "?"})

    assert (reply.status_code, reply.get_json(force=True)["code"]) == (429, "overloaded")
    assert reply.headers["Retry-After"]
    assert client.get("/api/v2/jobs").get_json()["jobs"] == []


def test_a_pool_full_of_campaigns_refuses_no_question(farm: Behind, client: FlaskClient) -> None:
    farm.queue.sent += [("ping", str(number), 5) for number in range(50)]

    assert client.post("/api/v2/jobs", json={"kind": "ping", "params": {}}).status_code == 429
    assert client.post("/api/v2/queries", json={"question": "?"}).status_code == 202
