"""Jobs over HTTP: submit, look, wait, list, cancel, retry."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient

from jobs.model import Failure, Progress, State
from tests.web.conftest import PATIENCE_S, Behind, campaign

PING = {"kind": "ping", "params": {"echo": "hello"}}


def test_a_submitted_job_is_recorded_sent_and_found_at_its_location(farm: Behind, client: FlaskClient) -> None:
    answer = client.post("/api/v2/jobs", json=PING | {"priority": 9, "tags": ["a", "b"], "deadline_s": 60})

    job = answer.get_json()
    assert answer.status_code == 202
    assert answer.headers["Location"] == job["links"]["self"] == f"/api/v2/jobs/{job['id']}"
    assert int(answer.headers["Retry-After"]) >= 1
    assert (job["kind"], job["state"], job["priority"], job["tags"]) == ("ping", "queued", 9, ["a", "b"])
    assert job["timings"]["submitted_at"] == "2025-01-02T03:04:05Z"
    assert job["deadline_at"] == "2025-01-02T03:05:05Z"
    assert farm.queue.sent == [("ping", job["id"], 9)]
    assert client.get(answer.headers["Location"]).get_json() == job


def test_a_job_says_how_far_it_is_who_runs_it_and_when_it_began(farm: Behind, client: FlaskClient) -> None:
    job = farm.submit()
    farm.clock.advance(1.5)
    farm.start(job.id)
    farm.clock.advance(2.25)
    farm.jobs.finish(job.id, {"echo": "x"})

    said = client.get(f"/api/v2/jobs/{job.id}").get_json()

    assert (said["state"], said["result"], said["error"]) == ("succeeded", {"echo": "x"}, None)
    assert (said["attempts"], said["worker"]) == (1, "one@here:1")
    assert (said["timings"]["queued_s"], said["timings"]["ran_s"]) == (1.5, 2.25)
    assert said["timings"]["started_at"] == "2025-01-02T03:04:06.500000Z"


def test_a_failed_job_says_why(farm: Behind, client: FlaskClient) -> None:
    job = farm.submit()
    farm.jobs.fail(job.id, Failure("invalid-firmware", "Not an ELF.", "firmware", "magic"))

    said = client.get(f"/api/v2/jobs/{job.id}").get_json()

    assert (said["state"], said["result"]) == ("failed", None)
    assert said["error"] == {
        "code": "invalid-firmware",
        "message": "Not an ELF.",
        "field": "firmware",
        "reason": "magic",
    }


def test_the_same_key_and_request_give_the_same_job_however_its_json_is_written(
    farm: Behind, client: FlaskClient
) -> None:
    key = {"Idempotency-Key": "build-1"}
    first = client.post("/api/v2/jobs", json=PING, headers=key)

    second = client.post(
        "/api/v2/jobs",
        data=b'{ "params": {"echo" : "hello", "duration_s": 0}, "kind": "ping", "tags": [] }',
        content_type="application/json",
        headers=key,
    )

    assert (first.status_code, second.status_code) == (202, 202)
    assert second.get_json()["id"] == first.get_json()["id"]
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len(farm.queue.sent) == 1


def test_a_replayed_request_of_an_ended_job_answers_200(farm: Behind, client: FlaskClient) -> None:
    key = {"Idempotency-Key": "build-1"}
    job_id = client.post("/api/v2/jobs", json=PING, headers=key).get_json()["id"]
    farm.jobs.finish(job_id, {})

    again = client.post("/api/v2/jobs", json=PING, headers=key)

    assert (again.status_code, again.get_json()["state"]) == (200, "succeeded")


@pytest.mark.parametrize(
    "other",
    [PING | {"params": {"echo": "bye"}}, PING | {"priority": 1}, PING | {"tags": ["x"]}, PING | {"deadline_s": 5}],
)
def test_the_same_key_with_another_request_is_refused(farm: Behind, client: FlaskClient, other: dict[str, Any]) -> None:
    key = {"Idempotency-Key": "build-1"}
    client.post("/api/v2/jobs", json=PING, headers=key)

    answer = client.post("/api/v2/jobs", json=other, headers=key)

    assert (answer.status_code, answer.get_json()["code"]) == (409, "conflict")
    assert len(farm.queue.sent) == 1


@pytest.mark.parametrize(
    ("kind", "params", "field"),
    [
        ("similar", {"instruction": "a\x00b"}, "params.instruction"),
        ("remove", {"batch": "document:\x1e"}, "params.batch"),
        ("query", {"question": "a\x00b"}, "params.question"),
        ("ingest", {"text": "x", "title": "a\nb"}, "params.title"),
    ],
)
def test_control_characters_stop_at_the_door(
    farm: Behind, client: FlaskClient, kind: str, params: dict[str, Any], field: str
) -> None:
    answer = client.post("/api/v2/jobs", json={"kind": kind, "params": params})
    tagged = client.post("/api/v2/jobs", json=PING | {"tags": ["a\x00b"]})

    assert (answer.status_code, answer.get_json(force=True)["field"]) == (422, field)
    assert (tagged.status_code, tagged.get_json(force=True)["field"]) == (422, "tags.0")
    assert farm.queue.sent == []


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "schlüssel"])
def test_a_key_that_is_not_visible_ascii_of_1_to_255_is_refused(client: FlaskClient, key: str) -> None:
    answer = client.post("/api/v2/jobs", json=PING, headers={"Idempotency-Key": key})

    assert (answer.status_code, answer.get_json()["field"]) == (422, "Idempotency-Key")


def test_a_key_of_a_submission_is_not_the_key_of_a_retry(farm: Behind, client: FlaskClient) -> None:
    key = {"Idempotency-Key": "k"}
    job_id = client.post("/api/v2/jobs", json=PING, headers=key).get_json()["id"]
    farm.jobs.cancel(job_id)

    answer = client.post(f"/api/v2/jobs/{job_id}/retry", headers=key)

    assert answer.status_code == 202
    assert answer.get_json()["id"] != job_id


def test_a_full_queue_is_refused_before_anything_is_recorded(farm: Behind, client: FlaskClient) -> None:
    farm.queue.depth_now = 50

    answer = client.post("/api/v2/jobs", json=PING, headers={"Idempotency-Key": "k"})

    assert (answer.status_code, answer.get_json()["code"]) == (429, "overloaded")
    assert int(answer.headers["Retry-After"]) > 0
    assert farm.jobs.counts() == {}
    farm.queue.depth_now = 49
    assert client.post("/api/v2/jobs", json=PING, headers={"Idempotency-Key": "k"}).status_code == 202


def test_a_repeated_request_gets_its_job_however_full_the_queue_is_by_now(farm: Behind, client: FlaskClient) -> None:
    first = client.post("/api/v2/jobs", json=PING, headers={"Idempotency-Key": "k"})
    farm.queue.depth_now = 50

    again = client.post("/api/v2/jobs", json=PING, headers={"Idempotency-Key": "k"})

    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.get_json()["id"] == first.get_json()["id"]


def test_an_uncertain_message_loses_nothing_the_sweeper_sends_it(farm: Behind, client: FlaskClient) -> None:
    farm.queue.depth_now = 0
    farm.queue.down = True

    answer = client.post("/api/v2/jobs", json=PING)

    assert answer.status_code == 202
    farm.clock.advance(3600)
    assert [job.id for job in farm.jobs.lapsed(limit=10)] == [answer.get_json()["id"]]


def test_a_message_that_was_confirmed_is_not_sent_again(farm: Behind, client: FlaskClient) -> None:
    client.post("/api/v2/jobs", json=PING)

    farm.clock.advance(3600)

    assert list(farm.jobs.lapsed(limit=10)) == []


def test_a_store_that_does_not_answer_is_a_503_that_tells_nothing_of_it(farm: Behind, client: FlaskClient) -> None:
    farm.queue.down = True

    answer = client.post("/api/v2/jobs", json=PING)

    assert (answer.status_code, answer.get_json()["code"]) == (503, "store-unavailable")
    assert "Retry-After" in answer.headers
    assert "10.0.0.1" not in answer.text
    assert farm.jobs.counts() == {}


def test_a_client_that_prefers_to_wait_gets_the_ended_job(farm: Behind) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(
            lambda: farm.client.post("/api/v2/jobs", json=PING, headers={"Prefer": "respond-async, wait=30"})
        )
        farm.turnstile.wait_for(1)
        [(_, job_id, _)] = farm.queue.sent
        farm.jobs.finish(job_id, {"echo": "hello"})
        answer = waiting.result(PATIENCE_S)

    assert (answer.status_code, answer.get_json()["result"]) == (200, {"echo": "hello"})
    assert answer.headers["Preference-Applied"] == "wait=30"


def test_a_job_that_takes_longer_than_the_client_prefers_answers_202(client: FlaskClient) -> None:
    answer = client.post("/api/v2/jobs", json=PING, headers={"Prefer": "wait=1"})

    assert (answer.status_code, answer.headers["Preference-Applied"]) == (202, "wait=1")


def test_too_many_waiters_do_not_make_a_recorded_job_look_refused(farm: Behind, client: FlaskClient) -> None:
    held = [farm.hub.enter("some-job") for _ in range(300)]

    answer = client.post("/api/v2/jobs", json=PING, headers={"Prefer": "wait=30"})

    assert answer.status_code == 202
    assert "Preference-Applied" not in answer.headers
    for waiter in held:
        waiter.close()


@pytest.mark.parametrize("preference", ["wait=x", "wait=-1", "wait", "return=minimal", "wait=99999999999"])
def test_a_preference_that_is_not_understood_is_ignored(client: FlaskClient, preference: str) -> None:
    answer = client.post("/api/v2/jobs", json=PING, headers={"Prefer": preference})

    assert answer.status_code == 202
    assert "Preference-Applied" not in answer.headers


def test_a_long_poll_returns_when_the_state_changes(farm: Behind) -> None:
    job = farm.submit()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lambda: farm.client.get(f"/api/v2/jobs/{job.id}?wait=60"))
        farm.turnstile.wait_for(1)
        farm.start(job.id)
        answer = waiting.result(PATIENCE_S)

    assert (answer.status_code, answer.get_json()["state"]) == (200, "running")


def test_a_long_poll_of_an_ended_job_returns_at_once(farm: Behind, client: FlaskClient) -> None:
    job = farm.submit()
    farm.jobs.cancel(job.id)

    answer = client.get(f"/api/v2/jobs/{job.id}?wait=60")

    assert (answer.status_code, answer.get_json()["state"]) == (200, "cancelled")


def test_a_long_poll_with_a_tag_returns_as_soon_as_there_is_any_progress(farm: Behind) -> None:
    job = farm.submit()
    farm.start(job.id)
    tag = farm.client.get(f"/api/v2/jobs/{job.id}").headers["ETag"]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lambda: farm.client.get(f"/api/v2/jobs/{job.id}?wait=60", headers={"If-None-Match": tag}))
        farm.turnstile.wait_for(1)
        farm.jobs.progress(job.id, Progress(3, 10, "third"))
        answer = waiting.result(PATIENCE_S)

    assert answer.status_code == 200
    assert answer.get_json()["progress"] == {"done": 3, "total": 10, "message": "third"}
    assert answer.headers["ETag"] != tag


def test_a_tag_that_is_out_of_date_is_answered_without_waiting(farm: Behind, client: FlaskClient) -> None:
    job = farm.submit()
    tag = client.get(f"/api/v2/jobs/{job.id}").headers["ETag"]
    farm.start(job.id)

    answer = client.get(f"/api/v2/jobs/{job.id}?wait=60", headers={"If-None-Match": tag})

    assert (answer.status_code, answer.get_json()["state"]) == (200, "running")


def test_a_wait_in_which_nothing_happens_ends_with_304(farm: Behind, client: FlaskClient) -> None:
    job = farm.submit()
    tag = client.get(f"/api/v2/jobs/{job.id}").headers["ETag"]

    answer = client.get(f"/api/v2/jobs/{job.id}?wait=1", headers={"If-None-Match": tag})

    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", tag)


def test_a_wait_for_one_waiter_too_many_is_refused_with_503(farm: Behind, client: FlaskClient) -> None:
    job = farm.submit()
    held = [farm.hub.enter("some-job") for _ in range(300)]

    answer = client.get(f"/api/v2/jobs/{job.id}?wait=30")

    assert (answer.status_code, answer.get_json()["code"]) == (503, "too-many-waiters")
    assert int(answer.headers["Retry-After"]) > 0
    for waiter in held:
        waiter.close()
    assert client.get(f"/api/v2/jobs/{job.id}").status_code == 200


@pytest.mark.parametrize("wait", ["61", "-1", "x", "1.5", ""])
def test_a_wait_outside_0_to_60_is_refused(farm: Behind, client: FlaskClient, wait: str) -> None:
    answer = client.get(f"/api/v2/jobs/{farm.submit().id}?wait={wait}")

    assert (answer.status_code, answer.get_json()["field"]) == (422, "wait")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", ""), ("GET", "?wait=5"), ("DELETE", ""), ("POST", "/retry"), ("GET", "/events")]
)
def test_an_unknown_job_is_404_and_an_expired_one_410(
    farm: Behind, client: FlaskClient, method: str, path: str
) -> None:
    job = farm.submit()
    farm.jobs.cancel(job.id)
    farm.clock.advance(30 * 86_400)

    unknown = client.open(f"/api/v2/jobs/01942a2e-0000-7000-8000-000000000000{path}", method=method)
    expired = client.open(f"/api/v2/jobs/{job.id}{path}", method=method)

    assert (unknown.status_code, unknown.get_json()["code"]) == (404, "not-found")
    assert (expired.status_code, expired.get_json()["code"]) == (410, "gone")


def test_jobs_are_listed_newest_first_in_pages_without_their_params(farm: Behind, client: FlaskClient) -> None:
    ids = [farm.submit().id for _ in range(5)]

    first = client.get("/api/v2/jobs?limit=2").get_json()
    second = client.get(f"/api/v2/jobs?limit=2&cursor={first['cursor']}").get_json()
    third = client.get(f"/api/v2/jobs?limit=2&cursor={second['cursor']}").get_json()

    assert [job["id"] for page in (first, second, third) for job in page["jobs"]] == ids[::-1]
    assert third["cursor"] is None
    assert all(job["params"] is None for job in first["jobs"])


def test_a_list_is_filtered_by_kind_state_and_tag(farm: Behind, client: FlaskClient) -> None:
    tagged = client.post("/api/v2/jobs", json=PING | {"tags": ["nightly"]}).get_json()["id"]
    plain = farm.submit().id
    farm.jobs.cancel(plain)
    big = client.post("/api/v2/campaigns", json=campaign(farm.firmware())).get_json()["id"]

    def listed(query: str) -> list[str]:
        return [job["id"] for job in client.get(f"/api/v2/jobs?{query}").get_json()["jobs"]]

    assert listed("tag=nightly") == [tagged]
    assert listed("state=cancelled") == [plain]
    assert listed("kind=campaign") == [big]
    assert listed("kind=query") == []
    assert listed("kind=ping&state=queued") == [tagged]
    assert listed("tag=nobody") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("state=done", "state"),
        ("kind=shard", "kind"),
        ("cursor=%00", "cursor"),
        ("colour=red", "colour"),
        ("tag=a&tag=b", "tag"),
    ],
)
def test_a_list_query_that_makes_no_sense_is_refused(client: FlaskClient, query: str, field: str) -> None:
    answer = client.get(f"/api/v2/jobs?{query}")

    assert (answer.status_code, answer.get_json()["field"]) == (422, field)


def test_a_queued_job_is_cancelled_at_once_and_asking_twice_changes_nothing(farm: Behind, client: FlaskClient) -> None:
    job = farm.submit()

    first = client.delete(f"/api/v2/jobs/{job.id}")
    second = client.delete(f"/api/v2/jobs/{job.id}")

    assert (first.status_code, first.get_json()["state"]) == (200, "cancelled")
    assert (second.status_code, second.get_json()) == (200, first.get_json())


def test_cancelling_a_running_job_is_accepted_and_noted(farm: Behind, client: FlaskClient) -> None:
    job = farm.submit()
    farm.start(job.id)

    answer = client.delete(f"/api/v2/jobs/{job.id}")

    assert (answer.status_code, answer.get_json()["state"]) == (202, "running")
    assert answer.get_json()["cancel_requested"] is True


def test_cancelling_a_job_that_succeeded_leaves_it_as_it_is(farm: Behind, client: FlaskClient) -> None:
    job = farm.submit()
    farm.jobs.finish(job.id, {"echo": ""})

    answer = client.delete(f"/api/v2/jobs/{job.id}")

    assert (answer.status_code, answer.get_json()["state"]) == (200, "succeeded")


def test_a_failed_job_runs_again_under_a_new_id_with_the_same_request(farm: Behind, client: FlaskClient) -> None:
    old = client.post("/api/v2/jobs", json=PING | {"priority": 7, "tags": ["t"], "deadline_s": 100}).get_json()
    farm.clock.advance(50)
    farm.jobs.fail(old["id"], Failure("internal", "Ours."))

    answer = client.post(f"/api/v2/jobs/{old['id']}/retry")

    new = answer.get_json()
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/api/v2/jobs/{new['id']}"
    assert new["retry_of"] == old["id"] != new["id"]
    assert [new[name] for name in ("params", "priority", "tags", "kind")] == [
        old[name] for name in ("params", "priority", "tags", "kind")
    ]
    assert new["deadline_at"] == "2025-01-02T03:06:35Z"
    assert farm.queue.sent[-1] == ("ping", new["id"], 7)


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING, State.SUCCEEDED])
def test_only_what_failed_or_was_cancelled_can_be_retried(farm: Behind, client: FlaskClient, state: State) -> None:
    job = farm.submit()
    if state is not State.QUEUED:
        farm.start(job.id)
    if state is State.SUCCEEDED:
        farm.jobs.finish(job.id, {})

    answer = client.post(f"/api/v2/jobs/{job.id}/retry")

    assert (answer.status_code, answer.get_json()["code"]) == (409, "conflict")
    assert len(farm.queue.sent) == 1


def test_a_retry_is_refused_when_the_queue_is_full(farm: Behind, client: FlaskClient) -> None:
    job = farm.submit()
    farm.jobs.cancel(job.id)
    farm.queue.depth_now = 50

    answer = client.post(f"/api/v2/jobs/{job.id}/retry")

    assert answer.status_code == 429
