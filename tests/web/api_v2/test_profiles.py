"""Profiled attacks over HTTP: refused at once where there is nothing to learn from, and their report."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from jobs.model import Failure, NewJob
from jobs.profiling import ProfileRequest
from tests.web.conftest import Behind, campaign

FILES = {
    "profile.json": b'{"schema_version": "profile/1"}',
    "profile.html": b"<!doctype html>",
    "profile.csv": b"method,byte\r\n",
    "profile.png": b"\x89PNG\r\n",
}


def measured(farm: Behind, *, keep_traces: bool = True, ended: bool = True, traces: int = 64) -> str:
    body = campaign(farm.firmware(), keep_traces=keep_traces, traces=traces)
    campaign_id = str(farm.client.post("/api/v2/campaigns", json=body).get_json()["id"])
    if ended:
        farm.jobs.finish(campaign_id, {"verdict": "leaks"})
    return campaign_id


def asked(client: FlaskClient, **params: Any) -> Any:
    return client.post("/api/v2/jobs", json={"kind": "simulation.profile", "params": params})


def test_it_is_a_job_that_says_where_its_report_will_be(farm: Behind, client: FlaskClient) -> None:
    first, second = measured(farm), measured(farm, traces=65)

    answer = asked(client, campaign=first, attack=second, seed=7)

    job = answer.get_json()
    assert (answer.status_code, job["kind"]) == (202, "simulation.profile")
    assert ProfileRequest.model_validate(job["params"]).attack == second
    assert job["links"]["report"] == f"/api/v2/profiles/{job['id']}/report"


@pytest.mark.parametrize("field", ["campaign", "attack"])
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"keep_traces": False}, "was not asked to keep its traces"),
        ({"ended": False}, "is queued"),
    ],
)
def test_a_campaign_without_traces_is_refused_at_the_door(
    farm: Behind, client: FlaskClient, field: str, changes: dict[str, bool], told: str
) -> None:
    good, bad = measured(farm), measured(farm, traces=65, **changes)
    named = {"campaign": good, "attack": bad} if field == "attack" else {"campaign": bad}

    answer = asked(client, **named)

    (fault,) = answer.get_json()["errors"]
    assert (answer.status_code, fault["field"]) == (422, f"params.{field}")
    assert told in fault["message"]


def test_what_is_no_campaign_or_not_ours_is_refused_as_if_it_were_not_there(farm: Behind, client: FlaskClient) -> None:
    ping = farm.submit(echo="x").id
    farm.jobs.submit(NewJob("theirs", "campaign", {"keep_traces": True}, tenant="other"))
    farm.jobs.finish("theirs", {})

    answers = [asked(client, campaign=name) for name in (ping, "theirs", "nowhere")]

    assert [answer.status_code for answer in answers] == [422] * 3
    assert answers[1].get_json()["errors"] == answers[2].get_json()["errors"]


def test_requests_that_contradict_themselves_name_the_fault(farm: Behind, client: FlaskClient) -> None:
    campaign_id = measured(farm)

    for change, told in (
        ({"attack": campaign_id}, "attack names the campaign itself"),
        ({"bytes": [3, 1]}, "ascending"),
        ({"window": [9, 9]}, "window"),
        ({"methods": ["templates", "templates"]}, "methods must differ"),
    ):
        answer = asked(client, campaign=campaign_id, **change)
        assert answer.status_code == 422
        assert told in answer.text


@pytest.mark.parametrize("name", ["json", "html", "csv", "png"])
def test_a_report_comes_in_four_forms(farm: Behind, client: FlaskClient, name: str) -> None:
    job_id = asked(client, campaign=measured(farm)).get_json()["id"]
    for file, content in FILES.items():
        farm.files.write(job_id, file, [content])
    farm.jobs.finish(job_id, {})

    answer = client.get(f"/api/v2/profiles/{job_id}/report?format={name}")

    assert (answer.status_code, answer.data) == (200, FILES[f"profile.{name}"])
    assert "immutable" in answer.headers["Cache-Control"]


def test_there_is_no_report_before_the_end_of_a_failed_one_or_of_another_kind(
    farm: Behind, client: FlaskClient
) -> None:
    campaign_id = measured(farm)
    job_id = asked(client, campaign=campaign_id).get_json()["id"]

    running = client.get(f"/api/v2/profiles/{job_id}/report")
    farm.jobs.fail(job_id, Failure("invalid-input", "Too few traces."))
    failed = client.get(f"/api/v2/profiles/{job_id}/report")
    other = client.get(f"/api/v2/profiles/{campaign_id}/report")

    assert (running.status_code, running.get_json()["code"]) == (409, "not-ready")
    assert (failed.status_code, other.status_code) == (404, 404)
    assert "Too few traces" in failed.get_json()["detail"]
