"""A campaign's plan as a file, which every worker reads."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path as FilePath
from typing import Any, BinaryIO

import numpy as np

from jobs.payloads import CampaignRequest
from renode.trace import Path, Stop
from stores.ports import Files
from workers.simulation import npz
from workers.simulation.plan import CampaignPlan, Noise
from workers.simulation.power_model import PowerModel
from workers.simulation.window import Pilot

PLAN = "plan.npz"


def plan_of(files: Files, campaign: str) -> CampaignPlan:
    """Read the plan of a campaign; raise NotFound."""
    return read(files.path(campaign, PLAN))


def read(file: FilePath | BinaryIO) -> CampaignPlan:
    """Read a plan that `written` wrote."""
    with np.load(file, allow_pickle=False) as arrays:
        head: dict[str, Any] = json.loads(arrays["head"].tobytes())
        stop, stop_pc, cycles, output = head["path"]
        return CampaignPlan(
            request=CampaignRequest.model_validate(head["request"]),
            model=PowerModel.model_validate(head["model"]),
            path=Path(arrays["pcs"], Stop(stop), stop_pc, cycles, bytes.fromhex(output), arrays["begins"]),
            activity=arrays["activity"],
            kinds=arrays["kinds"],
            cycles=arrays["cycles"],
            registers=arrays["registers"],
            words=arrays["words"],
            window=(head["window"][0], head["window"][1]),
            public=tuple((start, end, place, reason) for start, end, place, reason in head["public"]),
            shards=tuple((first, last) for first, last in head["shards"]),
            checkpoints=tuple(head["checkpoints"]),
            noise=Noise(*head["noise"]),
            looks=tuple(head.get("looks", ())),  # a plan from before there were any has none
            pilot=Pilot.read(head["pilot"]) if head.get("pilot") else None,
        )


def written(plan: CampaignPlan) -> Iterator[bytes]:
    """Yield the bytes of a plan's file."""
    head = {
        "request": plan.request.model_dump(mode="json"),
        "model": plan.model.model_dump(mode="json"),
        "path": [int(plan.path.stop), plan.path.stop_pc, plan.path.cycles, plan.path.output.hex()],
        "window": plan.window,
        "public": plan.public,
        "shards": plan.shards,
        "checkpoints": plan.checkpoints,
        "noise": [plan.noise.way, plan.noise.reason],
        "looks": plan.looks,
        "pilot": None if plan.pilot is None else asdict(plan.pilot),
    }
    arrays: dict[str, npz.Array] = {
        "head": np.frombuffer(json.dumps(head).encode(), np.uint8),
        "pcs": plan.path.pcs,
        "begins": plan.path.begins,
        "activity": plan.activity,
        "kinds": plan.kinds,
        "cycles": plan.cycles,
        "registers": plan.registers,
        "words": plan.words,
    }
    return npz.written(arrays.items())
