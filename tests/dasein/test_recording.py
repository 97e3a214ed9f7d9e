"""Recordings from the client's side: times, targets from options, and the file that is saved."""

import json
from pathlib import Path
from typing import Any

import pytest

from dasein import Client
from dasein.recording import nanoseconds
from tests.dasein.conftest import CAMPAIGN, Served
from tests.dasein.test_farm_cli import OFFERS, run

OFFER = OFFERS | {"memory": []}
RESULT: dict[str, Any] = {
    "recording": "r",
    "entry": "main",
    "records": 1000,
    "dropped": 7,
    "virtual_s": 0.05,
    "calls": 532,
    "calls_ended_by_budget": 5,
    "probe_overflows": 989,
    "instructions": 1_901_099,
    "cycles": 3_200_000,
    "l1d_misses": 18,
    "branch_misses": 533,
    "energy_uj": 1591.4,
    "temperature_c": 25.005,
    "scale": {"assumed": ["unit_uw"]},
    "absent": {"energy": "the INA219 had measured nothing yet"},
    "digest": "5e" * 32,
    "files": {"csv": {"name": "records.csv", "bytes": 12}},
}


def recording(served: Served, job_id: str) -> None:
    """Answer inspections and recordings as a worker would."""
    job = served.behind.jobs.get(job_id)
    if job.kind == "simulation.record":
        served.behind.files.write(job_id, "records.csv", [b"timestamp,\n"])
    served.behind.jobs.finish(job_id, OFFER if job.kind == "inspect" else RESULT)


@pytest.mark.parametrize(
    ("text", "expected"), [("50us", 50_000), ("1ms", 10**6), ("0.5s", 5 * 10**8), ("2.5us", 2500), ("100ns", 100)]
)
def test_times_are_whole_nanoseconds(text: str, expected: int) -> None:
    assert nanoseconds(text) == expected


@pytest.mark.parametrize("text", ["", "50", "us", "50 us", "-1us", "0.5ns", "1e3us", "50m"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no time|no whole number"):
        nanoseconds(text)


def test_a_function_is_recorded_by_its_name_alone(served: Served, elf: Path, tmp_path: Path) -> None:
    served.work(recording)
    out = tmp_path / "run.csv"

    done = run(served.url, "record", elf, "--entry", "main", "--period", "100us", "--samples", "50", "-o", out)

    assert done.exit_code == 0, done.output
    (_, job) = [served.behind.jobs.get(sent[1]) for sent in served.behind.queue.sent]
    assert job.params["target"]["core"] == OFFER["core"]
    assert job.params["target"]["entry"] == "main"
    assert (job.params["period_ns"], job.params["samples"]) == (100_000, 50)
    assert out.read_bytes() == b"timestamp,\n"
    assert "7 dropped" in done.stdout
    assert "989 periods: the probe was at the end of its range" in done.stdout
    assert "5 calls, by target.max_cycles" in done.stdout
    assert "assumed: unit_uw" in done.stdout
    assert "nothing yet" in done.stdout


def test_inputs_and_the_probe_come_from_options(served: Served, elf: Path) -> None:
    served.work(recording)
    options = ["--entry", "f", "--core", "cortex-m3", "--input", "key:16@key", "--input", "data:32"]
    options += ["--probe", "ina219", "--averaging", "4", "--clock", "168", "--rest", "10us", "--set", "cache.ways=2"]

    done = run(served.url, "record", elf, *options, "--json")

    assert done.exit_code == 0, done.output
    (job,) = [served.behind.jobs.get(sent[1]) for sent in served.behind.queue.sent]
    key, data = job.params["target"]["inputs"]
    assert (key["symbol"], key["varies"], data["symbol"], data["length"]) == ("key", "random", None, 32)
    assert job.params["target"]["arguments"] == [{"input": "data"}]
    assert (job.params["probe"]["kind"], job.params["probe"]["averaging"]) == ("ina219", 4)
    assert (job.params["clock_hz"], job.params["rest_ns"], job.params["cache"]["ways"]) == (168_000_000, 10_000, 2)
    assert json.loads(done.stdout)["records"] == 1000


def test_a_campaigns_file_says_what_to_call(served: Served, elf: Path, campaign: Path) -> None:
    served.work(recording)

    done = run(served.url, "record", elf, "-c", campaign, "--seed", "9")

    assert done.exit_code == 0, done.output
    job = served.behind.jobs.get(served.behind.queue.sent[-1][1])
    assert job.params["target"]["entry"] == CAMPAIGN["target"]["entry"]
    assert job.params["seed"] == 9


@pytest.mark.parametrize(
    "options",
    [
        ["--entry", "f", "--period", "50"],
        ["--entry", "f", "--out", "run.xls"],
        ["--entry", "f", "--input", "key16"],
        [],
    ],
)
def test_options_that_mean_nothing_are_usage_errors(served: Served, elf: Path, options: list[str]) -> None:
    done = run(served.url, "record", elf, *options)

    assert done.exit_code == 2
    assert served.behind.queue.sent == []


def test_python_records_and_saves(served: Served, elf: Path, tmp_path: Path) -> None:
    served.work(recording)

    with Client(served.url) as farm:
        result = farm.recordings.record(elf, {"target": {"entry": "main"}}, timeout_s=20)
        job_id = served.behind.queue.sent[-1][1]
        saved = farm.recordings.save(job_id, tmp_path / "any", form="csv")
        with pytest.raises(ValueError, match=r"does not end with one of .bin, .csv, .parquet"):
            farm.recordings.save(job_id, tmp_path / "any")

    assert result["records"] == 1000
    assert saved.read_bytes() == b"timestamp,\n"
