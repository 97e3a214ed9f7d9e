"""What a farm says of keys, tenants, calls and batches."""

from typing import Any

from tests.dasein.scripted_server import JOB_ID

SECRET = "dsn_abcd1234_s3cr3ts3cr3ts3cr3t"
AT = "2026-11-21T12:00:00Z"


def key(**changes: Any) -> dict[str, Any]:
    """Return what is known of a key."""
    return {
        "prefix": "abcd1234",
        "name": "ci",
        "role": "submitter",
        "tenant": "acme",
        "created_at": AT,
        "expires_at": None,
        "last_used_at": None,
        "created_by": "ada",
    } | changes


def tenant(**changes: Any) -> dict[str, Any]:
    """Return a tenant that has used some of what it may."""
    return {
        "id": "acme",
        "title": "ACME Locks",
        "created_at": AT,
        "suspended": False,
        "quotas": {"jobs_in_flight": 50, "traces_per_day": 1_000_000, "storage_bytes": None},
        "usage": {"jobs_in_flight": 3, "traces_per_day": 20_000, "storage_bytes": 4096},
        "retention": {"job_days": 30, "audit_days": None, "artifact_days": None, "chat_days": None},
    } | changes


def entry(**changes: Any) -> dict[str, Any]:
    """Return a call that was denied."""
    return {
        "id": "1-0",
        "at": AT,
        "tenant": "acme",
        "name": "ci",
        "role": "submitter",
        "method": "POST",
        "path": "/api/v2/keys",
        "operation": "make_key",
        "status": 403,
        "code": "forbidden",
        "address": "127.0.0.1",
        "request_id": "r-1",
    } | changes


def batch(state: str = "queued", *states: str) -> dict[str, Any]:
    """Return a batch of jobs in these states."""
    members = [
        {"id": f"{JOB_ID}{number}", "kind": "ping", "state": each, "code": "deadline" if each == "failed" else None}
        for number, each in enumerate(states)
    ]
    known = ("queued", "running", "succeeded", "failed", "cancelled")
    return {
        "id": "b-1",
        "state": state,
        "progress": {
            "done": sum(each not in {"queued", "running"} for each in states),
            "total": len(states),
            "message": "",
        },
        "states": {name: states.count(name) for name in known},
        "jobs": [member["id"] for member in members],
        "members": members,
        "submitted_at": AT,
        "finished_at": None,
        "links": {"self": "/api/v2/batches/b-1"},
    }
