"""Pages of other sites: those that were named, and no others."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import Behind, make_farm

FRIEND, OTHER = "https://notes.example", "https://evil.example"
PING = {"kind": "ping", "params": {}}
ASKED = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-api-key,content-type"}


@pytest.fixture
def open_farm(tmp_path: Path) -> Behind:
    return make_farm(tmp_path, origins=[FRIEND, "http://localhost:5173"])


@pytest.fixture
def client(open_farm: Behind) -> FlaskClient:
    return open_farm.client


def test_a_browser_that_asks_for_a_named_site_hears_what_its_page_may_send(client: FlaskClient) -> None:
    answer = client.options("/api/v2/jobs", headers={"Origin": FRIEND} | ASKED)

    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == FRIEND
    assert "PATCH" in answer.headers["Access-Control-Allow-Methods"]
    assert {"X-API-Key", "Authorization", "Idempotency-Key", "If-None-Match"} <= {
        name.strip() for name in answer.headers["Access-Control-Allow-Headers"].split(",")
    }
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("origin", [OTHER, "null", "https://notes.example:8443", "http://notes.example", "*", ""])
def test_no_other_site_is_told_anything(client: FlaskClient, origin: str) -> None:
    asked = client.options("/api/v2/jobs", headers={"Origin": origin} | ASKED)
    read = client.get("/api/v2/jobs", headers={"Origin": origin})

    for answer in (asked, read):
        assert not [name for name, _ in answer.headers.items() if name.startswith("Access-Control")]
        assert "Origin" in answer.headers["Vary"]


def test_a_page_of_a_named_site_reads_and_writes_and_sees_our_headers(open_farm: Behind, client: FlaskClient) -> None:
    headers = {"Origin": FRIEND, "Sec-Fetch-Site": "cross-site"}

    written = client.post("/api/v2/jobs", json=PING, headers=headers)
    read = client.get("/api/v2/jobs", headers=headers)

    assert (written.status_code, read.status_code) == (202, 200)
    for answer in (written, read):
        assert answer.headers["Access-Control-Allow-Origin"] == FRIEND
        assert {"Location", "Retry-After", "RateLimit", "X-Request-Id"} <= {
            name.strip() for name in answer.headers["Access-Control-Expose-Headers"].split(",")
        }
    assert len(open_farm.queue.sent) == 1


def test_a_page_of_any_other_site_writes_nothing(open_farm: Behind, client: FlaskClient) -> None:
    answers = [
        client.post("/api/v2/jobs", json=PING, headers=headers)
        for headers in (
            {"Origin": OTHER, "Sec-Fetch-Site": "cross-site"},
            {"Origin": OTHER},
            {"Sec-Fetch-Site": "cross-site"},
        )
    ]

    assert [(answer.status_code, answer.get_json()["code"]) for answer in answers] == [(403, "cross-site")] * 3
    assert open_farm.queue.sent == []


def test_a_refusal_can_be_read_by_the_page_that_caused_it(client: FlaskClient) -> None:
    answer = client.post("/api/v2/jobs", json={}, headers={"Origin": FRIEND})

    assert answer.status_code == 422
    assert answer.headers["Access-Control-Allow-Origin"] == FRIEND


def test_without_named_sites_nothing_is_said_of_them(tmp_path: Path) -> None:
    client = make_farm(tmp_path).client

    asked = client.options("/api/v2/jobs", headers={"Origin": FRIEND} | ASKED)

    assert not [name for name, _ in asked.headers.items() if name.startswith("Access-Control")]
    assert "Vary" not in client.get("/health/live").headers
