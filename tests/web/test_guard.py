"""What every request passes."""

import pytest
from flask.testing import FlaskClient
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from jobs import tracing
from tests.web.conftest import Behind
from web import guard

PING = {"kind": "ping", "params": {}}
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize("host", ["localhost", "localhost:8080", "127.0.0.1:9", "[::1]", "[::1]:8080", "LOCALHOST:80"])
def test_loopback_hosts_are_served(client: FlaskClient, host: str) -> None:
    assert client.get("/health/live", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8080",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "192.168.0.1",
        "[::2]",
        "[",
    ],
)
def test_a_host_that_is_not_ours_is_misdirected_whatever_is_asked(client: FlaskClient, host: str) -> None:
    for path in ("/health/live", "/api/v2/jobs", "/metrics", "/api/docs"):
        answer = client.get(path, headers={"Host": host})

        assert (answer.status_code, answer.get_json()["code"]) == (421, "host-not-allowed")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9999"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_write_that_another_sites_page_sends_is_refused(
    farm: Behind, client: FlaskClient, headers: dict[str, str]
) -> None:
    answer = client.post("/api/v2/jobs", json=PING, headers={"Host": "localhost:8080"} | headers)

    assert (answer.status_code, answer.get_json()["code"]) == (403, "cross-site")
    assert farm.jobs.counts() == {}


def test_a_write_from_a_page_of_ours_is_served(client: FlaskClient) -> None:
    headers = {"Host": "localhost:8080", "Origin": "http://localhost:8080", "Sec-Fetch-Site": "same-origin"}

    assert client.post("/api/v2/jobs", json=PING, headers=headers).status_code == 202


def test_a_reasonable_request_id_is_kept_and_another_replaced(client: FlaskClient) -> None:
    kept = client.get("/health/live", headers={"X-Request-Id": "build-4711.a_B"})
    replaced = client.get("/health/live", headers={"X-Request-Id": "a b\tc"})
    drawn = client.get("/health/live")

    assert kept.headers["X-Request-Id"] == "build-4711.a_B"
    assert replaced.headers["X-Request-Id"] not in {"a b\tc", drawn.headers["X-Request-Id"]}
    assert len(drawn.headers["X-Request-Id"]) == 32


def test_a_problem_carries_the_trace_of_its_request(client: FlaskClient) -> None:
    drawn = client.get("/api/v2/jobs/nobody")
    named = client.get("/api/v2/jobs/nobody", headers={"X-Request-Id": "name-me"})
    told = client.get("/api/v2/jobs/nobody", headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})

    assert drawn.get_json()["trace_id"] == drawn.headers["X-Request-Id"]
    assert named.headers["X-Request-Id"] == "name-me"
    assert len(named.get_json()["trace_id"]) == 32
    assert told.get_json()["trace_id"] == told.headers["X-Request-Id"] == TRACE


def test_lines_of_a_request_name_its_trace_and_its_tenant(client: FlaskClient) -> None:
    with capture_logs(processors=[merge_contextvars]) as logged:
        answer = client.post("/api/v2/jobs", json=PING, headers={"X-Request-Id": "name-me", "Host": "localhost"})

    ids = [(line["event"], line["trace_id"], line["request_id"], line.get("tenant")) for line in logged]
    trace = logged[0]["trace_id"]
    assert ids == [(event, trace, "name-me", "default") for event in ("job_submitted", "request_answered")]
    assert answer.status_code == 202


def test_a_job_remembers_the_trace_that_it_was_submitted_in(farm: Behind, client: FlaskClient) -> None:
    parent = f"00-{TRACE}-00f067aa0ba902b7-01"

    job = client.post("/api/v2/jobs", json=PING, headers={"traceparent": parent}).get_json()
    batch = client.post("/api/v2/batches", json={"jobs": [PING]}, headers={"traceparent": parent}).get_json()

    (member,) = farm.jobs.members([batch["id"]])[batch["id"]]
    assert [farm.jobs.get(each).traceparent for each in (job["id"], member.id)] == [parent, parent]


@pytest.mark.parametrize("path", ["/api/v2/jobs", "/health/live", "/api/v2/nowhere", "/metrics", "/api/docs"])
def test_every_answer_wears_the_security_headers(client: FlaskClient, path: str) -> None:
    answer = client.get(path)

    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_what_is_said_of_jobs_is_not_stored(farm: Behind, client: FlaskClient) -> None:
    answer = client.get(f"/api/v2/jobs/{farm.submit().id}")

    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("host", "closed", "served"),
    [
        ("farm.example", True, True),
        ("a.labs.example", True, True),
        ("labs.example", True, False),
        ("notlabs.example", True, False),
        ("evil.example", True, False),
        ("farm.example.evil", True, False),
        ("farm.example", False, False),
    ],
)
def test_other_hosts_are_served_once_there_are_keys_if_they_are_named(host: str, *, closed: bool, served: bool) -> None:
    rule = guard.named({"farm.example", "*.labs.example"}, closed=lambda: closed)

    assert rule(host) is served


def test_questions_whether_the_farm_is_well_are_in_no_trace_that_is_recorded(client: FlaskClient) -> None:
    client.get("/health/live", headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})

    place = tracing.here()
    assert place is not None
    assert (place.trace_id, place.sampled) == (TRACE, False)
