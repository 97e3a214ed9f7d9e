"""Two campaigns side by side, over HTTP."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from pydantic_core import to_json

from tests.web.api_v2.test_campaigns import submitted
from tests.web.conftest import Behind
from tests.workers.simulation.imports import as_import
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


def imported(farm: Behind, *, clean_line: int | None = None, code: bool = False, **told: Any) -> str:
    """Return an import that has ended with a report of its own, without the findings of a line."""
    params = {"artifact": farm.firmware()}
    answer = farm.client.post("/api/v2/jobs", json={"kind": "simulation.import", "params": params})
    import_id = str(answer.get_json()["id"])
    findings = tuple(each for each in synthetic().findings if each.place.line != clean_line)
    report = as_import(synthetic(findings=findings), code=code, **told).model_copy(update={"campaign": import_id})
    farm.files.write(import_id, "report.json", [report.model_dump_json().encode()])
    farm.jobs.finish(import_id, {})
    return import_id


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


def test_imports_are_compared_by_samples_where_their_program_is_not_known(farm: Behind, client: FlaskClient) -> None:
    gone = synthetic().findings[0]
    before, after = imported(farm), imported(farm, clean_line=gone.place.line, sha256="ab" * 32)

    compared = client.get(f"/api/v2/campaigns/{after}/compare?with={before}").get_json()

    assert (compared["by"], compared["same_firmware"], compared["trend"]) == ("samples", None, "better")
    for side in ("before", "after"):
        told = compared[side]
        assert (told["measured"], told["firmware"], told["noise_sigma"]) == (True, None, None)
    place = compared["findings"][0]["before"]["place"]
    assert (place["mnemonic"], place["operands"]) == ("samples", str(place["address"]))
    assert {each["before"]["place"]["mnemonic"] for each in compared["instructions"]} == {"samples"}
    assert compared["lines"] == []
    assert "each file's own traces" in compared["warnings"][0]


def test_imports_with_their_firmware_are_compared_by_instruction_and_line(farm: Behind, client: FlaskClient) -> None:
    gone = synthetic().findings[0].place
    before, after = imported(farm, code=True), imported(farm, clean_line=gone.line, code=True)

    compared = client.get(f"/api/v2/campaigns/{after}/compare?with={before}").get_json()

    assert (compared["by"], compared["same_firmware"], compared["trend"]) == ("instruction", True, "better")
    assert compared["before"]["firmware"] == synthetic().code.sha256
    (line,) = compared["lines"]
    assert (line["function"], line["line"]) == (gone.function, gone.line)
    assert "leaked before, shows none now" in line["sentence"]


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"asked": {"unit": "V"}}, "unit"),
        ({"asked": {"sampled_hz": 5e8}}, "sampling"),
        ({"groups": "derived"}, "plan"),
        ({"code": True}, "firmware"),
        (None, "measured"),
    ],
)
def test_what_an_import_cannot_be_compared_with_is_refused_with_the_reason(
    farm: Behind, client: FlaskClient, other: dict[str, Any] | None, reason: str
) -> None:
    after = imported(farm, asked={"sampled_hz": 1e9})
    before = reported(farm) if other is None else imported(farm, **{"asked": {"sampled_hz": 1e9}, **other})

    answers = [client.get(f"/api/v2/campaigns/{a}/compare?with={b}") for a, b in ((after, before), (before, after))]

    for answer in answers:
        problem = answer.get_json(force=True)
        assert (answer.status_code, problem["code"], problem["reason"]) == (409, "not-comparable", reason)


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
