"""Sequential campaigns on a path of any length, without a simulator: their plan, and parts of traces that were made up.

As a program, `python -m tests.workers.simulation.long_paths FOLDER SAMPLES` takes both looks of one, and says in JSON by how
much the memory of its process grew meanwhile.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path as File
from typing import Any

import numpy as np

from jobs.payloads import CampaignRequest
from renode.trace import Class, Path, Stop
from stores.artifacts import JobFiles
from stores.ports import Files
from workers.simulation import part as parts
from workers.simulation.behaviour import Behaviour
from workers.simulation.blocks import BLOCK, name_of, spans
from workers.simulation.inputs import GROUPS
from workers.simulation.looks import design_of
from workers.simulation.moments import PowerSums
from workers.simulation.part import Part
from workers.simulation.plan import CampaignPlan, Noise, sample_plan
from workers.simulation.power_model import load_model
from workers.simulation.prefix import advance

ROOT = File(__file__).resolve().parents[3]
SHARDS = ((0, 32), (32, 64), (64, 96), (96, 128))
LOOKS = (64, 128)


def plan_of(samples: int, *, way: str = "trace", more: dict[str, Any] | None = None) -> CampaignPlan:
    """Return a campaign of two looks whose instructions give a sample each; every eighth of them writes a register."""
    body = json.loads((ROOT / "renode/firmware/campaigns/compare_ct_m4.json").read_text(encoding="utf-8"))
    asked = {"traces": 128, "firmware": f"sha256:{'0' * 64}", "sequential": {"error_rate": 0.01, "looks": 2}}
    turns = np.arange(samples) % 1000
    return CampaignPlan(
        request=CampaignRequest.model_validate({**body, **asked, **(more or {})}),
        model=load_model(ROOT / "config" / "power_models" / "hw.toml"),
        path=Path((0x0800_0000 + 2 * turns).astype(np.uint32), Stop.DONE, 0, samples, b"", np.arange(samples)),
        activity=np.zeros(samples, np.uint64),
        kinds=np.full(samples, Class.ALU, np.uint8),
        cycles=np.ones(samples, np.int64),
        registers=(turns % 8 == 0).astype(np.uint8),
        words=np.zeros(samples, np.uint8),
        window=(0, samples),
        public=((0x0800_0000, 0x0800_0010, "prologue", "for the test"),),
        shards=SHARDS,
        checkpoints=(128,),
        noise=Noise("law" if way == "law" else "trace", ""),
        looks=LOOKS,
    )


def part_of(first: int, last: int, sums: Any) -> Part:
    """Return a part whose executions all went the path, and whose four groups are of one size."""
    sums.counts[:] = (last - first) // GROUPS
    return Part(first, last, sums, None, Behaviour(traces={0: (last - first) // 2, 1: (last - first) // 2}))  # type: ignore[arg-type]


def powers(rng: np.random.Generator, first: int, last: int, samples: int) -> PowerSums:
    """Return the sums of noise, block by block."""
    sums = PowerSums(GROUPS, samples)
    labels = (np.arange(last - first) % GROUPS).astype(np.uint8)
    for span in spans(samples):
        block = PowerSums(GROUPS, span.stop - span.start)
        block.update(rng.normal(0, 9, (last - first, span.stop - span.start)).astype(np.int16), labels)
        sums.sums[:, :, span] = block.sums
    return sums


def _save_one_block_over_and_over(files: Files, first: int, last: int, samples: int) -> None:
    """Store a part of any number of samples from the memory that one block takes."""
    block = powers(np.random.default_rng(first), first, last, BLOCK)
    part = part_of(first, last, block)

    def arrays() -> Iterator[tuple[str, Any]]:
        yield "counts", block.counts
        for number, span in enumerate(spans(samples)):
            yield name_of("sums", number), block.sums[:, :, : span.stop - span.start]

    files.write("c", parts.sums_name(first, last), parts.written(part, arrays()))


def _status_mb(name: str) -> float:
    """Return what the kernel says of this process's memory: VmRSS, or the most of it since `_forget_peak`, VmHWM."""
    found = re.search(rf"{name}:\s+(\d+) kB", File("/proc/self/status").read_text(encoding="utf-8"))
    assert found is not None
    return int(found[1]) / 1024


def _forget_peak() -> None:
    File("/proc/self/clear_refs").write_text("5", encoding="ascii")


def main(folder: str, samples: int) -> None:
    """Take both looks of a campaign, after those of a short one, for which everything is compiled."""
    for campaign, length in (("short", 1000), ("long", samples)):
        files = JobFiles(File(folder) / campaign, "campaigns")
        plan = plan_of(length)
        sampled = sample_plan(plan)
        for first, last in SHARDS:
            _save_one_block_over_and_over(files, first, last, length)
        design = design_of(plan, sampled)
        assert design is not None
        _forget_peak()
        before = _status_mb("VmRSS")
        seen = advance("c", plan, sampled, files, design)
        grown = _status_mb("VmHWM") - before
    assert seen is not None
    sys.stdout.write(json.dumps({"looks": len(seen.looks), "tests": seen.tests, "grown_mb": grown}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
