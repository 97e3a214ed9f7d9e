"""The memory of campaigns at the limits of what may be asked for: `python -m bench.depth [--case NAME ...] [--more JSON]`.

Every step of a campaign (its plan, its shards, its merge) and what web does with its report runs in a process of its own,
wired as a worker is, and prints the most memory that its process held (VmHWM), in MB of 10^6 bytes.
"""

import argparse
import json
import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.campaign import CAMPAIGNS, FIRMWARE, Unwatched
from bench.rows import emit
from jobs.model import Job, NewJob, State
from jobs.payloads import CampaignRequest

BENCH = "depth"
NOW = datetime(2026, 11, 30, tzinfo=UTC)
TARGET_MB = 1000
SAMPLES = 2_000_000
OF_BLOCK = 3577
"""Instructions of a block and of the loop around it."""


@dataclass(frozen=True, slots=True)
class Case:
    """A campaign at a limit."""

    blocks: int = SAMPLES // OF_BLOCK
    """Of AES-128 that are sampled."""
    before: int = 0
    """Of AES-128 that run before."""
    changes: dict[str, Any] = field(default_factory=dict)


ALL = {
    "cpa": {"window": [0, 16_384]},
    "sequential": {"looks": 2, "error_rate": 1e-9},
    "bivariate": {"window": [0, 512]},
    "constant_time": {"executions": 16, "cache": {}},
    "keep_traces": True,
}
CASES = {
    "t-tests of 2,000,000 samples": Case(changes={"traces": 64, "cpa": None}),
    "2,000,000 samples with everything": Case(changes={"traces": 64, **ALL}),
    "2,000,000 samples, an attack on two bytes at once": Case(
        changes={"traces": 64, "cpa": {"intermediate": "aes128-last-round-hd", "window": [0, 8192]}}
    ),
    "143,000 samples at the end of 10,000,000 instructions": Case(40, before=2756, changes={"traces": 8, "cpa": None}),
    "143,000 samples at the end of 29,000,000 instructions": Case(40, before=8200, changes={"traces": 8, "cpa": None}),
    "levels of 143,000 instructions": Case(
        blocks=40, changes={"traces": 20_000, "cpa": None, "sequential": {"looks": 4, "error_rate": 1e-9}}
    ),
}


def elf() -> Path:
    """Build the firmware; return where it lies."""
    from renode.firmware.build import M4, Program, build, find_compiler

    return build(Program("depth", "../../bench/depth.c", M4), find_compiler("auto"), FIRMWARE)


def body(case: Case, firmware: str, more: dict[str, Any]) -> dict[str, Any]:
    """Return what is asked for."""
    asked = json.loads((CAMPAIGNS / "aes128_m4.json").read_text(encoding="utf-8"))
    asked["target"] |= {
        "entry": "depth",
        "arguments": [{"value": case.before}, {"value": case.blocks}],
        "max_cycles": 50_000_000,
        "trigger": {"start": "begun", "stop": "finished"},
    }
    return CampaignRequest.model_validate({**asked, "firmware": firmware, **case.changes, **more}).model_dump(
        mode="json"
    )


def plan(params: dict[str, Any]) -> tuple[list[NewJob], NewJob]:
    """Plan the campaign; return its shards and its merge."""
    from workers.simulation.campaign import plan_campaign
    from workers.wiring_simulation import simulation_services

    job = Job("depth", "campaign", State.RUNNING, params, "default", 5, NOW)
    split = plan_campaign(job, Unwatched(), simulation_services())
    return list(split.children), split.then


def shards(jobs: Sequence[NewJob]) -> int:
    """Run shards one after the other, as a worker does; return how many traces they have."""
    from workers.simulation.shard import run_shard
    from workers.wiring_simulation import simulation_services

    return sum(run_shard(_job(one), Unwatched(), simulation_services())["traces"] for one in jobs)


def merge(job: NewJob) -> dict[str, Any]:
    """Merge the campaign; return what its record says."""
    from workers.simulation.campaign import merge_campaign
    from workers.wiring_simulation import simulation_services

    return dict(merge_campaign(_job(job), Unwatched(), simulation_services(), now=NOW))


def serve(_: None) -> int:
    """Read the curves as web does, and the whole report as GraphQL does; return how many bytes the report has."""
    from pydantic_core import from_json

    import web.wiring  # noqa: F401 - what a process of web loads
    from stores import curves
    from stores.artifacts import JobFiles
    from web.api_v2.curves import MAX_LISTED, MAX_POINTS, ListingView, SeriesView

    files = JobFiles(Path(os.environ["DASEIN_DATA_DIR"]), "campaigns")
    records = curves.load(files, "depth")
    SeriesView.of(curves.window(records, first=0, last=None, points=MAX_POINTS)).model_dump_json()
    ListingView.of(curves.behind(records, first=0, last=None), limit=MAX_LISTED).model_dump_json()
    content = files.path("depth", "report.json").read_bytes()
    from_json(content)
    return len(content)


def measured(step: Callable[[Any], Any], given: Any, folder: str) -> tuple[Any, int, float]:
    """Run a step in this process; return what it found, and the most memory that was held, in MB, and the seconds."""
    os.environ |= {"DASEIN_DATA_DIR": folder, "DASEIN_LOG_LEVEL": "WARNING"}
    if step is not serve:
        import workers.simulation.tasks  # noqa: F401 - what a worker loads

    began = time.monotonic()
    found = step(given)
    taken_s = time.monotonic() - began
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return found, int(peak.split()[1]) * 1024 // 10**6, round(taken_s, 1)


def alone(step: Callable[[Any], Any], given: Any, folder: str) -> tuple[Any, int, float]:
    """Run a step in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(measured, step, given, folder).result()


def run(name: str, case: Case, more: dict[str, Any]) -> None:
    """Run a campaign step by step, and print what each held."""
    from stores.artifacts import FileArtifacts

    with TemporaryDirectory() as folder:
        content = elf().read_bytes()
        artifact, _ = FileArtifacts(Path(folder)).put("default", [content], media_type="x/elf", limit_bytes=2**20)
        (children, then), planned_mb, plan_s = alone(plan, body(case, artifact.id, more), folder)
        traces, shards_mb, shards_s = alone(shards, children, folder)
        told, merged_mb, merge_s = alone(merge, then, folder)
        report_bytes, web_mb, _ = alone(serve, None, folder)
    peaks = {"plan": planned_mb, "shards": shards_mb, "merge": merged_mb, "web": web_mb}
    emit(
        BENCH,
        name,
        peaks_mb=peaks,
        largest_mb=max(peaks.values()),
        target_mb=TARGET_MB,
        seconds={"plan": plan_s, "shards": shards_s, "merge": merge_s},
        traces=traces,
        shards=len(children),
        verdict=told["verdict"],
        digest=told["digest"][:16],
        report_mb=round(report_bytes / 1e6, 1),
    )


def _job(new: NewJob) -> Job:
    return Job(new.id, new.kind, State.RUNNING, new.params, new.tenant, new.priority, NOW)


def main() -> None:
    """Run the cases."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", action="append", choices=CASES, help="default: all")
    parser.add_argument("--more", type=json.loads, default={}, help="further fields of the campaigns, JSON")
    told = parser.parse_args()
    for name in told.case or CASES:
        run(name, CASES[name], told.more)


if __name__ == "__main__":
    main()
