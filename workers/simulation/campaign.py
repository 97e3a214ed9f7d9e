"""A campaign from request to report: plan it, run its shards, merge them. Every step may happen twice."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np

from jobs.attempt import Attempt, Split
from jobs.errors import Cancelled, DeadlineExceeded, InvalidInput, NotFound
from jobs.model import Job, NewJob, Progress
from jobs.payloads import CampaignRequest, MergeParams, ShardParams
from jobs.queue import MERGE, SHARD
from jobs.report import Report
from stores.ports import Files
from workers.simulation import part as parts
from workers.simulation.consttime.check import fits
from workers.simulation.engine import is_embedded, simulator_of
from workers.simulation.inputs import reference_row
from workers.simulation.kept import TRACES, shorten
from workers.simulation.live_event import path_of
from workers.simulation.merge import merge
from workers.simulation.plan import CampaignPlan, make_plan, sample_plan
from workers.simulation.plan_file import PLAN, plan_of, written
from workers.simulation.power_model import PowerModel, load_model
from workers.simulation.report import render
from workers.simulation.services import SimulationServices

REPORT = "report.json"


def plan_campaign(job: Job, attempt: Attempt, services: SimulationServices) -> Split:
    """Execute the reference, write the plan down and split the campaign into shards; raise InvalidInput."""
    request = CampaignRequest.model_validate(job.params)
    attempt.check()
    plan = _stored_plan(services.files, job.id) or _new_plan(job, request, services)
    attempt.report(Progress(0, request.traces, "traces"))
    simulator = simulator_of(job.tenant, request, services)
    attempt.publish(job.id, {"path": path_of(plan, sample_plan(plan), simulator)})
    shards = [
        NewJob(
            id=f"{job.id}.{index}",
            kind=SHARD.name,
            params=ShardParams(campaign=job.id, index=index, first=first, last=last).model_dump(),
            tenant=job.tenant,
            priority=job.priority,
            deadline_at=job.deadline_at,
            parent=job.id,
        )
        for index, (first, last) in enumerate(plan.shards)
    ]
    merge_job = NewJob(
        id=f"{job.id}.merge",
        kind=MERGE.name,
        params=MergeParams(campaign=job.id).model_dump(),
        tenant=job.tenant,
        priority=job.priority,
        deadline_at=job.deadline_at,
        parent=job.id,
    )
    return Split(shards, merge_job)


def merge_campaign(job: Job, attempt: Attempt, services: SimulationServices, *, now: datetime) -> Mapping[str, Any]:
    """Merge the shards, write the reports, and return the campaign's result."""
    campaign = MergeParams.model_validate(job.params).campaign
    try:
        report = _stored_report(services.files, campaign) or _merge(job.tenant, campaign, attempt, services, now)
    except NotFound:
        # Another worker that merged at the same time may have taken the parts away.
        if (theirs := _stored_report(services.files, campaign)) is None:
            raise
        report = theirs
    except (Cancelled, DeadlineExceeded):
        parts.discard(services.files, campaign)
        raise
    parts.discard(services.files, campaign)
    return result_of(report)


def _merge(tenant: str, campaign: str, attempt: Attempt, services: SimulationServices, now: datetime) -> Report:
    plan = plan_of(services.files, campaign)
    attempt.check()
    simulator = simulator_of(tenant, plan.request, services)
    report = merge(campaign, plan, simulator, services.files, now=now, alive=attempt.check)
    attempt.check()
    if plan.request.keep_traces and report.sequential is not None:
        for name in TRACES:
            shorten(services.files.path(campaign, name), report.sequential.traces)
    # The JSON goes last: where it is, the report is whole, and a repeated merge need not find the parts.
    for name, content in sorted(render(report).items(), key=lambda item: item[0] == REPORT):
        services.files.write(campaign, name, [content])
    return report


def result_of(report: Report) -> dict[str, Any]:
    """Return what the job record says of a campaign; the rest is in the report."""
    return {
        "campaign": report.campaign,
        "name": report.request.name,
        "entry": report.simulated.target.entry,
        "firmware": report.request.firmware,
        "verdict": report.verdict.value,
        "headline": report.headline,
        "digest": report.digest,
        "traces": report.traces,
        "traces_per_s": report.timings.traces_per_s,
        "max_abs_t": report.tvla.max_abs_t1 if report.tvla else None,
        "key_bytes_recovered": report.cpa.recovered if report.cpa else None,
        "findings": len(report.findings),
        "sufficient": report.sufficiency.sufficient,
        "report": f"/api/v2/campaigns/{report.campaign}/report",
    }


def _new_plan(job: Job, request: CampaignRequest, services: SimulationServices) -> CampaignPlan:
    plan = measured_plan(job.tenant, request, services)
    if request.keep_traces:
        samples = sample_plan(plan).samples
        check_room(request, samples, services)
        _make_room(job.id, request, samples, services)
    services.files.write(job.id, PLAN, written(plan))
    return plan


def measured_plan(tenant: str, request: CampaignRequest, services: SimulationServices) -> CampaignPlan:
    """Execute the reference and plan the campaign on it; write nothing; raise InvalidInput."""
    simulator = simulator_of(tenant, request, services)
    row = reference_row(request)
    path = simulator.path(row)
    if not len(path.pcs):
        raise InvalidInput(
            f"the first instruction, at 0x{path.stop_pc:08x}, ends the execution: {path.stop.name.lower()}",
            field="target.entry",
            reason="nothing-runs",
        )
    fits(request, len(path.pcs))
    if request.constant_time is not None and is_embedded(request.simulator):
        simulator.footprint(row)  # what it cannot record is told now, and not when the shards have run
    activity = simulator.run(row[None, :], path).activity[0]
    return make_plan(request, model_of(tenant, request.power.model, services), simulator, path, activity)


def check_room(request: CampaignRequest, samples: int, services: SimulationServices) -> int:
    """Return how many bytes the traces take that are to be kept; raise InvalidInput for more than may be."""
    wanted = request.traces * (4 * samples + _input_bytes(request) + 1)
    if wanted > services.traces_limit_bytes:
        raise InvalidInput(
            f"{request.traces} traces of {samples} samples are {wanted} bytes; the limit is {services.traces_limit_bytes}",
            field="keep_traces",
            reason="too-many-samples",
        )
    return wanted


def _make_room(campaign: str, request: CampaignRequest, samples: int, services: SimulationServices) -> None:
    folder = services.files.folder(campaign)
    shapes = ((request.traces, samples), (request.traces, _input_bytes(request)), (request.traces,))
    for name, shape, kind in zip(TRACES, shapes, (np.float32, np.uint8, np.uint8), strict=True):
        np.lib.format.open_memmap(folder / name, mode="w+", dtype=kind, shape=shape).flush()


def _input_bytes(request: CampaignRequest) -> int:
    return sum(item.length for item in request.target.inputs)


def model_of(tenant: str, name: str, services: SimulationServices) -> PowerModel:
    """Return a power model: one of ours by its name, or a tenant's artifact by its id; raise InvalidInput."""
    if not name.startswith("sha256:"):
        return load_model(services.power_models / f"{name}.toml")
    try:
        return load_model(services.artifacts.path(tenant, name))
    except NotFound as error:
        raise InvalidInput("There is no such artifact; upload it first.", field="power.model") from error


def _stored_plan(files: Files, campaign: str) -> CampaignPlan | None:
    try:
        return plan_of(files, campaign)
    except NotFound:
        return None


def _stored_report(files: Files, campaign: str) -> Report | None:
    try:
        return Report.model_validate_json(files.path(campaign, REPORT).read_bytes())
    except NotFound:
        return None
