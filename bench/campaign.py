"""A whole campaign in process, without the queue: execute, sample, noise, sums; one worker and two.

python -m bench.campaign [--traces 60000]
"""

import argparse
import json
import multiprocessing
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.rows import emit
from jobs.model import Progress
from jobs.payloads import CampaignRequest
from renode.unicorn_core import UnicornCore
from workers.simulation.inputs import reference_row
from workers.simulation.plan import CampaignPlan, make_plan, sample_plan
from workers.simulation.power_model import load_model
from workers.simulation.run import Runner

ROOT = Path(__file__).resolve().parent.parent
FIRMWARE = ROOT / "build" / "firmware"
CAMPAIGNS = ROOT / "renode" / "firmware" / "campaigns"
MODELS = ROOT / "config" / "power_models"


@dataclass(slots=True)
class Unwatched:
    """An attempt that nobody cancels."""

    job_id: str = "bench"
    worker: str = "bench"

    def check(self) -> None:
        """Go on."""

    def report(self, progress: Progress) -> None:
        """Tell nobody."""

    def publish(self, job_id: str, partial: Any) -> None:
        """Tell nobody."""


def request(name: str, **changes: Any) -> CampaignRequest:
    """Return one of our campaigns with `changes`."""
    body = json.loads((CAMPAIGNS / f"{name}.json").read_text(encoding="utf-8"))
    return CampaignRequest.model_validate({**body, "firmware": "sha256:" + "0" * 64, **changes})


def prepare(name: str, asked: CampaignRequest) -> tuple[UnicornCore, CampaignPlan]:
    """Load the firmware and plan the campaign."""
    core = UnicornCore(FIRMWARE / f"{name}.elf", asked.target)
    model = load_model(MODELS / f"{asked.power.model}.toml")
    row = reference_row(asked)
    path = core.path(row)
    return core, make_plan(asked, model, core, path, core.run(row[None, :], path).activity[0])


def rate(name: str, asked: CampaignRequest, first: int, last: int) -> float:
    """Return traces per second of one worker over [first, last), after a warm-up."""
    core, plan = prepare(name, asked)
    runner = Runner(plan, sample_plan(plan), core)
    runner.run(0, 200, Unwatched())
    began = time.perf_counter()
    runner.run(first, last, Unwatched())
    return (last - first) / (time.perf_counter() - began)


def two_workers(name: str, asked: CampaignRequest, traces: int) -> float:
    """Return traces per second of two processes that share the range."""
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(3)
    halves = ((0, traces // 2), (traces // 2, traces))
    workers = [context.Process(target=_half, args=(name, asked, *half, ready)) for half in halves]
    for worker in workers:
        worker.start()
    ready.wait()
    began = time.perf_counter()
    for worker in workers:
        worker.join()
    return traces / (time.perf_counter() - began)


def _half(name: str, asked: CampaignRequest, first: int, last: int, ready: Any) -> None:
    core, plan = prepare(name, asked)
    runner = Runner(plan, sample_plan(plan), core)
    runner.run(0, 200, Unwatched())
    ready.wait()
    runner.run(first, last, Unwatched())


def main() -> None:
    """Print one row per case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--traces", type=int, default=60_000)
    traces = parser.parse_args().traces
    for name, case, changes in (
        ("aes128_m4", "t orders 1 and 2", {"cpa": None}),
        ("aes128_m4", "t orders 1 and 2, CPA class sums", {}),
        ("aes128_m0", "t orders 1 and 2", {"cpa": None}),
        ("aes128_masked_m4", "t orders 1 and 2", {"cpa": None}),
    ):
        asked = request(name, **changes)
        core, plan = prepare(name, asked)
        one, two = [], []
        for _ in range(3):  # in turn, so that a machine whose speed drifts slows both
            one.append(rate(name, asked, 0, traces))
            two.append(two_workers(name, asked, 2 * traces))
        single, pair = sorted(one)[1], sorted(two)[1]
        emit(
            "campaign",
            f"{name}: {case}",
            traces_per_s=round(single),
            instructions=len(plan.path.pcs),
            instructions_per_s=round(single * len(plan.path.pcs)),
            two_workers_traces_per_s=round(pair),
            two_over_one=round(pair / single, 2),
            engine=dict(core.engine),
            at=datetime.now(UTC).isoformat(timespec="seconds"),
        )


if __name__ == "__main__":
    main()
