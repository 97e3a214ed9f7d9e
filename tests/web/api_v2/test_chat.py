"""Conversations over HTTP."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import pytest
from flask.testing import FlaskClient

from jobs.errors import StoreUnavailable
from jobs.model import Job
from tests.web.conftest import PATIENCE_S, Behind, make_farm
from tests.web.knowledge import hands, keep, parsed, said

STREAM = {"Accept": "text/event-stream"}
SESSION = "lab-session-1"


def words(farm: Behind, job: Job) -> dict[str, Any]:
    """Answer in three tokens."""
    for token in ("ldrb ", "leaks", ".\n¿sí?"):
        farm.jobs.publish(job.id, {"token": token})
    farm.jobs.publish(job.id, {"another": "partial"})
    return said(job).model_dump(mode="json")


def test_a_turn_is_a_job_that_goes_before_others(client: FlaskClient) -> None:
    reply = client.post("/api/v2/chat", json={"message": "Why?", "session": SESSION})

    job = reply.get_json()
    assert (reply.status_code, job["kind"], job["priority"]) == (202, "chat", 8)
    assert (job["params"]["message"], job["params"]["session"]) == ("Why?", SESSION)
    assert job["deadline_at"] is not None


def test_a_turn_that_is_waited_for_names_its_session(farm: Behind, client: FlaskClient) -> None:
    with hands(farm, words):
        job = client.post("/api/v2/chat", json={"message": "Why?"}, headers={"Prefer": "wait=10"}).get_json()

    assert job["result"]["session"] == job["id"]
    assert job["result"]["turn"]["answer"]["answer"] == "ldrb leaks."


def test_a_turn_is_streamed_from_its_start_over_its_tokens_to_its_end(farm: Behind, client: FlaskClient) -> None:
    with hands(farm, words):
        reply = client.post("/api/v2/chat", json={"message": "Why?"}, headers=STREAM)

    events = parsed(reply.text)
    assert (reply.status_code, reply.mimetype) == (200, "text/event-stream")
    assert (reply.headers["Cache-Control"], reply.headers["X-Accel-Buffering"]) == ("no-store", "no")
    assert [name for name, _ in events] == ["start", "token", "token", "token", "done"]
    assert "".join(data["text"] for name, data in events if name == "token") == "ldrb leaks.\n¿sí?"
    assert events[-1][1]["turn"]["message"] == "Why?"
    job_id = events[-1][1]["session"]
    assert events[0][1] == {"job": job_id, "events": f"/api/v2/chat/turns/{job_id}/events"}
    assert farm.hub.waiting == 0


def test_tokens_arrive_while_the_turn_goes_on(farm: Behind) -> None:
    reply = farm.app.test_client().post("/api/v2/chat", json={"message": "Why?"}, headers=STREAM, buffered=False)
    # The pieces as they come: the server's end of the connection is this iterator.
    pieces = cast(Iterator[bytes], iter(reply.response))
    assert next(pieces).startswith(b"retry: ")
    job_id = parsed(next(pieces).decode())[0][1]["job"]
    farm.start(job_id)

    farm.jobs.publish(job_id, {"token": "first"})

    assert parsed(next(pieces).decode()) == [("token", {"text": "first"})]
    farm.jobs.publish(job_id, {"token": "second"})
    assert parsed(next(pieces).decode()) == [("token", {"text": "second"})]
    reply.close()


def test_a_client_that_goes_away_frees_its_place(farm: Behind) -> None:
    reply = farm.app.test_client().post("/api/v2/chat", json={"message": "Why?"}, headers=STREAM, buffered=False)
    next(iter(reply.response))
    farm.turnstile.wait_for(1)

    reply.close()

    farm.turnstile.wait_for(0)


def test_a_turn_that_fails_ends_with_an_error(farm: Behind, client: FlaskClient) -> None:
    def fail(farm: Behind, job: Job) -> dict[str, Any]:
        farm.jobs.publish(job.id, {"token": "ldr"})
        raise StoreUnavailable("The graph does not answer.")

    with hands(farm, fail):
        events = parsed(client.post("/api/v2/chat", json={"message": "Why?"}, headers=STREAM).text)

    assert [name for name, _ in events] == ["start", "token", "error"]
    assert events[-1][1] == {"code": "store-unavailable", "detail": "The graph does not answer."}


def test_a_turn_that_is_cancelled_ends_with_an_error(farm: Behind, client: FlaskClient) -> None:
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(client.post, "/api/v2/chat", json={"message": "Why?"}, headers=STREAM)
        farm.turnstile.wait_for(1)
        farm.jobs.cancel(farm.queue.sent[0][1])
        events = parsed(asked.result(PATIENCE_S).text)

    assert [(name, data.get("code")) for name, data in events] == [("start", None), ("error", "cancelled")]


def test_a_turn_that_begins_anew_says_so(farm: Behind, client: FlaskClient) -> None:
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(client.post, "/api/v2/chat", json={"message": "Why?"}, headers=STREAM)
        farm.turnstile.wait_for(1)
        job_id = farm.queue.sent[0][1]
        farm.start(job_id)
        farm.jobs.publish(job_id, {"token": "half an ans"})
        farm.jobs.release(job_id, worker="one@here:1")
        farm.start(job_id)
        farm.jobs.finish(job_id, words(farm, farm.jobs.get(job_id)))
        names = [name for name, _ in parsed(asked.result(PATIENCE_S).text)]

    assert names == ["start", "token", "start", "token", "token", "token", "done"]


def test_a_server_that_stops_says_where_to_look(farm: Behind, client: FlaskClient) -> None:
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(client.post, "/api/v2/chat", json={"message": "Why?"}, headers=STREAM)
        farm.turnstile.wait_for(1)
        farm.hub.stop()
        events = parsed(asked.result(PATIENCE_S).text)

    assert events[-1][0] == "error"
    assert events[-1][1]["code"] == "not-in-time"
    assert farm.queue.sent[0][1] in events[-1][1]["detail"]


def frames(text: str) -> list[dict[str, str]]:
    blocks = [dict(line.split(": ", 1) for line in block.splitlines()) for block in text.strip().split("\n\n")]
    return [block for block in blocks if "event" in block]


def test_a_turn_is_read_on_from_the_last_token_that_was_seen(farm: Behind, client: FlaskClient) -> None:
    with hands(farm, words):
        whole = frames(client.post("/api/v2/chat", json={"message": "Why?"}, headers=STREAM).text)
    path = json.loads(whole[0]["data"])["events"]

    rest = client.get(path, headers={"Last-Event-ID": whole[2]["id"]})
    again = client.get(path)
    over = client.get(path, headers={"Last-Event-ID": whole[-1]["id"]})

    assert frames(rest.text) == whole[3:]
    assert [frame["event"] for frame in whole[3:]] == ["token", "done"]
    assert frames(again.text) == whole
    assert (over.status_code, over.data) == (204, b"")


def test_tokens_that_were_dropped_are_told(farm: Behind, client: FlaskClient) -> None:
    def talk(farm: Behind, job: Job) -> dict[str, Any]:
        for number in range(1100):
            farm.jobs.publish(job.id, {"token": f"{number} "})
        return said(job).model_dump(mode="json")

    with hands(farm, talk):
        job = client.post("/api/v2/chat", json={"message": "Why?"}, headers={"Prefer": "wait=20"}).get_json()

    names = [frame["event"] for frame in frames(client.get(f"/api/v2/chat/turns/{job['id']}/events").text)]

    assert (names[:3], names[-1]) == (["start", "gap", "token"], "done")


def test_only_turns_are_read_as_turns(farm: Behind, client: FlaskClient) -> None:
    ping = farm.submit()

    for job_id in (ping.id, "nobody"):
        reply = client.get(f"/api/v2/chat/turns/{job_id}/events")
        assert (reply.status_code, reply.get_json(force=True)["code"]) == (404, "not-found")
    assert client.get(f"/api/v2/chat/turns/{ping.id}/events", headers={"Last-Event-ID": "x"}).status_code == 422


def test_a_turn_that_cannot_be_streamed_is_answered_as_the_job_that_it_is(tmp_path: Path) -> None:
    farm = make_farm(tmp_path, waiters=0)

    reply = farm.client.post("/api/v2/chat", json={"message": "Why?"}, headers=STREAM)

    assert (reply.status_code, reply.mimetype) == (202, "application/json")
    assert reply.headers["Location"].endswith(farm.queue.sent[0][1])
    farm.hub.stop()


@pytest.mark.parametrize(
    "accept", ["*/*", "application/json", "application/json, text/event-stream;q=0.5", "text/html"]
)
def test_a_client_that_does_not_prefer_a_stream_gets_none(client: FlaskClient, accept: str) -> None:
    reply = client.post("/api/v2/chat", json={"message": "Why?"}, headers={"Accept": accept})

    assert (reply.status_code, reply.mimetype) == (202, "application/json")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "message"),
        ({"message": " "}, "message"),
        ({"message": "x" * 5001}, "message"),
        ({"message": "a\x00b"}, "message"),
        ({"message": "?", "session": "short"}, "session"),
        ({"message": "?", "session": "with space in it"}, "session"),
        ({"message": "?", "session": "a" * 65}, "session"),
        ({"message": "?", "session": "../../etc/passwd"}, "session"),
        ({"message": "?", "temperature": 1}, "temperature"),
    ],
)
def test_what_is_wrong_with_a_turn_is_named(
    farm: Behind, client: FlaskClient, body: dict[str, object], field: str
) -> None:
    reply = client.post("/api/v2/chat", json=body, headers=STREAM)

    assert (reply.status_code, reply.mimetype) == (422, "application/problem+json")
    assert reply.get_json(force=True)["field"] == field
    assert farm.queue.sent == []


def test_a_conversation_is_read_in_pages_oldest_first(farm: Behind, client: FlaskClient) -> None:
    keep(farm, SESSION, *(f"m{number}" for number in range(12)))
    keep(farm, "another-session", "theirs")

    pages = [
        client.get(f"/api/v2/chat/{SESSION}/history?offset={offset}&limit=5").get_json() for offset in (0, 5, 10, 15)
    ]

    assert [[turn["message"] for turn in page["turns"]] for page in pages] == [
        ["m0", "m1", "m2", "m3", "m4"],
        ["m5", "m6", "m7", "m8", "m9"],
        ["m10", "m11"],
        [],
    ]
    assert {(page["session"], page["total"]) for page in pages} == {(SESSION, 12)}
    assert [page["offset"] for page in pages] == [0, 5, 10, 15]


def test_an_erased_conversation_is_gone_and_no_other(farm: Behind, client: FlaskClient) -> None:
    keep(farm, SESSION, "a", "b")
    keep(farm, "another-session", "theirs")

    erased = client.delete(f"/api/v2/chat/{SESSION}/history")

    assert (erased.status_code, erased.get_json()) == (200, {"turns": 2})
    assert client.get(f"/api/v2/chat/{SESSION}/history").status_code == 404
    assert client.delete(f"/api/v2/chat/{SESSION}/history").status_code == 404
    assert client.get("/api/v2/chat/another-session/history").get_json()["total"] == 1


@pytest.mark.parametrize(
    "session", ["nobody-here", "short", "a" * 301, "a%00bcdefgh", "%F0%9F%98%80aaaaaaaa", "..%2Fetc"]
)
def test_a_conversation_that_never_was_is_not_found(client: FlaskClient, session: str) -> None:
    for method in ("GET", "DELETE"):
        reply = client.open(f"/api/v2/chat/{session}/history", method=method)

        assert (reply.status_code, reply.get_json(force=True)["code"]) == (404, "not-found")


@pytest.mark.parametrize("query", ["offset=-1", "limit=0", "limit=101", "limit=x", "page=1"])
def test_what_is_wrong_with_a_page_is_named(farm: Behind, client: FlaskClient, query: str) -> None:
    keep(farm, SESSION, "a")

    reply = client.get(f"/api/v2/chat/{SESSION}/history?{query}")

    assert (reply.status_code, reply.get_json(force=True)["field"]) == (422, query.partition("=")[0])
