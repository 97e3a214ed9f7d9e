"""Every error is a problem document."""

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.processors import format_exc_info
from structlog.testing import capture_logs

from jobs.errors import Conflict, DaseinError, NotFound, SimulatorLost, StoreUnavailable
from jobs.model import Job
from stores.memory import MemoryJobs
from tests.web.conftest import Behind, campaign, make_farm
from web.problems import STATUS, status_of
from web.refusals import InvalidFields, NotReady, TooManyWaiters

PROBLEM = "application/problem+json"
MEMBERS = {"type", "title", "status", "detail", "code", "trace_id"}


class BrokenJobs(MemoryJobs):
    """Has a bug."""

    def get(self, job_id: str, *, tenant: str | None = None) -> Job:
        secret = "s3cret"
        raise RuntimeError(f"{secret}{job_id}{tenant}")


def test_the_nearest_ancestor_decides_the_status() -> None:
    assert status_of(NotReady) == status_of(Conflict) == 409
    assert status_of(TooManyWaiters) == 503
    assert status_of(SimulatorLost) == status_of(StoreUnavailable) == 503
    assert status_of(InvalidFields) == 422
    assert status_of(NotFound) == 404
    assert status_of(DaseinError) == 500


def test_every_status_of_the_table_is_one_of_a_refusal() -> None:
    assert all(400 <= status < 600 for status in STATUS.values())


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("GET", "/api/v2/nowhere", 404, "not-found"),
        ("GET", "/api/v2/jobs/a:b", 404, "not-found"),
        ("GET", "/api/v2/jobs/a/b", 404, "not-found"),
        ("GET", f"/api/v2/jobs/{'a' * 101}", 404, "not-found"),
        ("PUT", "/api/v2/jobs", 405, "method-not-allowed"),
        ("POST", "/api/v2/jobs/x", 405, "method-not-allowed"),
        ("DELETE", "/api/v2/jobs", 405, "method-not-allowed"),
        ("POST", "/health/live", 405, "method-not-allowed"),
    ],
)
def test_what_is_not_served_is_a_problem(client: FlaskClient, method: str, path: str, status: int, code: str) -> None:
    answer = client.open(path, method=method)

    document = answer.get_json(force=True)
    assert (answer.status_code, answer.mimetype) == (status, PROBLEM)
    assert document.keys() >= MEMBERS
    assert (document["code"], document["status"]) == (code, status)


def test_a_bug_is_a_500_that_tells_nothing(tmp_path: Path) -> None:
    farm = make_farm(tmp_path, jobs=BrokenJobs())

    with capture_logs(processors=[format_exc_info]) as logged:
        answer = farm.client.get("/api/v2/jobs/abc")

    assert (answer.status_code, answer.mimetype, answer.get_json(force=True)["code"]) == (500, PROBLEM, "internal")
    assert "s3cret" not in answer.text
    assert "RuntimeError" not in answer.text
    assert ["s3cretabc" in entry["exception"] for entry in logged if entry["event"] == "request_failed"] == [True]


