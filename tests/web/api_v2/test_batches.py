"""Many jobs in one call."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient

from jobs.errors import StoreUnavailable
from jobs.model import Failure, Job
from stores.memory import MemoryJobs
from tests.web.conftest import Behind, campaign, make_farm
from tests.web.knowledge import hands

PING: dict[str, Any] = {"kind": "ping", "params": {"echo": "hello"}}
BATCHES = "/api/v2/batches"


def submitted(client: FlaskClient, *jobs: dict[str, Any], **headers: str) -> dict[str, Any]:
    answer = client.post(BATCHES, json={"jobs": list(jobs)}, headers=headers)
    assert answer.status_code == 202, answer.text
    return dict(answer.get_json())


def nothing(_farm: Behind, _job: Job) -> dict[str, Any]:
    return {}


def test_a_batch_is_jobs_of_any_kinds_recorded_and_sent(farm: Behind, client: FlaskClient) -> None:
    query = {"kind": "query", "params": {"question": "?"}, "priority": 7, "tags": ["night"], "deadline_s": 60}

    answer = client.post(BATCHES, json={"jobs": [PING, query]})

    batch = answer.get_json()
    assert answer.status_code == 202
    assert answer.headers["Location"] == batch["links"]["self"] == f"{BATCHES}/{batch['id']}"
    assert (batch["state"], batch["progress"]) == ("queued", {"done": 0, "total": 2, "message": ""})
    assert (batch["states"]["queued"], batch["finished_at"]) == (2, None)
    assert [(member["kind"], member["state"]) for member in batch["members"]] == [
        ("ping", "queued"),
        ("query", "queued"),
    ]
    assert farm.queue.sent == [("ping", batch["jobs"][0], 5), ("query", batch["jobs"][1], 7)]
    second = client.get(f"/api/v2/jobs/{batch['jobs'][1]}").get_json()
    assert (second["tags"], second["batch"], second["deadline_at"]) == (["night"], batch["id"], "2025-01-02T03:05:05Z")
    assert client.get(answer.headers["Location"]).get_json() == batch


def test_every_wrong_job_is_named_and_none_is_taken(farm: Behind, client: FlaskClient) -> None:
    jobs: list[Any] = [PING | {"tags": [f"{number}"]} for number in range(40)]
    jobs[3] = PING | {"priority": 10}
    jobs[17] = {"kind": "campaign", "params": campaign(farm.firmware(), traces=1)}
    jobs[20] = {"kind": "shard", "params": {}}
    jobs[21] = {"params": {}}
    jobs[22] = "ping"
    jobs[38] = PING | {"params": {"echo": "x", "duration_s": -1, "more": 1}}

    answer = client.post(BATCHES, json={"jobs": jobs})

    problem = answer.get_json(force=True)
    assert (answer.status_code, problem["code"], problem["field"]) == (422, "invalid-input", "jobs.3.priority")
    assert [error["field"] for error in problem["errors"]] == [
        "jobs.3.priority",
        "jobs.17.params.traces",
        "jobs.20.kind",
        "jobs.21.kind",
        "jobs.22.kind",
        "jobs.38.params.duration_s",
        "jobs.38.params.more",
    ]
    assert farm.queue.sent == []
    assert farm.jobs.counts() == {}


def test_a_thousand_wrong_jobs_are_all_named(client: FlaskClient) -> None:
    wrong = {"kind": "ping", "params": {"a": 1, "b": 2}}

    errors = client.post(BATCHES, json={"jobs": [wrong] * 1000}).get_json(force=True)["errors"]

    assert [error["field"] for error in errors] == [f"jobs.{number}.params.a" for number in range(1000)]


def test_every_job_that_can_never_run_is_named(farm: Behind, client: FlaskClient) -> None:
    missing = f"sha256:{'00' * 32}"
    lost = {"kind": "campaign", "params": campaign(missing)}
    strange = {"kind": "campaign", "params": campaign(farm.firmware(), power={"model": "nothing"})}

    answer = client.post(BATCHES, json={"jobs": [lost, PING, strange]})

    fields = [error["field"] for error in answer.get_json(force=True)["errors"]]
    assert (answer.status_code, fields) == (422, ["jobs.0.params.firmware", "jobs.2.params.power.model"])
    assert farm.jobs.counts() == {}


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "jobs"), ({"jobs": []}, "jobs"), ({"jobs": [PING] * 1001}, "jobs"), ({"jobs": [PING], "x": 1}, "x")],
)
def test_a_batch_has_between_one_and_a_thousand_jobs(client: FlaskClient, body: dict[str, Any], field: str) -> None:
    answer = client.post(BATCHES, json=body)

    assert (answer.status_code, answer.get_json(force=True)["field"]) == (422, field)


def test_a_batch_for_which_a_pool_has_no_room_is_refused_whole(farm: Behind, client: FlaskClient) -> None:
    question = {"kind": "query", "params": {"question": "?"}}

    answer = client.post(BATCHES, json={"jobs": [question, *[PING] * 51]})

    assert (answer.status_code, answer.get_json(force=True)["code"]) == (429, "overloaded")
    assert int(answer.headers["Retry-After"]) > 0
    assert farm.jobs.counts() == {}


def test_the_same_key_and_request_give_the_same_batch_and_another_request_is_refused(
    farm: Behind, client: FlaskClient
) -> None:
    key = {"Idempotency-Key": "build-1"}
    first = submitted(client, PING, PING, **key)

    again = client.post(BATCHES, json={"jobs": [PING, PING]}, headers=key)
    other = client.post(BATCHES, json={"jobs": [PING]}, headers=key)

    assert (again.get_json()["id"], again.headers["Idempotency-Replayed"]) == (first["id"], "true")
    assert (other.status_code, other.get_json(force=True)["reason"]) == (409, "idempotency-key")
    assert len(farm.queue.sent) == 2


def test_a_batch_whose_sending_is_uncertain_is_recorded_and_left_to_the_sweeper(
    farm: Behind, client: FlaskClient
) -> None:
    farm.queue.depth_now, farm.queue.down = 0, True

    batch = submitted(client, PING, PING)

    farm.clock.advance(60)
    assert [job.id for job in farm.jobs.lapsed(limit=9)] == batch["jobs"]


def test_a_fault_while_recording_leaves_no_half_batch(farm: Behind, tmp_path: Any) -> None:
    class Broken(MemoryJobs):
        def submit_batch(self, *_: Any, **__: Any) -> Any:
            raise StoreUnavailable("redis at 10.0.0.1 is gone")

    broken = make_farm(tmp_path / "broken", jobs=Broken(clock=farm.clock))

    answer = broken.client.post(BATCHES, json={"jobs": [PING]})

    assert (answer.status_code, broken.queue.sent) == (503, [])
    broken.hub.stop()


def test_a_batch_says_how_far_all_of_its_jobs_are(farm: Behind, client: FlaskClient) -> None:
    batch = submitted(client, PING, PING, PING)
    first, second, _ = batch["jobs"]
    farm.start(first)
    farm.jobs.finish(first, {})
    farm.jobs.fail(second, Failure("broken", "It broke."))

    told = client.get(batch["links"]["self"]).get_json()

    assert (told["state"], told["progress"]["done"]) == ("running", 2)
    assert told["states"] == {"queued": 1, "running": 0, "succeeded": 1, "failed": 1, "cancelled": 0}
    assert [(member["state"], member["code"]) for member in told["members"]] == [
        ("succeeded", None),
        ("failed", "broken"),
        ("queued", None),
    ]


def test_who_prefers_to_wait_is_answered_when_all_have_ended(farm: Behind, client: FlaskClient) -> None:
    with hands(farm, nothing):
        answer = client.post(BATCHES, json={"jobs": [PING, PING]}, headers={"Prefer": "wait=20"})

    assert (answer.status_code, answer.headers["Preference-Applied"]) == (200, "wait=20")
    assert (answer.get_json()["state"], answer.get_json()["states"]["succeeded"]) == ("ended", 2)
    assert answer.get_json()["finished_at"] is not None


def test_a_long_poll_returns_when_the_batch_ends(farm: Behind) -> None:
    batch = submitted(farm.client, PING)
    farm.start(batch["jobs"][0])

    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(farm.client.get, f"{batch['links']['self']}?wait=20")
        farm.turnstile.wait_for(1)
        farm.jobs.finish(batch["jobs"][0], {})

    assert waiting.result().get_json()["state"] == "ended"


@pytest.mark.parametrize("weak", ["", "W/"])
def test_a_long_poll_with_a_tag_returns_with_the_next_change_of_any_job(farm: Behind, weak: str) -> None:
    batch = submitted(farm.client, PING, PING)
    farm.start(batch["jobs"][0])
    # Answers that were compressed have weak tags.
    tag = weak + farm.client.get(batch["links"]["self"]).headers["ETag"]

    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(farm.client.get, f"{batch['links']['self']}?wait=20", headers={"If-None-Match": tag})
        farm.turnstile.wait_for(1)
        farm.start(batch["jobs"][1])

    assert waiting.result().get_json()["states"]["running"] == 2
    assert farm.client.get(batch["links"]["self"], headers={"If-None-Match": tag}).status_code == 200


def test_a_tag_that_is_still_right_is_not_modified(client: FlaskClient) -> None:
    batch = submitted(client, PING)
    tag = client.get(batch["links"]["self"]).headers["ETag"]

    assert client.get(batch["links"]["self"], headers={"If-None-Match": tag}).status_code == 304


def test_a_batch_is_cancelled_and_may_be_so_twice(farm: Behind, client: FlaskClient) -> None:
    batch = submitted(client, PING, PING)
    farm.start(batch["jobs"][0])

    first = client.delete(batch["links"]["self"])
    farm.jobs.renew(batch["jobs"][0], worker="one@here:1", lease_s=60)
    farm.jobs.fail(batch["jobs"][0], Failure("cancelled", "Cancelled."))
    again = client.delete(batch["links"]["self"])

    assert (first.status_code, first.get_json()["states"]["cancelled"]) == (202, 1)
    assert (again.status_code, again.get_json()["state"], again.get_json()["states"]["cancelled"]) == (200, "ended", 2)


@pytest.mark.parametrize("method", ["get", "delete"])
def test_a_batch_that_has_expired_is_gone_and_an_unknown_one_is_not_there(
    farm: Behind, client: FlaskClient, method: str
) -> None:
    batch = submitted(client, PING)
    farm.jobs.finish(batch["jobs"][0], {})
    farm.clock.advance(8 * 86_400)

    assert client.open(batch["links"]["self"], method=method).status_code == 410
    assert client.open(f"{BATCHES}/nobody", method=method).status_code == 404
