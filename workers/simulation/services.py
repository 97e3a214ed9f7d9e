"""What the simulation pool's use cases work with."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from jobs.assessing import Platform
from jobs.target import Target
from renode.observing import Observer
from renode.offer import Offer
from renode.trace import Simulator, Tracer
from stores.ports import Artifacts, Files


class SimulationServices(NamedTuple):
    """The collaborators of a campaign, built once per process."""

    files: Files
    simulator: Callable[[str, str, Target], Simulator]
    """Load a tenant's artifact as firmware and call a target of it; raises InvalidFirmware, InvalidInput, NotFound."""
    offer: Callable[[str, str], Offer]
    """Say what a tenant's artifact offers as firmware; raises InvalidFirmware, NotFound."""
    power_models: Path
    """The folder of the power models."""
    traces_limit_bytes: int
    observer: Callable[[str, str, Target], Observer]
    """Load the same where every word on the memory bus is seen."""
    artifacts: Artifacts
    """What tenants have uploaded: measured traces, fitted power models."""
    witness: Callable[[str, str, Target], Simulator] | None = None
    """Load the same on the reference engine, which repeats a few executions of every part; None: `simulator` is it."""
    ingests: bool = False
    """Whether what was found becomes knowledge by itself."""
    renode: Callable[[str, str, Target, Platform | None], Tracer] | None = None
    """Load the same on Renode, on a platform of it; raises SimulatorUnavailable, too. None where there is no Renode."""
    timer: Callable[[], float] = time.monotonic
    """Seconds, by which a campaign is shown while it runs."""
