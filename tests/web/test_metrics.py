"""Numbers for Prometheus."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from jobs.errors import StoreUnavailable
from jobs.model import State
from jobs.queue import QUEUES
from stores.memory import MemoryJobs
from tests.web.conftest import Behind, make_farm


class SilentJobs(MemoryJobs):
    """Does not answer."""

    def counts(self, **_which: object) -> dict[tuple[str, State], int]:
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
    assert depths == {"simulation": 2, "query": 0, "ingest": 0, "remforge": 0}
    assert seen["dasein_build_info", (("version", "1.2.3"),)] == 1
    assert seen["dasein_store_up", ()] == 1


def test_waiters_are_shown_while_they_wait(farm: Behind, client: FlaskClient) -> None:
    with farm.hub.enter("a"), farm.hub.enter("b"):
        during = samples(client.get("/metrics").text)["dasein_http_waiters", ()]

    after = samples(client.get("/metrics").text)["dasein_http_waiters", ()]
    assert (during, after) == (2, 0)


def test_without_the_store_the_scrape_still_answers(tmp_path: Path) -> None:
    farm = make_farm(tmp_path, jobs=SilentJobs())

    answer = farm.client.get("/metrics")

    seen = samples(answer.text)
    assert (answer.status_code, seen["dasein_store_up", ()]) == (200, 0)
    assert not any(name == "dasein_jobs" for name, _ in seen)
