import json
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dasein import Gate, Ignore, Judgement, Outcome, Severity, judge
from dasein.annotations import annotations
from dasein.junit import junit
from dasein.sarif import sarif
from tests.dasein.reports import finding, report

MIXED = judge(
    report(
        [
            finding(),
            finding(function="known", address=0x20),
            finding(severity="medium", address=0x30, file=None, line=None),
        ]
    ),
    Gate(fail_on=Severity.HIGH, ignore=(Ignore("by design", function="known"),)),
)
ERROR = Judgement(Outcome.ERROR, "no farm answers")


def document(judgement: Judgement) -> ET.Element:
    written = junit(judgement, firmware="build/aes.elf", seconds=1.5)
    return ET.fromstring(written)  # noqa: S314 -- our own document


def cases(judgement: Judgement) -> Mapping[str, ET.Element]:
    root = document(judgement)
    assert root.tag == "testsuites"
    return {case.get("name", ""): case for case in root.iter("testcase")}


def test_junit_counts_what_it_holds() -> None:
    root = document(MIXED)
    suite = root.find("testsuite")

    assert suite is not None
    counted = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped", "time")}
    assert counted == {"tests": "4", "failures": "2", "errors": "0", "skipped": "1", "time": "1.500"}
    assert root.get("failures") == "2"


def test_junit_names_the_place_and_the_statistic_of_a_failure() -> None:
    failed = cases(MIXED)["src/aes.c:12 tvla-1 0x08000010"]

    failure = failed.find("failure")
    assert (failed.get("file"), failed.get("line"), failed.get("classname")) == ("src/aes.c", "12", "build/aes.elf")
    assert failure is not None
    assert failure.get("type") == "critical"
    assert "|t| 53.20" in (failure.text or "")


def test_junit_of_an_error_has_an_error() -> None:
    error = cases(ERROR)["gate"].find("error")

    assert error is not None
    assert error.get("message") == "no farm answers"


def test_junit_of_a_clean_report_has_one_passing_case() -> None:
    assert [len(case) for case in cases(judge(report(), Gate())).values()] == [0]


@given(st.text(max_size=30))
def test_junit_is_xml_whatever_the_firmware_calls_its_functions(name: str) -> None:
    judgement = judge(report([finding(function=name, file=name or None, title=name)]), Gate())

    assert len(cases(judgement)) == 2


def sarif_run(judgement: Judgement) -> dict[str, Any]:
    document = json.loads(sarif(judgement, firmware="build/my aes.elf"))
    assert document["version"] == "2.1.0"
    assert document["$schema"].endswith("sarif-2.1.0.json")
    (run,) = document["runs"]
    assert isinstance(run, dict)
    return run


def test_sarif_names_tool_and_rules_and_every_result_points_at_its_rule() -> None:
    run = sarif_run(MIXED)

    driver = run["tool"]["driver"]
    assert driver["name"] == "dasein"
    assert all(driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    assert all(rule["shortDescription"]["text"] for rule in driver["rules"])
    assert {result["level"] for result in run["results"]} <= {"error", "warning", "note", "none"}
    assert all(result["message"]["text"] for result in run["results"])


def test_sarif_places_a_finding_at_its_line() -> None:
    result = sarif_run(MIXED)["results"][0]

    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "src/aes.c"
    assert place["region"]["startLine"] == 12
    assert place["address"]["absoluteAddress"] == 0x08000010
    assert result["partialFingerprints"]["place/v1"]


def test_sarif_places_a_finding_without_a_line_in_the_firmware() -> None:
    below = next(result for result in sarif_run(MIXED)["results"] if result["level"] == "warning")

    place = below["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "build/my%20aes.elf"
    assert "region" not in place


def test_sarif_suppresses_what_the_policy_ignores_with_its_reason() -> None:
    suppressed = [result for result in sarif_run(MIXED)["results"] if "suppressions" in result]

    assert [result["suppressions"] for result in suppressed] == [[{"kind": "external", "justification": "by design"}]]


def test_sarif_of_an_error_is_an_unsuccessful_run() -> None:
    run = sarif_run(ERROR)

    (invocation,) = run["invocations"]
    assert run["results"] == []
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "no farm answers"
    assert sarif_run(MIXED)["invocations"] == [{"executionSuccessful": True}]


def test_a_fingerprint_outlives_code_that_moves() -> None:
    def fingerprint(**changes: Any) -> str:
        (result,) = sarif_run(judge(report([finding(**changes)]), Gate()))["results"]
        return str(result["partialFingerprints"]["place/v1"])

    assert fingerprint() == fingerprint(address=0x99, line=40)
    assert fingerprint() != fingerprint(function="other")
    assert fingerprint(partner=finding()["place"]) != fingerprint(partner=finding(mnemonic="strb")["place"])


def test_annotations_point_at_the_lines_that_failed() -> None:
    lines = list(annotations(MIXED))

    title = "critical leak (tvla-1)"
    assert lines == [f"::error file=src/aes.c,line=12,title={title}::{finding()['title']}"]


def test_annotations_of_an_error_say_why() -> None:
    assert list(annotations(ERROR)) == ["::error title=dasein check::no farm answers"]


@pytest.mark.parametrize("name", ["a\n::error::x", "50%", "a,line=1", "a::b"])
def test_no_name_escapes_from_an_annotation(name: str) -> None:
    judgement = judge(report([finding(file=name, title=name)]), Gate())

    (line,) = annotations(judgement)

    properties, _, message = line.removeprefix("::error ").partition("::")
    assert "\n" not in line
    assert properties.count(",") == 2
    assert message == name.replace("%", "%25").replace("\n", "%0A")
