"""Campaigns of t-tests to be measured, in lanes and on Unicorn."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.campaign import FIRMWARE, MODELS, Unwatched, request
from jobs.payloads import CampaignRequest
from renode.trace import Simulator
from renode.unicorn_core import UnicornCore
from workers.simulation.inputs import reference_row
from workers.simulation.part import Part
from workers.simulation.plan import CampaignPlan, make_plan, sample_plan
from workers.simulation.power_model import load_model
from workers.simulation.run import Runner

TRACES = 50_000_000
"""Of the campaigns that parts are taken of; none is run whole."""
WARM = 20_000


class Missing(Exception):
    """A part of the engine is not there."""


@dataclass(slots=True)
class Variant:
    """One way to run a campaign, and where in it we are."""

    runner: Runner
    at: int = 0

    def timed(self, traces: int, clock: Callable[[], float] = time.process_time) -> float:
        """Run further traces and return the seconds, of this process unless another `clock` is given."""
        began = clock()
        self.runner.run(self.at, self.at + traces, Unwatched())
        self.at += traces
        return clock() - began

    def pace(self, seconds: float) -> int:
        """Return how many traces take about that long, after a warm-up that is not counted."""
        self.timed(WARM)
        taken = self.timed(WARM)
        if taken < seconds / 10:
            taken, traces = self.timed(10 * WARM), 10 * WARM
        else:
            traces = WARM
        return max(1000, int(traces * seconds / taken))


def engines() -> dict[str, Callable[[UnicornCore], Simulator]]:
    """Return both engines; raise Missing."""
    try:
        from renode.lockstep.core import LockstepCore
        from renode.lockstep.maker import maker_of
    except ImportError as error:
        raise Missing(f"the lockstep engine is not complete: {error}") from error
    return {"lanes": lambda core: LockstepCore(core, maker_of(core), patience=0), "unicorn": lambda core: core}


def variant(name: str, engine: str, **changes: Any) -> Variant:
    """Load a firmware on an engine and plan its campaign of t-tests."""
    asked: CampaignRequest = request(name, **({"cpa": None, "traces": TRACES} | changes))
    unicorn = UnicornCore(FIRMWARE / f"{name}.elf", asked.target)
    plan = plan_of(asked, unicorn)
    return Variant(Runner(plan, sample_plan(plan), engines()[engine](unicorn)))


def plan_of(asked: CampaignRequest, unicorn: UnicornCore) -> CampaignPlan:
    """Plan a campaign on its reference execution."""
    row = reference_row(asked)
    path = unicorn.path(row)
    model = load_model(MODELS / f"{asked.power.model}.toml")
    return make_plan(asked, model, unicorn, path, unicorn.run(row[None, :], path).activity[0])


def in_lanes(part: Part) -> None:
    """Raise Missing unless nearly all executions of a part were done in lanes."""
    work, traces = part.behaviour.work, part.last - part.first
    if work.lanes < 0.99 * traces:
        raise Missing(f"{work.lanes} of {traces} executions ran in lanes: {part.engine}")
