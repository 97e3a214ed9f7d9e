"""Objectives by the farm's own counters."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from jobs.errors import StoreUnavailable
from jobs.model import Failure, State
from stores.memory import MemoryJobs
from tests.web.conftest import OBJECTIVES, Behind, make_farm
from web.metrics import BUCKETS_S as HTTP_BUCKETS_S
from web.slo.measured import Sample, counted
from web.slo.objectives import Objective, read
from workers.metering.meter import BUCKETS_S as JOB_BUCKETS_S

BY_NAME = {objective.name: objective for objective in read(OBJECTIVES).objectives}


class SilentJobs(MemoryJobs):
    """Does not answer."""

    def counts(self, **_which: object) -> dict[tuple[str, State], int]:
        raise StoreUnavailable("gone")


def requests(status: str, number: float, route: str = "/api/v2/jobs") -> Sample:
    return Sample("dasein_http_requests_total", {"route": route, "method": "GET", "status": status}, number)


def test_answers_of_the_api_with_a_fault_are_bad() -> None:
    samples = [requests("200", 90), requests("404", 7), requests("503", 2), requests("500", 1)]

    # What is no call of the API does not count, and neither does when a counter was made.
    others = [requests("500", 50, "/metrics"), Sample("dasein_http_requests_created", samples[0].labels, 1.7e9)]
    assert counted(BY_NAME["api-availability"], [*samples, *others]) == (3, 100)


def test_what_took_longer_than_the_bound_is_bad() -> None:
    labels = {"route": "/api/v2/campaigns", "method": "POST"}
    buckets = {"0.1": 70.0, "0.25": 90.0, "0.5": 99.0, "+Inf": 100.0}

    found = counted(
        BY_NAME["submit-latency"],
        [
            *(
                Sample("dasein_http_request_seconds_bucket", {**labels, "le": le}, value)
                for le, value in buckets.items()
            ),
            Sample("dasein_http_request_seconds_count", labels, 100),
            Sample("dasein_http_request_seconds_count", {**labels, "method": "GET"}, 1000),
        ],
    )

    assert found == (10, 100)


@pytest.mark.parametrize("objective", [each for each in BY_NAME.values() if each.histogram], ids=lambda each: each.name)
def test_the_bound_of_an_objective_is_one_of_its_histogram(objective: Objective) -> None:
    buckets = HTTP_BUCKETS_S if objective.metric.startswith("dasein_http") else JOB_BUCKETS_S

    assert objective.within_s in buckets


def test_the_farm_counts_its_answers_its_submissions_and_its_jobs(farm: Behind, client: FlaskClient) -> None:
    good, bad, cancelled = (farm.submit() for _ in range(3))
    farm.start(good.id)
    farm.jobs.finish(good.id, {})
    farm.jobs.fail(bad.id, Failure("internal", "A fault."))
    farm.jobs.cancel(cancelled.id)
    farm.clock.advance(60)

    answer = client.get("/api/v2/slo").get_json()

    found = {each["name"]: each for each in answer["objectives"]}
    assert (answer["source"], answer["degraded"], answer["window_s"]) == ("farm", None, 30 * 86_400)
    assert (found["api-availability"]["total"], found["api-availability"]["measured"]) == (3, 1.0)
    assert found["api-availability"]["budget_left"] == 1.0
    assert (found["api-availability"]["since"], found["api-availability"]["window_s"]) == ("2025-01-02T03:04:05Z", 60.0)
    assert (found["submit-latency"]["total"], found["submit-latency"]["within_s"]) == (3, 0.25)
    assert (found["job-success"]["total"], found["job-success"]["measured"]) == (2, 0.5)
    assert found["job-success"]["budget_left"] == pytest.approx(-49)
    assert found["job-success"]["window_s"] == 7 * 86_400


def test_what_only_workers_count_is_not_known_and_says_why(client: FlaskClient) -> None:
    found = {each["name"]: each for each in client.get("/api/v2/slo").get_json()["objectives"]}

    for name in ("question-latency", "campaign-start"):
        assert (found[name]["measured"], found[name]["total"], found[name]["budget_left"]) == (None, None, None)
        assert "DASEIN_PROMETHEUS_URL" in found[name]["reason"]
    assert (found["job-success"]["measured"], found["job-success"]["total"]) == (None, 0)
    assert found["job-success"]["reason"]


def test_without_the_store_of_jobs_the_rest_is_told(tmp_path: Path) -> None:
    farm = make_farm(tmp_path, jobs=SilentJobs())
    farm.client.get("/api/v2/me")

    found = {each["name"]: each for each in farm.client.get("/api/v2/slo").get_json()["objectives"]}

    assert found["api-availability"]["measured"] == 1.0
    assert (found["job-success"]["measured"], found["job-success"]["reason"]) == (
        None,
        "The store of jobs does not answer.",
    )


def test_the_time_that_a_client_asks_to_wait_is_not_ours(farm: Behind, client: FlaskClient) -> None:
    client.post("/api/v2/jobs", json={"kind": "ping", "params": {}}, headers={"Prefer": "wait=1"})

    (took_s,) = [
        sample.value
        for sample in farm.metrics.samples()
        if sample.name == "dasein_http_request_seconds_sum" and sample.labels["method"] == "POST"
    ]
    assert took_s < 0.9
