"""The audit trail: what stands in it, what does not, and who reads it."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from jobs.errors import StoreUnavailable
from jobs.identity import HOME, Role
from stores.identity import Entry
from stores.memory_identity import MemoryAudit
from tests.web.identity import Closed

AUDIT = "/api/v2/audit"
PING = {"kind": "ping", "params": {"echo": "hunter2"}}


@pytest.fixture
def closed(tmp_path: Path) -> Closed:
    return Closed(tmp_path)


def entries(client: FlaskClient, **query: object) -> list[dict[str, Any]]:
    answer = client.get(AUDIT, query_string=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.get_json()["entries"]
    return found


def test_a_write_stands_in_the_trail_with_who_when_and_how_it_ended(closed: Closed) -> None:
    client = closed.client(closed.key(Role.SUBMITTER, "acme", "ci"))

    client.post("/api/v2/jobs?secret=hunter2", json=PING, headers={"X-Request-Id": "trace-me"})
    client.get("/api/v2/jobs")

    found = entries(closed.of(Role.ADMIN, "acme"))
    assert [{name: value for name, value in entry.items() if name != "id"} for entry in found] == [
        {
            "at": "2025-01-02T03:04:05Z",
            "tenant": "acme",
            "name": "ci",
            "role": "submitter",
            "method": "POST",
            "path": "/api/v2/jobs",
            "operation": "submit_job",
            "status": 202,
            "code": None,
            "address": "127.0.0.1",
            "request_id": "trace-me",
        }
    ]


def test_no_secret_and_no_body_stands_in_the_trail(closed: Closed) -> None:
    admin = closed.of()

    made = admin.post("/api/v2/keys?password=hunter2", json={"name": "hunter2", "role": "viewer"}).get_json()
    admin.post("/api/v2/jobs", json=PING)

    told = str(entries(admin))
    assert "hunter2" not in told
    # A secret may hold underscores itself.
    assert made["key"].split("_", 2)[2] not in told


def test_denied_calls_and_failed_writes_stand_in_the_trail_and_reads_do_not(closed: Closed) -> None:
    viewer, admin = closed.of(Role.VIEWER), closed.of()

    viewer.get("/api/v2/keys")
    viewer.post("/api/v2/jobs", json=PING)
    viewer.get("/api/v2/jobs/nobody")
    admin.post("/api/v2/jobs", json={})

    found = [(entry["operation"], entry["status"], entry["code"]) for entry in entries(admin)]
    assert found == [
        ("submit_job", 422, "invalid-input"),
        ("submit_job", 403, "forbidden"),
        ("list_keys", 403, "forbidden"),
    ]
    assert [entry["status"] for entry in entries(admin, outcome="denied")] == [403, 403]
    assert [entry["status"] for entry in entries(admin, outcome="failed")] == [422]
    assert entries(admin, outcome="succeeded") == []


def test_calls_of_nobody_we_know_are_apart_and_for_the_farms_admins(closed: Closed) -> None:
    admin, theirs = closed.of(), closed.of(Role.ADMIN, "acme")

    closed.client().get("/api/v2/jobs")
    closed.client("dsn_nonsense").post("/api/v2/jobs", json=PING)

    found = entries(admin, unknown=True)
    assert [(entry["method"], entry["status"], entry["tenant"], entry["name"]) for entry in found] == [
        ("POST", 401, None, None),
        ("GET", 401, None, None),
    ]
    assert entries(admin) == []
    assert theirs.get(AUDIT, query_string={"unknown": True}).status_code == 404


def test_the_first_api_is_in_the_trail(closed: Closed) -> None:
    admin = closed.of()

    admin.delete("/api/v1/history")

    assert [(entry["operation"], entry["path"]) for entry in entries(admin)] == [
        ("v1.erase_history", "/api/v1/history")
    ]


def test_a_tenant_reads_its_own_trail_and_the_farm_every_one(closed: Closed) -> None:
    admin, theirs = closed.of(), closed.of(Role.ADMIN, "acme")

    theirs.post("/api/v2/jobs", json=PING)

    assert [entry["tenant"] for entry in entries(theirs)] == ["acme"]
    assert [entry["tenant"] for entry in entries(admin, tenant="acme")] == ["acme"]
    assert entries(admin) == []
    assert theirs.get(AUDIT, query_string={"tenant": HOME}).status_code == 404
    assert admin.get(AUDIT, query_string={"tenant": "nobody"}).status_code == 404
    assert closed.of(Role.OPERATOR).get(AUDIT).status_code == 403


def test_a_trail_is_read_page_by_page(closed: Closed) -> None:
    admin = closed.of()
    for _ in range(5):
        admin.post("/api/v2/jobs", json=PING)

    seen: list[str] = []
    cursor = None
    for _ in range(3):
        answer = admin.get(AUDIT, query_string={"limit": 2} | ({"cursor": cursor} if cursor else {})).get_json()
        seen += [entry["id"] for entry in answer["entries"]]
        cursor = answer["cursor"]

    assert len(set(seen)) == 5
    assert cursor is None
    assert admin.get(AUDIT, query_string={"cursor": "nonsense"}).status_code == 422


class LostAudit(MemoryAudit):
    """Takes no entries."""

    def append(self, entry: Entry) -> None:
        raise StoreUnavailable(f"redis is gone: {entry.path}")


def test_a_trail_that_cannot_be_written_is_counted_and_fails_no_call(tmp_path: Path) -> None:
    admin = Closed(tmp_path, audit=LostAudit).of()

    answer = admin.post("/api/v2/jobs", json=PING)

    lost = re.search(r"^dasein_audit_entries_lost_total (\S+)$", admin.get("/metrics").text, re.MULTILINE)
    assert answer.status_code == 202
    assert lost is not None
    assert float(lost[1]) == 1
