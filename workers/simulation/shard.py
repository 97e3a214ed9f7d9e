"""A shard of a campaign: its traces run part by part, each stored, until they are all there or others have decided."""

import json
from collections.abc import Mapping
from typing import Any

from jobs.attempt import Attempt
from jobs.errors import Cancelled, DeadlineExceeded, EngineMismatch
from jobs.model import Job, Progress
from jobs.payloads import ShardParams
from renode.trace import Simulator, Work
from stores.ports import Files
from workers.simulation import part as parts
from workers.simulation.engine import is_embedded, simulator_of, witness_of
from workers.simulation.kept import TRACES, Rows
from workers.simulation.live import Live
from workers.simulation.looks import design_of
from workers.simulation.plan import CampaignPlan, sample_plan
from workers.simulation.plan_file import plan_of
from workers.simulation.prefix import Decided, UntilDecided, advance, is_decided
from workers.simulation.run import Kept, Runner
from workers.simulation.services import SimulationServices
from workers.simulation.witness import CASE, Witness


def run_shard(job: Job, attempt: Attempt, services: SimulationServices) -> Mapping[str, Any]:
    """Run one shard and leave its parts; a part that is already there is not run again.

    Return how many of its traces there are, all unless the campaign was decided before, and how many of them each engine
    has executed in this attempt.
    """
    params = ShardParams.model_validate(job.params)
    try:
        return _run_shard(job.tenant, params, attempt, services)
    except EngineMismatch as error:
        _keep_case(error, job.tenant, params.campaign, services)
        raise
    except (Cancelled, DeadlineExceeded):
        # The campaign is over: nobody will merge what its shards have left, and that can be gigabytes.
        parts.discard(services.files, params.campaign)
        raise


def _run_shard(tenant: str, params: ShardParams, attempt: Attempt, services: SimulationServices) -> Mapping[str, Any]:
    files, total = services.files, params.last - params.first
    plan = plan_of(files, params.campaign)
    if plan.looks and is_decided(params.campaign, plan, files, first=params.first):
        attempt.report(Progress(total, total, "traces"))
        mine = [cut for cut in parts.stored(files, params.campaign) if params.first <= cut[0] < params.last]
        return {"traces": sum(last - first for first, last in mine), "engines": {"lanes": 0, "unicorn": 0}}
    simulator = simulator_of(tenant, plan.request, services)
    kept = _kept(files, params.campaign) if plan.request.keep_traces else None
    witness, folder = _witness(tenant, plan, simulator, services), files.folder(params.campaign)
    runner = Runner(plan, sample_plan(plan), simulator, kept, witness, services.timer, folder)
    live = Live(params.campaign, runner, files=files, index=params.index)
    design = design_of(plan, runner.samples)
    watched = attempt if design is None else UntilDecided(attempt, params.campaign, files)
    runner.warm_up(params.first, params.last)
    present = set(parts.stored(files, params.campaign))
    work, ran, there = Work(), 0, 0
    try:
        for first, last in plan.parts(params.first, params.last):
            if (first, last) not in present:
                live.begin()
                part = runner.run(
                    first,
                    last,
                    watched,
                    done=first - params.first,
                    total=total,
                    watch=lambda running: live.watch(running, attempt),
                )
                parts.save(part, files, params.campaign)
                live.ran(part)
                work, ran = work + part.behaviour.work, ran + last - first
                del part  # before a look: its sums take as much as all else
            there += last - first
            if design is not None:
                advance(params.campaign, plan, runner.samples, files, design)
            attempt.report(Progress(last - params.first, total, "traces"))
    except Decided:
        attempt.report(Progress(total, total, "traces"))
    live.end(attempt)
    one_by_one = "unicorn" if is_embedded(plan.request.simulator) else "renode"
    return {"traces": there, "engines": {"lanes": work.lanes, one_by_one: ran - work.lanes}}


def _witness(tenant: str, plan: CampaignPlan, simulator: Simulator, services: SimulationServices) -> Witness | None:
    other = witness_of(tenant, plan.request, services)
    return None if other is None else Witness(plan, simulator, other)


def _keep_case(error: EngineMismatch, tenant: str, campaign: str, services: SimulationServices) -> None:
    """Leave what it takes to run the execution again on which two engines differed."""
    request = plan_of(services.files, campaign).request
    simulator = simulator_of(tenant, request, services)
    case = {
        "error": error.message,
        "firmware": dict(simulator.firmware),
        "target": request.target.model_dump(mode="json"),
        **error.case,
    }
    services.files.write(campaign, CASE, [json.dumps(case, indent=1).encode()])


def _kept(files: Files, campaign: str) -> Kept:
    return Kept(*(Rows(files.path(campaign, name)) for name in TRACES))