@pytest.mark.parametrize("path", ["/api/v2/jobs", "/api/v2/campaigns"])
@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"{}", "text/plain", 415, "unsupported-media-type"),
        (b"{}", None, 415, "unsupported-media-type"),
        (b"{", "application/json", 400, "malformed-body"),
        (b"", "application/json", 400, "malformed-body"),
        (b"\xff\xfe{}", "application/json", 400, "malformed-body"),
        (b'{"kind": "\\ud800"}', "application/json", 400, "malformed-body"),
        (b"[" * 10_000, "application/json", 422, "too-complex"),
        (b"[]", "application/json", 422, "invalid-input"),
        (b"null", "application/json", 422, "invalid-input"),
        (b'"text"', "application/json", 422, "invalid-input"),
        (b"3", "application/json", 422, "invalid-input"),
        (b"{}", "application/json; charset=utf-8", 422, "invalid-input"),
        (b'{"x": "' + b"x" * 70_000 + b'"}', "application/json", 413, "too-large"),
    ],
)
def test_a_body_that_cannot_be_read_is_a_problem(
    farm: Behind, path: str, body: bytes, content_type: str | None, *, status: int, code: str
) -> None:
    answer = farm.client.post(path, data=body, content_type=content_type)

    assert (answer.status_code, answer.mimetype) == (status, PROBLEM)
    assert answer.get_json(force=True)["code"] == code
    assert farm.jobs.counts() == {}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"params": {}}, "kind"),
        ({"kind": "ping"}, "params"),
        ({"kind": "shard", "params": {}}, "kind"),
        ({"kind": "merge", "params": {}}, "kind"),
        ({"kind": "ping", "params": []}, "params"),
        ({"kind": "ping", "params": {}, "priority": 10}, "priority"),
        ({"kind": "ping", "params": {}, "priority": -1}, "priority"),
        ({"kind": "ping", "params": {}, "priority": "5"}, "priority"),
        ({"kind": "ping", "params": {}, "priority": True}, "priority"),
        ({"kind": "ping", "params": {}, "tags": "a"}, "tags"),
        ({"kind": "ping", "params": {}, "tags": [""]}, "tags.0"),
        ({"kind": "ping", "params": {}, "tags": ["x"] * 17}, "tags"),
        ({"kind": "ping", "params": {}, "deadline_s": 0}, "deadline_s"),
        ({"kind": "ping", "params": {}, "deadline_s": float("nan")}, "deadline_s"),
        ({"kind": "ping", "params": {}, "callback_url": "http://x"}, "callback_url"),
        ({"kind": "ping", "params": {"duration_s": -1}}, "params.duration_s"),
        ({"kind": "ping", "params": {"Loud": 1}}, "params.Loud"),
        ({"kind": "campaign", "params": {}}, "params.firmware"),
    ],
)
def test_a_job_that_breaks_a_rule_names_the_field(client: FlaskClient, body: dict[str, object], field: str) -> None:
    answer = client.post("/api/v2/jobs", json=body)

    document = answer.get_json(force=True)
    assert (answer.status_code, document["field"]) == (422, field)
    assert field in {item["field"] for item in document["errors"]}
    assert all(item["message"] for item in document["errors"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"traces": 0}, "traces"),
        ({"traces": 10**9}, "traces"),
        ({"traces": "100"}, "traces"),
        ({"power": {"model": "nobodys"}}, "power.model"),
        ({"power": {"model": "../../etc/passwd"}}, "power.model"),
        ({"firmware": f"sha256:{'0' * 64}"}, "firmware"),
        ({"firmware": "sha256:x"}, "firmware"),
        ({"plan": "guess"}, "plan"),
        ({"target": {"core": "z80", "entry": "main", "inputs": []}}, "target.core"),
        (
            {
                "target": {
                    "core": "cortex-m0",
                    "entry": "f",
                    "inputs": [{"name": "p", "role": "plaintext", "length": 4, "value": "00", "symbol": "p"}],
                }
            },
            "target.inputs.0",
        ),
        (
            {
                "target": {
                    "core": "cortex-m0",
                    "entry": "f",
                    "inputs": [{"name": "p", "role": "plaintext", "length": 4, "symbol": "p"}],
                    "arguments": [{"nothing": 1}],
                }
            },
            "target.arguments.0",
        ),
    ],
)
def test_a_campaign_that_breaks_a_rule_names_the_field(
    farm: Behind, client: FlaskClient, change: dict[str, object], field: str
) -> None:
    direct = client.post("/api/v2/campaigns", json=campaign(farm.firmware()) | change)
    as_job = client.post("/api/v2/jobs", json={"kind": "campaign", "params": campaign(farm.firmware()) | change})

    assert (direct.status_code, as_job.status_code) == (422, 422)
    assert direct.get_json(force=True)["errors"][0]["field"].startswith(field)
    assert as_job.get_json(force=True)["errors"][0]["field"].startswith(f"params.{field}")
    assert farm.jobs.counts() == {}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
JOBS = st.fixed_dictionaries(
    {"kind": st.sampled_from(["ping", "campaign"]) | VALUES, "params": VALUES},
    optional={"priority": VALUES, "tags": VALUES, "deadline_s": VALUES, "callback_url": VALUES},
)
GOOD = campaign(f"sha256:{'0' * 64}")


@st.composite
def spoilt_campaigns(draw: st.DrawFn) -> dict[str, object]:
    """Replace one field of a good campaign, or of its target, or of an input of that."""
    body = {**GOOD, "target": {**GOOD["target"], "inputs": [dict(item) for item in GOOD["target"]["inputs"]]}}
    place = draw(st.sampled_from([body, body["target"], body["target"]["inputs"][0]]))
    place[draw(st.sampled_from(sorted(place)) | st.text(max_size=8))] = draw(VALUES)
    return body


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=JOBS | VALUES | spoilt_campaigns(), path=st.sampled_from(["/api/v2/jobs", "/api/v2/campaigns"]))
def test_no_json_makes_the_server_fail(farm: Behind, body: object, path: str) -> None:
    farm.queue.sent.clear()

    answer = farm.client.post(path, data=json.dumps(body), content_type="application/json")

    assert answer.status_code in {202, 400, 413, 422}
    assert answer.mimetype == ("application/json" if answer.status_code == 202 else PROBLEM)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200), path=st.sampled_from(["/api/v2/jobs", "/api/v2/campaigns"]))
def test_no_bytes_make_the_server_fail(farm: Behind, body: bytes, path: str) -> None:
    answer = farm.client.post(path, data=body, content_type="application/json")

    assert answer.status_code in {400, 422}
    assert answer.mimetype == PROBLEM
