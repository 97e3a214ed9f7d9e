"""What the farm promises, in Python and on the command line."""

import json

from typer.testing import CliRunner, Result

from dasein import Client
from dasein.cli import app
from tests.dasein.conftest import Served, fail, succeed
from tests.dasein.scripted_server import answers, scripted

OBJECTIVE = {
    "name": "question-latency",
    "objective": 0.95,
    "within_s": 5.0,
    "measured": 0.98,
    "total": 12_345.0,
    "budget_left": 0.6,
    "burn_rate": 0.4,
    "window_s": 2_592_000.0,
    "reason": None,
}


def run(url: str, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["slo", *arguments, "--url", url])


def test_a_farm_tells_how_it_stands(served: Served, client: Client) -> None:
    for work, times in ((succeed, 3), (fail, 1)):
        for _ in range(times):
            job = client.submit("ping", {})
            served.behind.start(job.id)
            work(served, job.id)

    found = {each["name"]: each for each in client.slo()["objectives"]}

    assert (found["job-success"]["total"], found["job-success"]["measured"]) == (4, 0.75)


def test_the_command_shows_a_row_for_each_objective_and_says_what_is_not_known(served: Served, client: Client) -> None:
    client.whoami()

    shown, document = run(served.url), run(served.url, "--json")

    assert shown.exit_code == 0, shown.output
    for objective in json.loads(document.stdout)["objectives"]:
        assert objective["name"] in shown.stdout
    assert "99.9 %" in shown.stdout
    assert "100.000 %" in shown.stdout
    assert "Counted by the farm itself" in shown.stderr
    assert "campaign-start: Workers count this" in shown.stderr


def test_what_a_prometheus_counted_is_shown_with_budget_and_pace() -> None:
    said = {"source": "prometheus", "degraded": "Something was away.", "window_s": 2_592_000, "objectives": [OBJECTIVE]}

    with scripted(answers(said)) as farm:
        result = run(farm.url)

    assert result.exit_code == 0, result.output
    (row,) = [line for line in result.stdout.splitlines() if line.startswith("question-latency")]
    assert " ".join(row.split()) == "question-latency 95 % in 5.0 s 98.000 % 12,345 60.0 % 0.4 x 30.0 d"
    assert "Counted by a Prometheus." in result.stderr
    assert "Something was away." in result.stderr


def test_an_answer_that_is_none_is_an_error() -> None:
    with scripted(answers({"objectives": [{}]})) as farm:
        result = run(farm.url)

    assert result.exit_code == 2
