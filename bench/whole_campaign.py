"""Whole campaigns in process for benchmarks: planned, run shard by shard, merged; real files, no queue."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from bench.campaign import CAMPAIGNS, FIRMWARE, MODELS, Unwatched
from jobs.model import Job, NewJob, State
from jobs.payloads import CampaignRequest
from jobs.report import Report
from jobs.target import Target
from renode.elf import read_firmware
from renode.lockstep.core import LockstepCore
from renode.lockstep.maker import maker_of
from renode.observing import EmbeddedObserver
from renode.offer import offer_of
from renode.unicorn_core import UnicornCore
from stores.artifacts import FileArtifacts, JobFiles
from workers.simulation.campaign import merge_campaign, plan_campaign
from workers.simulation.services import SimulationServices
from workers.simulation.shard import run_shard

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Ran:
    """A campaign that has run."""

    report: Report
    executed: int
    """Traces of all shards."""


class Lab:
    """Runs campaigns on our firmware, in lanes."""

    def __init__(self, folder: Path) -> None:
        self._elfs = {path.stem: path for path in FIRMWARE.glob("*.elf")}
        self._by_id = {f"sha256:{sha256(path.read_bytes()).hexdigest()}": path for path in self._elfs.values()}
        self._cores: dict[tuple[str, Target], LockstepCore] = {}
        self._files = JobFiles(folder, "campaigns")
        self._ran = 0
        self._services = SimulationServices(
            self._files,
            self._core,
            lambda _tenant, firmware: offer_of(read_firmware(self._by_id[firmware])),
            MODELS,
            2**30,
            lambda _tenant, firmware, target: EmbeddedObserver(self._by_id[firmware], target),
            FileArtifacts(folder),
        )

    def run(self, name: str, **changes: Any) -> Ran:
        """Run the campaign that goes with the firmware `name`, with `changes`, and remove its files."""
        body = json.loads((CAMPAIGNS / f"{name}.json").read_text(encoding="utf-8"))
        digest = sha256(self._elfs[name].read_bytes()).hexdigest()
        request = CampaignRequest.model_validate({**body, **changes, "firmware": f"sha256:{digest}"})
        self._ran += 1
        campaign = f"bench-{self._ran}"
        job = Job(campaign, "campaign", State.RUNNING, request.model_dump(mode="json"), "default", 5, NOW)
        split = plan_campaign(job, Unwatched(), self._services)
        results = [run_shard(_job(shard), Unwatched(), self._services) for shard in split.children]
        merge_campaign(_job(split.then), Unwatched(), self._services, now=NOW)
        report = Report.model_validate_json(self._files.path(campaign, "report.json").read_bytes())
        self._files.remove(campaign)
        return Ran(report, sum(_traces(result) for result in results))

    def _core(self, _tenant: str, firmware: str, target: Target) -> LockstepCore:
        if (firmware, target) not in self._cores:
            core = UnicornCore(self._by_id[firmware], target)
            self._cores[firmware, target] = LockstepCore(core, maker_of(core), patience=0)
        return self._cores[firmware, target]


def _job(new: NewJob) -> Job:
    return Job(new.id, new.kind, State.RUNNING, new.params, new.tenant, new.priority, NOW)


def _traces(result: Mapping[str, Any]) -> int:
    return int(result["traces"])
