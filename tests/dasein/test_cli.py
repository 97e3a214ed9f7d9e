"""The command line against the real web application; what needs a process or a terminal is in test_cli_process.py."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from dasein.cli import app
from tests.dasein.conftest import Served, fail, give_up, measure, succeed
from tests.dasein.reports import finding
from tests.dasein.scripted_server import JOB_ID, answers, job, scripted, streams

Cli = Callable[..., Result]


@pytest.fixture
def cli(served: Served) -> Cli:
    def invoke(*arguments: object, **env: str) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"DASEIN_URL": served.url, **env})

    return invoke


@pytest.fixture
def policy(tmp_path: Path, campaign: Path) -> Path:
    path = tmp_path / "policy.toml"
    path.write_text(f'[campaign]\nfile = "{campaign.name}"\n[gate]\nfail_on = "medium"\n')
    return path


def said(result: Result) -> Any:
    """Return the one document on standard output."""
    return json.loads(result.stdout)


def submitted(cli: Cli, elf: Path, campaign: Path, *options: object) -> str:
    return str(said(cli("submit", elf, "-c", campaign, "--json", *options))["id"])


def test_submit_lays_the_options_over_the_file(cli: Cli, elf: Path, campaign: Path) -> None:
    options = ("--traces", "500", "--noise", "2", "--seed", "9", "--model", "hd", "--name", "n", "--keep-traces")
    more = ("--set", "power.sampling=cycle", "--priority", "9", "--tag", "a", "--tag", "b", "--deadline", "60")

    job = said(cli("submit", elf, "--campaign", campaign, *options, *more, "--json"))

    asked = job["params"]
    assert (asked["traces"], asked["seed"], asked["name"], asked["keep_traces"]) == (500, 9, "n", True)
    assert asked["power"] == {"model": "hd", "noise_sigma": 2.0, "sampling": "cycle"}
    assert (job["priority"], job["tags"], job["state"]) == (9, ["a", "b"], "queued")
    assert job["deadline_at"]


def test_submit_says_the_job_and_how_to_wait(cli: Cli, elf: Path, campaign: Path) -> None:
    result = cli("submit", elf, "-c", campaign)

    assert result.exit_code == 0
    assert result.stdout.startswith("Job ")
    assert "dasein wait" in result.stderr


def test_submit_with_a_key_makes_one_job(cli: Cli, elf: Path, campaign: Path) -> None:
    assert submitted(cli, elf, campaign, "--idempotency-key", "k") == submitted(
        cli, elf, campaign, "--idempotency-key", "k"
    )


def test_submit_and_wait_ends_with_the_verdict(served: Served, cli: Cli, elf: Path, campaign: Path) -> None:
    served.work(measure())

    result = cli("submit", elf, "-c", campaign, "--wait")

    assert result.exit_code == 0
    assert "succeeded" in result.stdout
    assert "Leaks: 1 findings." in result.stdout
    assert "1,000/1,000 traces" in result.stderr
    assert "max |t| 17.2" in result.stderr


def test_a_misspelt_field_is_refused_by_its_name(cli: Cli, elf: Path, campaign: Path) -> None:
    result = cli("submit", elf, "-c", campaign, "--set", "tracs=5")

    assert result.exit_code == 2
    assert "tracs" in result.stderr
    assert "Trace id: " in result.stderr
    assert result.stdout == ""


def test_an_error_is_a_document_too(cli: Cli, elf: Path, campaign: Path) -> None:
    result = cli("submit", elf, "-c", campaign, "--model", "nope", "--json")

    error = said(result)["error"]
    assert result.exit_code == 2
    assert (error["code"], error["field"], error["status"]) == ("invalid-input", "power.model", 422)


@pytest.mark.parametrize(
    "arguments",
    [
        ["submit"],
        ["submit", "absent.elf", "-c", "absent.json"],
        ["wait"],
        ["report", JOB_ID, "--format", "pdf"],
        ["report", JOB_ID, "-o", "report.pdf"],
        ["report", JOB_ID, "--open", "--json"],
        ["report", JOB_ID, "--format", "html", "--json"],
        ["jobs", "--state", "floating"],
        ["jobs", "--limit", "0"],
        ["ping", "--url", "not a url"],
        ["dead-letters", "--json", "list"],
        ["frobnicate"],
    ],
)
def test_a_wrong_usage_ends_with_2_and_a_hint(cli: Cli, arguments: list[str]) -> None:
    result = cli(*arguments)

    assert result.exit_code == 2
    assert "Usage: " in result.stderr
    assert "Traceback" not in result.output


def test_wait_ends_with_1_when_the_job_failed(served: Served, cli: Cli, elf: Path, campaign: Path) -> None:
    job_id = submitted(cli, elf, campaign)
    served.work(fail)

    result = cli("wait", job_id)

    assert result.exit_code == 1
    assert "firmware: It is for another machine. [machine]" in result.stdout


def test_wait_gives_up_in_time_and_says_how_to_go_on(cli: Cli, elf: Path, campaign: Path) -> None:
    job_id = submitted(cli, elf, campaign)

    result = cli("wait", job_id, "--timeout", "0.2", "--json")

    assert result.exit_code == 2
    assert said(result)["error"]["code"] == "wait-timeout"
    assert f"dasein cancel {job_id}" in result.stderr


def test_report_is_a_summary_or_a_file(served: Served, cli: Cli, elf: Path, campaign: Path, tmp_path: Path) -> None:
    served.work(measure())
    job_id = said(cli("submit", elf, "-c", campaign, "--wait", "--json"))["id"]
    page = tmp_path / "out.html"

    summary = cli("report", job_id)
    document = said(cli("report", job_id, "--json"))
    written = said(cli("report", job_id, "-o", page, "--json"))
    table = cli("report", job_id, "--format", "csv")

    assert "src/aes.c:12" in summary.stdout
    assert document["campaign"] == job_id
    assert said(cli("report", job_id, "--format", "json")) == document
    assert written == {"file": str(page), "format": "html", "bytes": 15}
    assert page.read_bytes() == b"<!doctype html>"
    assert table.stdout_bytes == b"a,b\r\n"


def test_report_opens_the_page_in_the_browser(
    served: Served, cli: Cli, elf: Path, campaign: Path, tmp_path: Path
) -> None:
    served.work(measure())
    job_id = said(cli("submit", elf, "-c", campaign, "--wait", "--json"))["id"]
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    browser.chmod(0o755)

    result = cli("report", job_id, "--open", "-o", tmp_path / "page.html", BROWSER=f"{browser} %s")

    assert result.exit_code == 0
    assert opened.read_text().strip() == (tmp_path / "page.html").as_uri()


def test_report_of_a_campaign_that_goes_on_is_an_error(cli: Cli, elf: Path, campaign: Path) -> None:
    result = cli("report", submitted(cli, elf, campaign))

    assert result.exit_code == 2
    assert "not-ready" in result.stderr


def test_traces_are_saved(served: Served, cli: Cli, elf: Path, campaign: Path, tmp_path: Path) -> None:
    served.work(measure())
    job_id = said(cli("submit", elf, "-c", campaign, "--keep-traces", "--wait", "--json"))["id"]

    result = cli("traces", job_id, "-o", tmp_path / "t.npy", "--json")

    assert said(result) == {"file": str(tmp_path / "t.npy"), "bytes": 13}


def test_a_file_that_cannot_be_written_is_an_error(served: Served, cli: Cli, elf: Path, campaign: Path) -> None:
    served.work(measure())
    job_id = said(cli("submit", elf, "-c", campaign, "--wait", "--json"))["id"]

    result = cli("report", job_id, "-o", "/nowhere/at/all.html", "--json")

    assert result.exit_code == 2
    assert said(result)["error"]["code"] == "file"


def test_jobs_are_listed_and_looked_at(served: Served, cli: Cli, elf: Path, campaign: Path) -> None:
    served.work(measure())
    done = said(cli("submit", elf, "-c", campaign, "--tag", "x", "--wait", "--json"))["id"]

    listed = said(cli("jobs", "--tag", "x", "--json"))["jobs"]

    assert [job["id"] for job in listed] == [done]
    assert done in cli("jobs", "--state", "succeeded", "--kind", "campaign", "-n", "1").stdout
    assert "No jobs." in cli("jobs", "--state", "failed").stdout
    assert "Leaks: 1 findings." in cli("job", done).stdout
    assert said(cli("job", done, "--json"))["id"] == done


def test_a_job_is_cancelled_and_retried(cli: Cli, elf: Path, campaign: Path) -> None:
    job_id = submitted(cli, elf, campaign)

    cancelled = cli("cancel", job_id)
    again = said(cli("retry", job_id, "--json"))

    assert "cancelled" in cancelled.stdout
    assert again["retry_of"] == job_id
    assert cli("retry", again["id"]).exit_code == 2


def test_dead_letters_are_listed_and_replayed(served: Served, cli: Cli) -> None:
    served.work(give_up)
    lost = said(cli("ping", "--json"))

    listed = said(cli("dead-letters", "--json"))["dead_letters"]
    replayed = said(cli("dead-letters", "replay", lost["job"], "--json"))

    assert lost["state"] == "failed"
    assert [letter["job_id"] for letter in listed] == [lost["job"]]
    assert replayed["retry_of"] == lost["job"]


def test_an_empty_list_of_dead_letters_says_so(cli: Cli) -> None:
    assert "No dead letters." in cli("dead-letters").stdout
    assert said(cli("dead-letters", "list", "--json")) == {"dead_letters": []}


def test_ping_says_how_long_it_took(served: Served, cli: Cli) -> None:
    served.work(succeed)

    result = cli("ping", "--json")

    assert result.exit_code == 0
    assert said(result)["state"] == "succeeded"
    assert 0 < said(result)["round_trip_s"] < 30
    assert "there and back" in cli("ping").stdout


def test_ping_without_a_worker_is_an_error(cli: Cli) -> None:
    result = cli("ping", "--timeout", "0.2")

    assert result.exit_code == 2
    assert "has not ended" in result.stderr


def test_check_passes_a_clean_firmware(served: Served, cli: Cli, elf: Path, policy: Path) -> None:
    served.work(measure(findings=[]))

    result = cli("check", elf, "--policy", policy)

    assert result.exit_code == 0
    assert result.stdout.startswith("PASS: ")


def test_check_fails_a_leaky_firmware_at_its_lines(
    served: Served, cli: Cli, elf: Path, policy: Path, tmp_path: Path
) -> None:
    served.work(measure())
    outputs = {name: tmp_path / f"leaks.{name}" for name in ("junit", "sarif", "html")}

    result = cli("check", elf, "-p", policy, *(part for name, path in outputs.items() for part in (f"--{name}", path)))

    assert result.exit_code == 1
    assert result.stdout.startswith("FAIL: 1 finding of medium severity or worse")
    assert "src/aes.c:12" in result.stdout
    assert "::error" not in result.output
    assert b'failures="2"' in outputs["junit"].read_bytes()
    assert json.loads(outputs["sarif"].read_bytes())["runs"][0]["results"][0]["level"] == "error"
    assert outputs["html"].read_bytes() == b"<!doctype html>"


def test_check_writes_annotations_for_github(served: Served, cli: Cli, elf: Path, policy: Path) -> None:
    served.work(measure())

    plain = cli("check", elf, "-p", policy, GITHUB_ACTIONS="true")
    as_json = cli("check", elf, "-p", policy, "--json", GITHUB_ACTIONS="true")

    assert "::error file=src/aes.c,line=12,title=" in plain.stdout
    assert "::error file=src/aes.c,line=12,title=" in as_json.stderr
    assert said(as_json)["outcome"] == "leaks"


def test_check_says_everything_in_one_document(served: Served, cli: Cli, elf: Path, policy: Path) -> None:
    entry = 'ignore = [{function = "known", reason = "by design"}, {function = "old", reason = "gone"}]\n'
    policy.write_text(policy.read_text() + entry)
    served.work(measure(findings=[finding(), finding(function="known"), finding(severity="low")]))

    result = cli("check", elf, "-p", policy, "--json")

    document = said(result)
    assert result.exit_code == document["exit_code"] == 1
    assert document["error"] is None
    assert [found["line"] for found in document["failed"]] == [12]
    assert [found["reason"] for found in document["ignored"]] == ["by design"]
    assert [found["severity"] for found in document["below"]] == ["low"]
    assert document["unused_ignores"] == ["function old"]
    assert "function old" in result.stderr


def test_check_cancels_what_does_not_end_in_time(served: Served, cli: Cli, elf: Path, policy: Path) -> None:
    policy.write_text(policy.read_text() + "timeout_s = 0.3\n")

    result = cli("check", elf, "-p", policy, "--json")

    document = said(result)
    assert result.exit_code == 2
    assert document["outcome"] == "error"
    assert served.behind.jobs.get(document["job"]).state.value == "cancelled"


def test_check_of_what_the_farm_refuses_to_run_is_an_error(
    served: Served, cli: Cli, elf: Path, policy: Path, tmp_path: Path
) -> None:
    served.work(fail)

    result = cli("check", elf, "-p", policy, "--junit", tmp_path / "j.xml", "--sarif", tmp_path / "s.sarif")

    assert result.exit_code == 2
    assert "It is for another machine. [machine]" in result.stdout
    assert b'errors="1"' in (tmp_path / "j.xml").read_bytes()
    assert json.loads((tmp_path / "s.sarif").read_bytes())["runs"][0]["invocations"][0]["executionSuccessful"] is False


@pytest.mark.parametrize(
    ("text", "field"), [("[campaign]\nfile = 'campaign.json'\n[gate]\nfail = 1", "gate.fail"), ("[gate]", "campaign")]
)
def test_check_with_a_policy_that_is_none_is_an_error(cli: Cli, elf: Path, policy: Path, text: str, field: str) -> None:
    policy.write_text(text)

    result = cli("check", elf, "-p", policy, "--json")

    assert result.exit_code == 2
    assert said(result)["error"]["field"] == field


def test_check_without_a_farm_is_an_error(cli: Cli, elf: Path, policy: Path) -> None:
    result = cli("check", elf, "-p", policy, "--url", "http://127.0.0.1:9", "--json")

    assert result.exit_code == 2
    assert said(result)["error"]["code"] == "unreachable"


def test_check_never_passes_a_report_it_does_not_understand(elf: Path, policy: Path) -> None:
    ended = {"state": "succeeded", "result": {}, "kind": "campaign"}
    done = 'id: 1-0\nevent: done\ndata: {"state": "succeeded", "error": null}\n\n'
    steps = (
        answers(),
        answers(job(), status=202),
        streams(done),
        answers(job(**ended)),
        answers({"schema_version": "9"}),
    )

    with scripted(*steps) as farm:
        result = CliRunner().invoke(app, ["check", str(elf), "-p", str(policy), "--url", farm.url, "--json"])

    assert result.exit_code == 2
    assert said(result)["error"]["code"] == "bad-answer"


def test_every_command_has_help_with_examples(cli: Cli) -> None:
    commands = ["submit", "wait", "report", "traces", "check", "jobs", "job", "cancel", "retry", "ping"]
    commands += ["ask", "chat", "ingest", "documents", "remove", "similar", "graph"]

    for command in commands:
        result = cli(command, "--help")
        assert result.exit_code == 0
        assert f"Examples:\n    dasein {command}" in result.stdout


def test_the_version_is_said(cli: Cli) -> None:
    assert cli("--version").stdout == "dasein 0.1.0\n"
