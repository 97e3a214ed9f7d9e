"""The part of the composition root that campaigns and captures work with."""

from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from stores.watched import watched
from workers.wiring import campaign_files, observers, settings

if TYPE_CHECKING:
    from jobs.assessing import Platform
    from jobs.target import Target
    from renode.observing import Observer
    from renode.offer import Offer
    from renode.trace import Simulator, Tracer
    from renode.unicorn_core import UnicornCore
    from workers.simulation.capturing import CaptureServices
    from workers.simulation.services import SimulationServices

POWER_MODELS = Path(__file__).resolve().parent.parent / "config" / "power_models"
BOOT = Path("/proc/sys/kernel/random/boot_id")
SIMULATORS = 4
"""Loaded firmware a process keeps: shards of one campaign follow each other."""


@cache
def simulation_services() -> "SimulationServices":
    """Build what campaigns work with; the simulator is loaded with the first of them."""
    from stores.artifacts import FileArtifacts
    from workers.simulation.services import SimulationServices

    artifacts = watched(FileArtifacts(settings().data_dir), "artifacts", *observers())

    @lru_cache(maxsize=SIMULATORS)
    def unicorn(tenant: str, firmware: str, target: "Target") -> "UnicornCore":
        from renode.unicorn_core import UnicornCore

        return UnicornCore(artifacts.path(tenant, firmware), target)

    @lru_cache(maxsize=SIMULATORS)
    def lockstep(tenant: str, firmware: str, target: "Target") -> "Simulator":
        from renode.lockstep.core import LockstepCore
        from renode.lockstep.maker import maker_of

        core = unicorn(tenant, firmware, target)
        return LockstepCore(core, maker_of(core))

    @lru_cache(maxsize=SIMULATORS)
    def renode(tenant: str, firmware: str, target: "Target", platform: "Platform | None") -> "Tracer":
        from renode.driver.core import RenodeCore
        from renode.driver.process import version_of
        from renode.driver.session import Limits

        chosen = settings()
        return RenodeCore(
            artifacts.path(tenant, firmware),
            target,
            platform,
            program=chosen.renode,
            version=version_of(chosen.renode),
            machines=chosen.renode_machines,
            limits=Limits(start_s=chosen.renode_timeout_s, answer_s=chosen.renode_timeout_s),
        )

    def offer(tenant: str, firmware: str) -> "Offer":
        from renode.elf import read_firmware
        from renode.offer import offer_of

        return offer_of(read_firmware(artifacts.path(tenant, firmware)))

    def observer(tenant: str, firmware: str, target: "Target") -> "Observer":
        from renode.observing import EmbeddedObserver

        return EmbeddedObserver(artifacts.path(tenant, firmware), target)

    return SimulationServices(
        campaign_files(),
        lockstep if settings().simulation_engine == "auto" else unicorn,
        offer,
        POWER_MODELS,
        settings().traces_limit_bytes,
        observer,
        artifacts,
        witness=unicorn if settings().simulation_engine == "auto" else None,
        ingests=settings().ingest_campaigns,
        renode=renode,
    )


@cache
def capture_services() -> "CaptureServices":
    """Build what captures work with; the recorder is opened by each of them."""
    from kernel.clocks import moment
    from kernel.presence import presence
    from kernel.reader import Reader
    from stores.artifacts import FileArtifacts
    from workers.simulation.capturing import CaptureServices

    return CaptureServices(
        files=campaign_files(),
        artifacts=watched(FileArtifacts(settings().data_dir), "artifacts", *observers()),
        device=settings().capture_device,
        open=lambda device: Reader(device, control=True),
        absent=lambda device: presence(device).absent,
        artifact_bytes=settings().traces_limit_bytes,
        boot=BOOT.read_text("ascii").strip(),
        moment=moment,
    )
