"""Captures from the client's side: what is asked for, what is shown, what is saved."""

import json
from pathlib import Path
from typing import Any

import pytest

from dasein import ApiError, Client
from jobs.abilities import Ability
from tests.dasein.conftest import Served
from tests.dasein.test_farm_cli import run


def clocks(seconds: int, **changed: Any) -> dict[str, Any]:
    """Return what a capture reads of the clocks so many seconds after the first time."""
    read = {
        "monotonic_ns": 10**9 * (1 + seconds),
        "realtime": f"{1_796_000_000 + seconds}.000000042",
        "bracket_ns": 1_200,
    }
    return {**read, "pps": None, "pps_absent": "the kernel has no PPS source", **changed}


def pulse(source: str, sequence: int | None, at: str | None = None, absent: str | None = None) -> dict[str, Any]:
    return {"source": source, "name": "gps0", "sequence": sequence, "at": at, "absent": absent}


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
    "first_ns": 10**9 + 900,
    "last_ns": 10**9 + 900 + 906 * 50_000,
    "clocks": {"start": clocks(0), "end": clocks(1), "changed_ns": 0, "stepped": False},
    "available": {"cycles": 0, "energy": 850, "latency": 900},
    "digest": "5e" * 32,
    "files": {"csv": {"name": "records.csv", "bytes": 12}},
    "ingestion": "c.ingest",
}


@pytest.fixture
def lab(served: Served) -> Served:
    """Have a worker with a recorder, and do its work."""
    return ending(served, RESULT)


def ending(served: Served, result: dict[str, Any]) -> Served:
    """Have a worker with a recorder, whose captures end with this result."""
    served.behind.workers.beat(
        "capture1@lab", queue="capture", ttl_s=3600, processes=1, abilities={"monje_virtual": Ability("1")}
    )

    def work(served: Served, job_id: str) -> None:
        served.behind.files.write(job_id, "records.csv", [b"timestamp,\n"])
        served.behind.jobs.finish(job_id, result)

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
    assert "first at 2026-11-30 00:53:20.000000942 UTC, as its clock was read within 1,200 ns" in shown
    assert "real time" not in shown
    assert "pulses none: the kernel has no PPS source" in shown


def test_pulses_are_shown_and_whether_the_clock_was_set_meanwhile(served: Served) -> None:
    before = [pulse("pps0", 41, "1795999999.000000003"), pulse("pps1", 0, absent="no pulse has come yet")]
    before += [pulse("pps2", None, absent="it captures no assert edge"), pulse("pps3", 1, "1795999999.000000002")]
    after = [pulse("pps0", 1_042, "1796000000.000000004"), before[1], pulse("pps2", 7, "1796000000.000000005")]
    start, end = clocks(0, pps=before, pps_absent=None), clocks(1, pps=after, pps_absent=None)
    told = {"start": start, "end": end, "changed_ns": -3_600_000_000_001, "stepped": True}
    lab = ending(served, RESULT | {"clocks": told})

    done = run(lab.url, "record", "--device", "/dev/monje_virtual")

    shown = " ".join(done.stdout.split())
    assert "real time moved by -3,600.000000001 s meanwhile: it was set, or the machine slept" in shown
    assert "pps0 (gps0): number 41 to 1,042, the last one at 1796000000.000000004; pps1 (gps0): no pulse" in shown
    assert "pulse has come yet; pps2 (gps0): number 7, the last one at 1796000000.000000005; pps3: gone" in shown


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
