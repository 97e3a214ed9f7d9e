"""Captures from the client's side: what is asked for, what is shown, what is saved."""

import json
from pathlib import Path
from typing import Any

import pytest

from dasein import ApiError, Client
from jobs.abilities import Ability
from tests.dasein.conftest import Served
from tests.dasein.test_farm_cli import run

RESULT: dict[str, Any] = {
    "recording": "c",
    "records": 900,
    "wanted": 1000,
    "ended": "timeout",
    "dropped": 7,
    "lost": 3,
    "missed": 4,
    "sensor_reads": 30,
    "sensor_errors": 2,
    "sensor_overflows": 1,
    "period_ns": 50_000,
    "first_ns": 10**9,
    "last_ns": 10**9 + 906 * 50_000,
    "available": {"cycles": 0, "energy": 850, "latency": 900},
    "digest": "5e" * 32,
    "files": {"csv": {"name": "records.csv", "bytes": 12}},
    "ingestion": "c.ingest",
}


@pytest.fixture
def lab(served: Served) -> Served:
    """Have a worker with a recorder, and do its work."""
    served.behind.workers.beat(
        "capture1@lab", queue="capture", ttl_s=3600, processes=1, abilities={"monje_virtual": Ability("1")}
    )

    def work(served: Served, job_id: str) -> None:
        served.behind.files.write(job_id, "records.csv", [b"timestamp,\n"])
        served.behind.jobs.finish(job_id, RESULT)

    served.work(work)
    return served


def test_a_device_is_captured_and_its_records_are_saved(lab: Served, tmp_path: Path) -> None:
    out = tmp_path / "board.csv"
    options = ["--device", "/dev/monje_virtual", "--period", "100us", "--samples", "1000", "--set", "ingest=true"]

    done = run(lab.url, "record", *options, "-o", out)

    assert done.exit_code == 0, done.output
    job = lab.behind.jobs.get(lab.behind.queue.sent[0][1])
    assert job.kind == "simulation.capture"
    assert (job.params["device"], job.params["period_ns"]) == ("/dev/monje_virtual", 100_000)
    assert (job.params["samples"], job.params["ingest"]) == (1000, True)
    assert job.params["forms"] == ["binary", "csv", "parquet"]
    assert out.read_bytes() == b"timestamp,\n"
    shown = " ".join(done.stdout.split())
    assert "900 of 1,000: the time was up" in shown
    assert "7 periods: 4 missed by the timer, 3 overwritten before they were read" in shown
    assert "30 read, 2 failed, 1 out of range" in shown
    assert "not there cycles" in shown
    assert "not always there energy in 850" in shown
    assert "45.350 ms" in shown


def test_as_json_it_is_the_result_itself(lab: Served) -> None:
    done = run(lab.url, "record", "--device", "/dev/monje_virtual", "--json")

    assert json.loads(done.stdout)["available"] == RESULT["available"]
    assert lab.behind.jobs.get(lab.behind.queue.sent[0][1]).params["forms"] == ["binary", "parquet"]


@pytest.mark.parametrize(
    "options", [["--entry", "f"], ["--probe", "ina219"], ["--seed", "1"], ["--clock", "64"], ["--input", "key:16"]]
)
def test_what_firmware_is_told_means_nothing_to_a_device(lab: Served, options: list[str]) -> None:
    done = run(lab.url, "record", "--device", "/dev/monje_virtual", *options)

    assert (done.exit_code, lab.behind.queue.sent) == (2, [])
    assert options[0] in done.stderr


def test_neither_firmware_nor_device_is_a_usage_error(lab: Served, elf: Path) -> None:
    both = run(lab.url, "record", elf, "--device", "/dev/monje_virtual")
    neither = run(lab.url, "record", "--entry", "f")

    assert (both.exit_code, neither.exit_code, lab.behind.queue.sent) == (2, 2, [])


def test_without_a_recorder_the_farm_says_why(served: Served) -> None:
    done = run(served.url, "record", "--device", "/dev/monje_virtual")
    with Client(served.url) as farm, pytest.raises(ApiError) as refused:
        farm.recordings.capture()

    assert done.exit_code == 2
    assert "No worker of the pool capture is alive" in " ".join(done.stderr.split())
    assert refused.value.code == "device-unavailable"
