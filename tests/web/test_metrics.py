"""Numbers for Prometheus."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from jobs.errors import StoreUnavailable
from jobs.model import Failure, NewJob, State
from jobs.queue import PING, QUEUES
from stores.memory import MemoryJobs
from stores.memory_graph import MemoryGraph
from stores.ports import Memory
from tests.web.conftest import Behind, make_farm
from web.room import Room
from web.waiting import Stay


class SilentJobs(MemoryJobs):
    """Does not answer."""

    def counts(self, **_which: object) -> dict[tuple[str, State], int]:
        raise StoreUnavailable("gone")


class SilentGraph(MemoryGraph):
    """Does not answer."""

    def ping(self) -> None:
        raise StoreUnavailable("gone")


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_requests_are_counted_by_route_method_and_status(farm: Behind, client: FlaskClient) -> None:
    job = farm.submit()
    for _ in range(3):
        client.get(f"/api/v2/jobs/{job.id}")
    client.get("/api/v2/jobs/nobody")

    seen = samples(client.get("/metrics").text)

    route = ("route", "/api/v2/jobs/<job:job_id>")
    assert seen["dasein_http_requests_total", (("method", "GET"), route, ("status", "200"))] == 3
    assert seen["dasein_http_requests_total", (("method", "GET"), route, ("status", "404"))] == 1
    assert seen["dasein_http_request_seconds_count", (("method", "GET"), route)] == 4


def test_paths_that_are_not_served_share_one_label(client: FlaskClient) -> None:
    for path in ("/a", "/b", "/c/d"):
        client.get(path)

    seen = samples(client.get("/metrics").text)

    assert seen["dasein_http_requests_total", (("method", "GET"), ("route", "unmatched"), ("status", "404"))] == 3


@pytest.mark.parametrize("method", ["BREW", "X" * 20])
def test_methods_that_are_none_share_one_label(client: FlaskClient, method: str) -> None:
    client.open("/api/v2/jobs", method=method)

    labels = {dict(names).get("method") for _, names in samples(client.get("/metrics").text)}

    assert "other" in labels
    assert method not in labels


def test_the_farm_is_described_at_the_scrape(farm: Behind, client: FlaskClient) -> None:
    farm.submit()
    farm.jobs.cancel(farm.submit().id)

    answer = client.get("/metrics")

    seen = samples(answer.text)
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    assert seen["dasein_jobs", (("kind", "ping"), ("state", "queued"))] == 1
    assert seen["dasein_jobs", (("kind", "ping"), ("state", "cancelled"))] == 1
    depths = {pool: seen["dasein_queue_depth", (("pool", pool),)] for pool in QUEUES}
    assert depths == {"simulation": 2, "query": 0, "ingest": 0, "remforge": 0, "capture": 0}
    assert seen["dasein_build_info", (("role", "web"), ("version", "1.2.3"))] == 1
    assert seen["dasein_store_up", ()] == 1


def test_pools_are_described_at_the_scrape(farm: Behind, client: FlaskClient) -> None:
    farm.submit()
    farm.clock.advance(30)

    seen = samples(client.get("/metrics").text)

    def of(name: str) -> dict[str, float]:
        return {pool: seen[name, (("pool", pool),)] for pool in QUEUES}

    nothing = dict.fromkeys(QUEUES, 0)
    assert of("dasein_queue_oldest_wait_seconds") == nothing | {"simulation": 30}
    assert of("dasein_workers") == of("dasein_worker_processes") == nothing | {"simulation": 2}


def test_kinds_that_are_none_share_one_label(farm: Behind, client: FlaskClient) -> None:
    for kind in ("gone", "other-version"):
        farm.jobs.submit(NewJob(kind, kind, {}))

    seen = samples(client.get("/metrics").text)

    assert seen["dasein_jobs", (("kind", "other"), ("state", "queued"))] == 2


def test_dead_letters_of_all_tenants_are_counted(farm: Behind, client: FlaskClient) -> None:
    for tenant in ("a", "b"):
        farm.jobs.submit(NewJob(tenant, PING.name, {}, tenant=tenant))
        farm.jobs.fail(tenant, Failure("broken", "It broke."), dead=True)

    assert samples(client.get("/metrics").text)["dasein_dead_letters", ()] == 2


def test_the_stores_of_knowledge_are_asked_whether_they_answer(tmp_path: Path) -> None:
    farm = make_farm(tmp_path, graph=SilentGraph())

    seen = samples(farm.client.get("/metrics").text)

    up = {store: seen["dasein_knowledge_store_up", (("store", store),)] for store in ("documents", "graph")}
    assert up == {"documents": 1, "graph": 0}
    assert seen["dasein_store_up", ()] == 1


def test_the_last_backup_is_described_once_there_is_one(farm: Behind, client: FlaskClient) -> None:
    before = samples(client.get("/metrics").text)
    note = farm.root / "backup" / "last.json"
    note.parent.mkdir()
    note.write_text('{"finished_at": 1700000000.5, "bytes": 12, "seconds": 3.5, "ok": true, "kind": "full"}')

    after = samples(client.get("/metrics").text)

    names = [f"dasein_backup_last_{what}" for what in ("success_timestamp_seconds", "bytes", "seconds")]
    assert [after[name, ()] for name in names] == [1700000000.5, 12, 3.5]
    assert not any(name in names for name, _ in before)


def test_a_note_of_a_backup_that_is_none_does_not_stop_the_scrape(farm: Behind, client: FlaskClient) -> None:
    (farm.root / "backup").mkdir()
    (farm.root / "backup" / "last.json").write_text("{")

    seen = samples(client.get("/metrics").text)

    assert "dasein_backup_last_bytes" not in {name for name, _ in seen}
    assert seen["dasein_store_up", ()] == 1


def test_ways_of_waiting_are_told_apart(farm: Behind, client: FlaskClient) -> None:
    def clients() -> dict[str, float]:
        seen = samples(client.get("/metrics").text)
        return {stay: seen["dasein_stream_clients", (("kind", stay.value),)] for stay in Stay}

    with farm.hub.enter("a"), farm.hub.enter("b", Stay.SSE), farm.hub.enter("c", Stay.SSE):
        during = clients()

    assert during == {"poll": 1, "sse": 2, "websocket": 0}
    assert set(clients().values()) == {0}


def test_waiters_are_shown_while_they_wait(farm: Behind, client: FlaskClient) -> None:
    with farm.hub.enter("a"), farm.hub.enter("b"):
        during = samples(client.get("/metrics").text)["dasein_http_waiters", ()]

    after = samples(client.get("/metrics").text)["dasein_http_waiters", ()]
    assert (during, after) == (2, 0)


class Full:
    """A server that tells how full it is, or does not answer."""

    def __init__(self, memory: Memory | None) -> None:
        self._memory = memory

    def memory(self) -> Memory:
        if self._memory is None:
            raise StoreUnavailable("gone")
        return self._memory


def test_room_is_told_of_what_answers(tmp_path: Path) -> None:
    servers = {"jobs": Full(Memory(100, 1000)), "graph": Full(Memory(50, None)), "other": Full(None)}

    found = {
        (sample.name, sample.labels.get("store")): sample.value
        for family in Room(tmp_path, servers).collect()
        for sample in family.samples
    }

    assert 0 < found.pop(("dasein_data_free_bytes", None)) <= found.pop(("dasein_data_size_bytes", None))
    assert found == {
        ("dasein_store_memory_bytes", "jobs"): 100,
        ("dasein_store_memory_bytes", "graph"): 50,
        ("dasein_store_memory_limit_bytes", "jobs"): 1000,
    }


def test_a_data_volume_that_is_not_there_yet_does_not_stop_the_scrape(tmp_path: Path) -> None:
    names = {sample.name for family in Room(tmp_path / "absent", {}).collect() for sample in family.samples}

    assert names == set()


def test_without_the_store_the_scrape_still_answers(tmp_path: Path) -> None:
    farm = make_farm(tmp_path, jobs=SilentJobs())

    answer = farm.client.get("/metrics")

    seen = samples(answer.text)
    assert (answer.status_code, seen["dasein_store_up", ()]) == (200, 0)
    assert not any(name == "dasein_jobs" for name, _ in seen)
