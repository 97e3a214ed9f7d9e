"""How fast a run is recorded: `python -m bench.recorder`.

1,000 records of 50 us of the M4's AES at 64 MHz, which is called again and again, with all three files: whole jobs in
process, from request to files, after one that is not counted; `cpu_s` is of this process alone, as the machine may be
shared. Then the parts, and the forms.
"""

import json
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from bench.rows import emit, median_s
from jobs.model import Job, Progress, State
from jobs.recording import FILES, RecordedTarget, RecordRequest
from jobs.target import Target
from renode.elf import read_firmware
from renode.ina219 import Ina219
from renode.observing import EmbeddedObserver, Observer
from renode.offer import offer_of
from renode.records import csv_bytes, from_bytes, from_csv, to_bytes
from renode.unicorn_core import UnicornCore
from stores.artifacts import FileArtifacts, JobFiles
from workers.simulation.recording import record
from workers.simulation.records_parquet import from_parquet, to_parquet
from workers.simulation.services import SimulationServices

ROOT = Path(__file__).resolve().parents[1]
RECORDS, RUNS = 1000, 5
CASES: dict[str, dict[str, Any]] = {
    "ideal probe": {},
    "INA219": {"probe": {"kind": "ina219"}},
    "INA219, 128 averaged, drops": {
        "probe": {"kind": "ina219", "averaging": 128},
        "collector": {"work_ns": 5_000, "jitter_ns": 20_000},
    },
    "168 MHz": {"clock_hz": 168_000_000},
    "1 ms periods": {"period_ns": 1_000_000, "samples": 100},
}


class Nobody:
    """An attempt that nobody watches."""

    job_id = "bench"
    worker = "bench"

    def check(self) -> None:
        """Go on."""

    def report(self, progress: Progress) -> None:
        """Tell nobody."""

    def publish(self, job_id: str, partial: object) -> None:
        """Tell nobody."""


class Still:
    """Inputs that do not change."""

    def shunt_uv(self, _start_ns: int, _end_ns: int) -> float:
        """Return a voltage."""
        return 1800.0

    def bus_mv(self, _start_ns: int, _end_ns: int) -> float:
        """Return a voltage."""
        return 3300.0


def services(folder: Path) -> SimulationServices:
    """Return what a worker has, on this machine's build of the firmware."""
    elf = ROOT / "build" / "firmware" / "aes128_m4.elf"

    @cache
    def observer(_tenant: str, _firmware: str, target: Target) -> Observer:
        return EmbeddedObserver(elf, target)

    return SimulationServices(
        JobFiles(folder, "campaigns"),
        lambda _tenant, _firmware, target: UnicornCore(elf, target),
        lambda _tenant, _firmware: offer_of(read_firmware(elf)),
        ROOT / "config" / "power_models",
        2**30,
        observer,
        FileArtifacts(folder),
    )


def request(**changes: Any) -> RecordRequest:
    """Return a recording of the AES."""
    campaign = json.loads((ROOT / "renode/firmware/campaigns/aes128_m4.json").read_text(encoding="utf-8"))
    target = RecordedTarget.model_validate(campaign["target"])
    return RecordRequest.model_validate(
        {"firmware": f"sha256:{'0' * 64}", "target": target, "samples": RECORDS} | changes
    )


def recording(given: RecordRequest, here: SimulationServices) -> Callable[[], dict[str, Any]]:
    """Return a job to run."""
    job = Job(
        "bench", "simulation.record", State.RUNNING, given.model_dump(mode="json"), "default", 5, datetime.now(UTC)
    )
    return lambda: record(job, Nobody(), here)


def main() -> None:
    """Measure whole recordings, then the parts."""
    with tempfile.TemporaryDirectory() as name:
        here = services(Path(name))
        for case, changes in CASES.items():
            given = request(**changes)
            run = recording(given, here)
            result = run()
            began = time.process_time()
            taken = median_s(run, runs=RUNS)
            busy = (time.process_time() - began) / (RUNS + 1)
            emit(
                "recorder",
                case,
                records=given.samples,
                took_s=round(taken, 3),
                cpu_s=round(busy, 3),
                records_per_s=round(given.samples / taken),
                instructions_per_s=round(result["instructions"] / taken),
                dropped=result["dropped"],
            )
        recording(request(samples=10_000), here)()
        records = from_bytes(here.files.path("bench", FILES["binary"]).read_bytes())
    forms(records)
    observing()
    sensor()


def forms(records: Any) -> None:
    """Measure the three forms."""
    binary, lines = b"".join(to_bytes(records)), b"".join(csv_bytes(records)).decode()
    parquet = to_parquet(records)
    count = len(records.rows)
    works: dict[str, tuple[Callable[[], object], int]] = {
        "binary, written": (lambda: b"".join(to_bytes(records)), len(binary)),
        "binary, viewed": (lambda: from_bytes(binary), len(binary)),
        "CSV, written": (lambda: b"".join(csv_bytes(records)), len(lines)),
        "CSV, read": (lambda: from_csv(lines.splitlines(keepends=True), limit=count), len(lines)),
        "Parquet, written": (lambda: to_parquet(records), len(parquet)),
        "Parquet, read": (lambda: from_parquet(parquet, limit=count), len(parquet)),
    }
    for case, (work, size) in works.items():
        taken = median_s(work)
        emit("recorder", case, records=count, records_per_s=round(count / taken), bytes_per_record=round(size / count))


def observing() -> None:
    """Measure calls with every access seen."""
    given = request()
    observer = EmbeddedObserver(ROOT / "build" / "firmware" / "aes128_m4.elf", given.target)
    rows = np.random.default_rng(1).integers(0, 256, (200, observer.input_bytes), dtype=np.uint8)
    (calls,) = observer.observe(rows)
    taken = median_s(lambda: list(observer.observe(rows)))
    emit(
        "recorder",
        "observed calls",
        instructions_per_s=round(calls.activity.size / taken),
        accesses_per_s=round(len(calls.accesses.places) / taken),
    )


def sensor() -> None:
    """Measure the INA219 alone."""

    def second() -> None:
        Ina219(Still()).advance(10**9)

    emit("recorder", "INA219, a second of conversions", took_s=round(median_s(second), 4))


if __name__ == "__main__":
    main()
