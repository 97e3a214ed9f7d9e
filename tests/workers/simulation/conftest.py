"""Campaigns in process: the real simulator, the real files, no queue."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from jobs.attempt import Split
from jobs.model import Job, NewJob, Progress, State
from jobs.payloads import CampaignRequest
from jobs.report import Report
from jobs.target import Target
from renode.elf import read_firmware
from renode.firmware.build import build_all
from renode.lockstep.core import LockstepCore
from renode.lockstep.maker import maker_of
from renode.observing import EmbeddedObserver
from renode.offer import offer_of
from renode.trace import Simulator
from renode.unicorn_core import UnicornCore
from stores.artifacts import FileArtifacts, JobFiles
from workers.simulation.campaign import merge_campaign, plan_campaign
from workers.simulation.services import SimulationServices
from workers.simulation.shard import run_shard

ROOT = Path(__file__).resolve().parents[3]
CAMPAIGNS = ROOT / "renode" / "firmware" / "campaigns"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@dataclass(slots=True)
class Watched:
    """An attempt that remembers what was said."""

    job_id: str = "c"
    worker: str = "test"
    reports: list[Progress] = field(default_factory=list)
    partials: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    stop: Exception | None = None

    def check(self) -> None:
        """Stop where the test asked for it."""
        if self.stop is not None:
            raise self.stop

    def report(self, progress: Progress) -> None:
        """Remember."""
        self.reports.append(progress)

    def publish(self, job_id: str, partial: Mapping[str, Any]) -> None:
        """Remember."""
        self.partials.append((job_id, partial))


def job_of(new: NewJob) -> Job:
    """Return the record that a new job would have."""
    return Job(new.id, new.kind, State.RUNNING, new.params, new.tenant, new.priority, NOW)


@dataclass(slots=True)
class Lab:
    """Runs campaigns step by step."""

    services: SimulationServices
    elfs: Mapping[str, Path]

    def request(self, name: str, **changes: Any) -> CampaignRequest:
        """Return one of our campaigns, with `changes`."""
        body = json.loads((CAMPAIGNS / f"{name}.json").read_text(encoding="utf-8"))
        return self.of(name, {**body, **changes})

    def of(self, name: str, body: Mapping[str, Any]) -> CampaignRequest:
        """Return a campaign on the firmware `name`."""
        digest = sha256(self.elfs[name].read_bytes()).hexdigest()
        return CampaignRequest.model_validate({**body, "firmware": f"sha256:{digest}"})

    def plan(self, campaign: str, request: CampaignRequest) -> Split:
        """Plan a campaign."""
        job = Job(campaign, "campaign", State.RUNNING, request.model_dump(mode="json"), "default", 5, NOW)
        return plan_campaign(job, Watched(campaign), self.services)

    def shards(self, shards: Sequence[NewJob]) -> list[Watched]:
        """Run shards in the given order."""
        attempts = []
        for shard in shards:
            attempts.append(Watched(shard.id))
            run_shard(job_of(shard), attempts[-1], self.services)
        return attempts

    def merge(self, split: Split) -> Mapping[str, Any]:
        """Merge a campaign whose shards have run."""
        return merge_campaign(job_of(split.then), Watched(split.then.id), self.services, now=NOW)

    def run(
        self,
        campaign: str,
        request: CampaignRequest,
        order: Callable[[Sequence[NewJob]], Sequence[NewJob]] = lambda shards: shards,
    ) -> Report:
        """Run a whole campaign and return its report."""
        split = self.plan(campaign, request)
        self.shards(order(split.children))
        self.merge(split)
        return self.report(campaign)

    def report(self, campaign: str) -> Report:
        """Read a report back from its file."""
        return Report.model_validate_json(self.services.files.path(campaign, "report.json").read_bytes())


@pytest.fixture(scope="session")
def elfs() -> Mapping[str, Path]:
    """Build our firmware, where it is not built yet, and return it by name."""
    return {path.stem: path for path in build_all(ROOT / "build" / "firmware")}


Loader = Callable[[str, str, Target], Simulator]


@pytest.fixture(scope="session")
def unicorn(elfs: Mapping[str, Path]) -> Callable[[str, str, Target], UnicornCore]:
    """Return a loader of the reference engine, which keeps what it loaded."""
    by_id = {f"sha256:{sha256(path.read_bytes()).hexdigest()}": path for path in elfs.values()}
    loaded: dict[tuple[str, Target], UnicornCore] = {}

    def load(_tenant: str, firmware: str, target: Target) -> UnicornCore:
        if (firmware, target) not in loaded:
            loaded[firmware, target] = UnicornCore(by_id[firmware], target)
        return loaded[firmware, target]

    return load


@pytest.fixture(scope="session")
def lockstep(unicorn: Callable[[str, str, Target], UnicornCore]) -> Loader:
    """Return a loader of lanes around the same cores: they take a path from its first sixteen executions on."""
    loaded: dict[tuple[str, Target], LockstepCore] = {}

    def load(tenant: str, firmware: str, target: Target) -> Simulator:
        if (firmware, target) not in loaded:
            core = unicorn(tenant, firmware, target)
            loaded[firmware, target] = LockstepCore(core, maker_of(core), patience=0)
        return loaded[firmware, target]

    return load


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """Return the name of the fixture that loads simulators; a test module may ask for others."""
    return getattr(request, "param", "lockstep")


@pytest.fixture
def lab(tmp_path: Path, elfs: Mapping[str, Path], unicorn: Loader, engine: str, request: pytest.FixtureRequest) -> Lab:
    """Return a place to run campaigns, with files of its own."""
    by_id = {f"sha256:{sha256(path.read_bytes()).hexdigest()}": path for path in elfs.values()}
    simulators: Loader = request.getfixturevalue(engine)
    services = SimulationServices(
        JobFiles(tmp_path, "campaigns"),
        simulators,
        lambda _tenant, firmware: offer_of(read_firmware(by_id[firmware])),
        ROOT / "config" / "power_models",
        2**30,
        lambda _tenant, firmware, target: EmbeddedObserver(by_id[firmware], target),
        FileArtifacts(tmp_path),
        witness=None if simulators is unicorn else unicorn,
    )
    return Lab(services, elfs)
