"""Profiled attacks and sweeps of noise on the command line; a web server without workers stands in for a farm."""

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dasein import Client
from dasein.cli import app
from dasein.sweep import COLUMNS, sweep
from jobs.model import Failure
from tests.dasein.conftest import CAMPAIGN, Served
from tests.dasein.reports import cpa, report
from tests.workers.simulation.test_profile_report import made

CSV = b"method,byte\r\n"


def run(url: str, *arguments: object) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments), "--url", url])


def kept(served: Served, elf: Path) -> str:
    """Return a campaign that kept its traces."""
    with Client(served.url) as client:
        job = client.submit_campaign(elf, CAMPAIGN | {"keep_traces": True})
    served.behind.start(job.id)
    served.behind.jobs.finish(job.id, {})
    return job.id


def attacks(served: Served, job_id: str) -> None:
    """Do a profiled attack as a worker would."""
    if served.behind.jobs.get(job_id).kind != "simulation.profile":
        return
    said = made().model_dump_json().encode()
    for name, content in {"profile.json": said, "profile.csv": CSV}.items():
        served.behind.files.write(job_id, name, [content])
    served.behind.jobs.finish(job_id, {"headline": "Found."})


def test_a_profiled_attack_is_asked_for_waited_for_and_shown(served: Served, elf: Path, tmp_path: Path) -> None:
    campaign = kept(served, elf)
    served.work(attacks)
    table = tmp_path / "curves.csv"

    shown = run(served.url, "profile", campaign, "--method", "templates", "--set", "points=8", "-o", table)
    told = run(served.url, "profile", campaign, "--seed", 9, "--order", 5, "--json")

    assert (shown.exit_code, told.exit_code) == (0, 0), shown.output + told.output
    jobs = [served.behind.jobs.get(sent[1]) for sent in served.behind.queue.sent[1:]]
    assert [job.params["methods"] for job in jobs] == [["templates"], ["templates", "stochastic"]]
    assert (jobs[0].params["points"], jobs[1].params["seed"], jobs[1].params["order"]) == (8, 9, 5)
    assert shown.stdout.startswith("Templates find it from 100 traces.")
    assert "0.50 (0.40 to 0.60)" in shown.stdout
    assert "Note: Mind the gap." in shown.stdout
    assert table.read_bytes() == CSV
    assert json.loads(told.stdout)["schema_version"] == "profile/1"


def test_the_report_of_a_profiled_attack_is_read_later_too(served: Served, elf: Path, tmp_path: Path) -> None:
    campaign = kept(served, elf)
    served.work(attacks)
    with Client(served.url) as client:
        job = client.profiles.submit(campaign, methods=["stochastic"], order=3)
        client.wait(job.id)

    waited = run(served.url, "wait", job.id)
    written = run(served.url, "report", job.id, "-o", tmp_path / "curves.csv")

    assert "Found." in waited.stdout
    assert written.exit_code == 0, written.output
    assert (tmp_path / "curves.csv").read_bytes() == CSV


def test_an_attack_that_fails_ends_with_1_and_one_that_is_refused_with_2(served: Served, elf: Path) -> None:
    campaign = kept(served, elf)

    def fails(served: Served, job_id: str) -> None:
        served.behind.jobs.fail(job_id, Failure("invalid-input", "Too few traces.", "profiling"))

    served.work(fails)
    failed = run(served.url, "profile", campaign)
    refused = run(served.url, "profile", "nowhere")
    wrong = run(served.url, "profile", campaign, "-o", "curves.txt")

    assert (failed.exit_code, refused.exit_code, wrong.exit_code) == (1, 2, 2)
    assert "Too few traces." in failed.output
    assert "There is no such campaign." in refused.stderr


def measures(served: Served, job_id: str) -> None:
    """Do a campaign as a worker would: without noise t is infinite, with much of it the key is lost."""
    sigma = served.behind.jobs.get(job_id).params["power"]["noise_sigma"]
    if sigma == 9:
        served.behind.jobs.fail(job_id, Failure("invalid-input", "Too loud."))
        return
    attack = cpa(recovered=16 if sigma < 4 else 3)
    for part in attack["bytes"]:
        part["traces_to_recover"] = 40 if part["rank"] == 0 else None
    said = report(cpa=attack)
    said["tvla"]["max_abs_t1"] = None if sigma == 0 else 60.0 / sigma
    served.behind.files.write(job_id, "report.json", [json.dumps(said).encode()])
    served.behind.jobs.finish(job_id, {"verdict": "leaks"})


def test_a_sweep_is_one_batch_of_campaigns_that_differ_in_their_noise(
    served: Served, elf: Path, campaign: Path, tmp_path: Path
) -> None:
    served.work(measures)
    table = tmp_path / "noise.csv"

    result = run(
        served.url, "sweep", elf, "-c", campaign, "--sigma", "0,2,4", "--set", "traces=500", "-o", table, "--json"
    )

    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    jobs = [served.behind.jobs.get(level["campaign"]) for level in said["levels"]]
    assert {job.batch for job in jobs} == {said["batch"]}
    assert [job.params["power"]["noise_sigma"] for job in jobs] == [0, 2, 4]
    assert len({json.dumps({**job.params, "power": None}, sort_keys=True) for job in jobs}) == 1
    assert {job.params["traces"] for job in jobs} == {500}
    assert [level["max_abs_t1"] for level in said["levels"]] == ["inf", 30.0, 15.0]
    assert [level["key_bytes_recovered"] for level in said["levels"]] == [16, 16, 3]
    assert [level["traces_to_recover"] for level in said["levels"]] == [40, 40, None]
    rows = list(csv.DictReader(io.StringIO(table.read_text(), newline="")))
    assert tuple(rows[0]) == COLUMNS
    assert [row["max_abs_t1"] for row in rows] == ["inf", "30.0", "15.0"]
    assert rows[2]["traces_to_recover"] == ""


def test_a_level_that_fails_is_named_and_the_others_are_told(served: Served, elf: Path, campaign: Path) -> None:
    served.work(measures)

    result = run(served.url, "sweep", elf, "-c", campaign, "--sigma", "2,9")

    assert result.exit_code == 1
    assert "16 of 16" in result.stdout
    assert "sigma 9: Too loud." in result.stdout


@pytest.mark.parametrize("sigmas", ["", "1,1", "1,x", "-1", "nan", "2000", "inf"])
def test_what_is_no_list_of_levels_is_a_usage_error(served: Served, elf: Path, campaign: Path, sigmas: str) -> None:
    result = run(served.url, "sweep", elf, "-c", campaign, "--sigma", sigmas)

    assert result.exit_code == 2
    assert served.behind.queue.sent == []


def test_from_python_a_sweep_of_nothing_is_refused(served: Served, elf: Path) -> None:
    with Client(served.url) as client, pytest.raises(ValueError, match="at least one sigma"):
        sweep(client, elf, CAMPAIGN, [])
