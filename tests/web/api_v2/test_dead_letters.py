"""Dead letters over HTTP."""

from flask.testing import FlaskClient

from jobs.model import Failure, NewJob
from tests.web.conftest import Behind

LOST = Failure("worker-lost", "It lost its worker.")


def dead(farm: Behind) -> str:
    job = farm.submit(echo="again")
    farm.start(job.id)
    farm.jobs.fail(job.id, LOST, dead=True)
    return job.id


def test_jobs_that_were_given_up_are_listed_newest_first(farm: Behind, client: FlaskClient) -> None:
    first, second = dead(farm), dead(farm)

    letters = client.get("/api/v2/dead-letters").get_json()["dead_letters"]

    assert [letter["job_id"] for letter in letters] == [second, first]
    assert (letters[0]["kind"], letters[0]["code"], letters[0]["attempts"]) == ("ping", "worker-lost", 1)
    assert [letter["job_id"] for letter in client.get("/api/v2/dead-letters?limit=1").get_json()["dead_letters"]] == [
        second
    ]


def test_a_replay_submits_the_job_again_and_takes_the_letter_off_the_list(farm: Behind, client: FlaskClient) -> None:
    job_id = dead(farm)

    answer = client.post(f"/api/v2/dead-letters/{job_id}/replay")

    new = answer.get_json()
    assert answer.status_code == 202
    assert (new["retry_of"], new["params"]["echo"], new["state"]) == (job_id, "again", "queued")
    assert farm.queue.sent[-1][1] == new["id"] != job_id
    assert client.get("/api/v2/dead-letters").get_json() == {"dead_letters": []}


def test_a_letter_is_replayed_once(farm: Behind, client: FlaskClient) -> None:
    job_id = dead(farm)
    client.post(f"/api/v2/dead-letters/{job_id}/replay")

    again = client.post(f"/api/v2/dead-letters/{job_id}/replay")

    assert (again.status_code, again.get_json(force=True)["code"]) == (404, "not-found")
    assert len(farm.queue.sent) == 2


def test_a_replay_that_broke_off_before_the_letter_went_gives_the_same_job(farm: Behind, client: FlaskClient) -> None:
    job_id = dead(farm)
    letter = farm.jobs.dead_letters(tenant="default", limit=1)[0]
    first = client.post(f"/api/v2/dead-letters/{job_id}/replay").get_json()["id"]
    farm.jobs._dead[job_id] = letter  # as if the process had died before it could bury it

    again = client.post(f"/api/v2/dead-letters/{job_id}/replay")

    assert again.get_json()["id"] == first
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(farm.queue.sent) == 2


def test_a_job_that_merely_failed_is_no_dead_letter(farm: Behind, client: FlaskClient) -> None:
    job = farm.submit()
    farm.jobs.fail(job.id, LOST)

    answer = client.post(f"/api/v2/dead-letters/{job.id}/replay")

    assert answer.status_code == 404
    assert len(farm.queue.sent) == 1


def test_the_replay_of_a_part_submits_the_whole(farm: Behind, client: FlaskClient) -> None:
    whole = farm.submit(echo="whole")
    farm.start(whole.id)
    farm.jobs.await_children(whole.id, [NewJob("part", "shard", {})], NewJob("then", "merge", {}))
    farm.jobs.start("part", worker="one@here:1", lease_s=60)
    farm.jobs.fail("part", LOST, dead=True)
    [letter] = client.get("/api/v2/dead-letters").get_json()["dead_letters"]

    answer = client.post("/api/v2/dead-letters/part/replay")

    assert (letter["job_id"], letter["parent"]) == ("part", whole.id)
    assert answer.get_json()["retry_of"] == whole.id
    assert answer.get_json()["kind"] == "ping"
    assert client.get("/api/v2/dead-letters").get_json() == {"dead_letters": []}


def test_a_part_cannot_be_retried_alone(farm: Behind, client: FlaskClient) -> None:
    whole = farm.submit()
    farm.start(whole.id)
    farm.jobs.await_children(whole.id, [NewJob("part", "shard", {})], NewJob("then", "merge", {}))
    farm.jobs.fail("part", LOST)

    answer = client.post("/api/v2/jobs/part/retry")

    assert answer.status_code == 409
    assert whole.id in answer.get_json(force=True)["detail"]


def test_a_full_queue_refuses_a_replay_and_keeps_the_letter(farm: Behind, client: FlaskClient) -> None:
    job_id = dead(farm)
    farm.queue.depth_now = 50

    answer = client.post(f"/api/v2/dead-letters/{job_id}/replay")

    assert answer.status_code == 429
    assert len(client.get("/api/v2/dead-letters").get_json()["dead_letters"]) == 1
