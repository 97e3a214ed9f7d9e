"""Pools, status and health over HTTP."""

from pathlib import Path

from flask.testing import FlaskClient

from jobs.errors import StoreUnavailable
from stores.memory import MemoryJobs
from tests.web.conftest import Behind, make_farm


class SilentJobs(MemoryJobs):
    """Does not answer."""

    def ping(self) -> None:
        raise StoreUnavailable("redis at 10.0.0.1 is gone")


def test_a_pool_names_its_workers_its_depth_and_the_oldest_that_waits(farm: Behind, client: FlaskClient) -> None:
    first = farm.submit()
    farm.clock.advance(7)
    farm.submit()
    farm.clock.advance(3)

    pool, *_ = client.get("/api/v2/pools").get_json()["pools"]

    assert (pool["name"], pool["concurrency"], pool["queue_depth"]) == ("simulation", 2, 2)
    assert pool["workers"] == [{"name": "one@here", "concurrency": 1}, {"name": "two@here", "concurrency": 1}]
    assert pool["oldest_waiting"] == {
        "job_id": first.id,
        "kind": "ping",
        "submitted_at": "2025-01-02T03:04:05Z",
        "waited_s": 10.0,
    }


def test_an_idle_pool_has_nothing_waiting(client: FlaskClient) -> None:
    pools = client.get("/api/v2/pools").get_json()["pools"]

    assert [pool["name"] for pool in pools] == ["simulation", "query", "ingest", "remforge", "capture"]
    assert {(pool["queue_depth"], pool["oldest_waiting"]) for pool in pools} == {(0, None)}


def test_questions_and_what_changes_the_knowledge_wait_apart(client: FlaskClient) -> None:
    question = client.post("/api/v2/queries", json={"question": "?"}).get_json()
    document = client.post("/api/v2/documents", json={"text": "x"}).get_json()

    _, query, ingest, *_ = client.get("/api/v2/pools").get_json()["pools"]

    assert (query["queue_depth"], query["oldest_waiting"]["job_id"]) == (1, question["id"])
    assert (ingest["queue_depth"], ingest["oldest_waiting"]["job_id"]) == (1, document["id"])


def test_the_status_counts_jobs_by_kind_and_state(farm: Behind, client: FlaskClient) -> None:
    farm.submit()
    farm.jobs.cancel(farm.submit().id)
    farm.clock.advance(60)

    status = client.get("/api/v2/status").get_json()

    assert status["jobs"] == {"ping": {"queued": 1, "cancelled": 1}}
    assert status["queue_depth"] == {"simulation": 2, "query": 0, "ingest": 0, "remforge": 0, "capture": 0}
    assert (status["version"], status["waiters"]) == ("1.2.3", 0)
    assert status["flower_url"] == "http://flower.example/"
    assert (status["started_at"], status["time"]) == ("2025-01-02T03:04:05Z", "2025-01-02T03:05:05Z")


def test_a_process_that_can_take_jobs_is_live_and_ready(client: FlaskClient) -> None:
    for path in ("/health/live", "/health/ready"):
        answer = client.get(path)

        assert (answer.status_code, answer.get_json()) == (200, {"status": "up"})


def test_without_its_store_a_process_is_live_but_not_ready_and_names_nobody(tmp_path: Path) -> None:
    farm = make_farm(tmp_path, jobs=SilentJobs())

    live, ready = farm.client.get("/health/live"), farm.client.get("/health/ready")

    assert live.status_code == 200
    assert (ready.status_code, ready.get_json(force=True)["code"]) == (503, "unready")
    assert "redis" not in ready.text.lower()


def test_the_front_door_leads_to_the_documentation(client: FlaskClient) -> None:
    answer = client.get("/")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/api/docs")


def test_the_version_names_the_api_and_the_formats_and_does_not_guess_a_build(client: FlaskClient) -> None:
    told = client.get("/api/v2/version").get_json()

    assert told == {
        "version": "1.2.3",
        "build": None,
        "api": ["v2", "v1"],
        "formats": {"report": "report/1", "rem": "rem/1", "rem-sequence": "rem-sequence/1"},
    }
