"""What every request passes."""

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import Behind
from web import guard

PING = {"kind": "ping", "params": {}}


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


def test_a_problem_carries_the_request_id_as_its_trace_id(client: FlaskClient) -> None:
    answer = client.get("/api/v2/jobs/nobody", headers={"X-Request-Id": "trace-me"})

    assert answer.get_json()["trace_id"] == answer.headers["X-Request-Id"] == "trace-me"


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
