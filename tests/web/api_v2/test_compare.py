"""Two campaigns side by side, over HTTP."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from pydantic_core import to_json

from tests.web.api_v2.test_campaigns import submitted
from tests.web.conftest import Behind
from tests.workers.simulation.reports import synthetic


def reported(farm: Behind, *, without: int = 0, clean_line: int | None = None, **request: Any) -> str:
    """Return a campaign that has ended with a report of its own, `without` its worst findings or those of a line."""
    campaign_id = submitted(farm)
    report = synthetic().model_dump(mode="json") | {"campaign": campaign_id}
    report["findings"] = [each for each in report["findings"][without:] if each["place"]["line"] != clean_line]
    report["request"] |= request
    farm.files.write(campaign_id, "report.json", [to_json(report)])
    farm.jobs.finish(campaign_id, {})
    return campaign_id


def test_a_campaign_is_compared_with_the_one_before(farm: Behind, client: FlaskClient) -> None:
    before, after = reported(farm), reported(farm, without=2)

    answer = client.get(f"/api/v2/campaigns/{after}/compare?with={before}")

    compared = answer.get_json()
    assert (answer.status_code, compared["trend"], compared["same_firmware"]) == (200, "better", True)
    assert (compared["before"]["campaign"], compared["after"]["campaign"]) == (before, after)
    assert compared["counts"]["gone"] == 2
    assert [change["change"] for change in compared["findings"][:3]] == ["gone", "gone", "same"]
    assert (compared["findings"][0]["after"], compared["findings"][0]["before"]["statistic"]) == (None, "t")
    assert compared["truncated"] is False
    assert len(compared["instructions"]) > 20


def test_every_instruction_is_judged_and_lines_tell_what_changed(farm: Behind, client: FlaskClient) -> None:
    gone = synthetic().findings[0]
    before, after = reported(farm), reported(farm, clean_line=gone.place.line)

    compared = client.get(f"/api/v2/campaigns/{after}/compare?with={before}").get_json()

    assert compared["judgements"] == {"better": 0, "worse": 0, "unchanged": len(compared["instructions"]), "unknown": 0}
    assert {each["why"] for each in compared["instructions"]} == {"every statistic is the same number"}
    (line,) = compared["lines"]
    assert (line["file"], line["line"]) == (gone.place.file, gone.place.line)
    assert (line["leaked"], line["leaks"], line["edits"]) == (True, False, [])
    assert "leaked before, shows none now" in line["sentence"]


def test_the_answer_has_as_many_lines_as_wanted(farm: Behind, client: FlaskClient) -> None:
    before, after = reported(farm), reported(farm)

    compared = client.get(f"/api/v2/campaigns/{after}/compare?with={before}&limit=3").get_json()

    assert (len(compared["findings"]), len(compared["instructions"]), compared["truncated"]) == (3, 3, True)


def test_campaigns_that_measured_different_things_are_refused(farm: Behind, client: FlaskClient) -> None:
    before, after = reported(farm, plan="random"), reported(farm)

    answer = client.get(f"/api/v2/campaigns/{after}/compare?with={before}")

    problem = answer.get_json(force=True)
    assert (answer.status_code, problem["code"], problem["reason"]) == (409, "not-comparable", "plan")


def test_a_report_of_another_time_is_refused(farm: Behind, client: FlaskClient) -> None:
    before, after = submitted(farm), reported(farm)
    farm.files.write(before, "report.json", [b'{"schema_version": "report/0"}'])
    farm.jobs.finish(before, {})

    answer = client.get(f"/api/v2/campaigns/{after}/compare?with={before}")

    assert (answer.status_code, answer.get_json(force=True)["reason"]) == (409, "report")


def test_measured_traces_are_not_compared_with_simulated_ones(farm: Behind, client: FlaskClient) -> None:
    before, after = submitted(farm), reported(farm)
    farm.files.write(before, "report.json", [b'{"schema_version": "report/1", "measured": {"form": "npz"}}'])
    farm.jobs.finish(before, {})

    answer = client.get(f"/api/v2/campaigns/{after}/compare?with={before}")

    assert (answer.status_code, answer.get_json(force=True)["reason"]) == (409, "measured")


@pytest.mark.parametrize(
    ("other", "status", "code"),
    [
        ("running", 409, "not-ready"),
        ("ping", 404, "not-found"),
        ("nobody", 404, "not-found"),
        ("a%00b", 422, "invalid-input"),
        ("", 422, "invalid-input"),
    ],
)
def test_what_has_no_report_is_not_compared(
    farm: Behind, client: FlaskClient, other: str, status: int, code: str
) -> None:
    known = {"running": lambda: submitted(farm), "ping": lambda: farm.submit().id}
    named = known.get(other, lambda: other)()
    after = reported(farm)

    answer = client.get(f"/api/v2/campaigns/{after}/compare?with={named}")

    assert (answer.status_code, answer.get_json(force=True)["code"]) == (status, code)
