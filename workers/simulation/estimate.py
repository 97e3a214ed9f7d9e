"""What a campaign will take, measured by running a little of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jobs.attackable import state_bytes
from jobs.attempt import Attempt
from jobs.model import Job
from jobs.payloads import CampaignRequest
from workers.simulation import part as parts
from workers.simulation.attack import score
from workers.simulation.campaign import check_room, measured_plan
from workers.simulation.consttime.check import check_s
from workers.simulation.engine import simulator_of
from workers.simulation.inputs import GROUPS
from workers.simulation.intermediates import targets_of
from workers.simulation.live_event import secret_samples
from workers.simulation.part import Part
from workers.simulation.plan import CampaignPlan, sample_plan
from workers.simulation.run import Runner
from workers.simulation.services import SimulationServices
from workers.simulation.settle import empty_sums, sum_bytes

FIRST_TRACES = 8
LONGEST_S = 0.4
"""Of the executions that are timed: the number is doubled until they have taken that long."""


@dataclass(frozen=True, slots=True)
class _Handling:
    """What the parts of the campaign take besides executions."""

    save_s: float
    load_s: float
    score_s: float
    """Of one checkpoint of the attack; 0 without one."""


def estimate(
    job: Job, attempt: Attempt, services: SimulationServices, *, workers: Callable[[], int | None]
) -> dict[str, Any]:
    """Run a few executions of the campaign that `job` describes; raise what the campaign itself would be refused for.

    Nothing is kept. `seconds` is for `workers` processes, or for one where their number is not known.
    """
    request = CampaignRequest.model_validate(job.params)
    plan = measured_plan(job.tenant, request, services)
    runner = Runner(plan, sample_plan(plan), simulator_of(job.tenant, request, services))
    samples = runner.samples.samples
    stored = check_room(request, samples, services) if request.keep_traces else 0
    runner.warm_up(0, request.traces)
    part = _timed(runner, attempt)
    handling = _handled(job.id, part, runner, services)
    alive = workers()
    rate = part.last / (part.execute_s + part.statistics_s)
    cuts = sum(len(plan.parts(first, last)) for first, last in plan.shards)
    at_once = max(1, min(alive or 1, len(plan.shards)))
    checkpoints = len(plan.checkpoints) if runner.attacked.stop > runner.attacked.start else 0
    run_s = (request.traces / rate + cuts * handling.save_s) / at_once
    merge_s = cuts * handling.load_s + checkpoints * handling.score_s
    if runner.settler is not None:
        merge_s += runner.settler.takes_s(part, times=request.traces / part.last)
    merge_s += check_s(plan, runner.simulator, attempt.check)
    behaviour = part.behaviour
    return {
        "traces": request.traces,
        "instructions": len(plan.path.pcs),
        "cycles": int(plan.path.cycles),
        "samples": samples,
        "stop": plan.path.stop.name.lower(),
        "stop_pc": plan.path.stop_pc,
        "output": plan.path.output.hex(),
        "tried": part.last,
        "diverged": sum(behaviour.diverged.values()),
        "faulted": sum(behaviour.faulted.values()),
        "traces_per_s": rate,
        "workers": alive,
        "shards": len(plan.shards),
        "seconds": run_s + merge_s,
        "run_s": run_s,
        "merge_s": merge_s,
        "stored_bytes": stored,
        "sums_bytes": _sums_bytes(plan, runner),
    }


def _timed(runner: Runner, attempt: Attempt) -> Part:
    """Run from the campaign's first trace on until that has taken long enough to be told."""
    whole = runner.plan.request.traces
    count, made = min(FIRST_TRACES, whole), False
    while True:
        attempt.check()
        began = time.monotonic()
        part = runner.run(0, count, attempt)
        took_s = time.monotonic() - began
        if part.behaviour.work.lanes and not made:  # they were made meanwhile, which no later run will do
            made = True
        elif took_s >= LONGEST_S / 2 or count == whole:
            return part
        else:
            count = min(2 * count, whole)


def _handled(scratch: str, part: Part, runner: Runner, services: SimulationServices) -> _Handling:
    """Time what becomes of a part: written, read again, attacked; under the name of the job `scratch`."""
    targets = None if part.classes is None else targets_of(runner.plan.request)
    try:
        began = time.monotonic()
        parts.save(part, services.files, scratch)
        saved = time.monotonic()
        path = services.files.path(scratch, parts.sums_name(part.first, part.last))
        parts.add(Part.empty(part.first, part.last, empty_sums(runner.settler, runner.samples)), path)
        if targets is not None and part.classes is not None:
            parts.add_classes(targets.sums(part.classes.samples), services.files, scratch, part.first, part.last)
        loaded = time.monotonic()
    finally:
        services.files.remove(scratch)
    score_s = 0.0
    if part.classes is not None and targets is not None:
        secret = secret_samples(runner.plan, runner.samples)[runner.attacked]
        score(part.classes, secret, targets)  # the kernels are compiled, or loaded
        again = time.monotonic()
        score(part.classes, secret, targets)
        score_s = time.monotonic() - again
    return _Handling(saved - began, loaded - saved, score_s)


def _sums_bytes(plan: CampaignPlan, runner: Runner) -> int:
    """Return the memory of a worker's sums."""
    attacked = max(runner.attacked.stop - runner.attacked.start, 0)
    paired = runner.paired.stop - runner.paired.start
    of_pairs = 24 * GROUPS * paired**2
    of_attack = 0 if plan.request.cpa is None else state_bytes(plan.request.cpa, plan.request.target) * attacked
    return sum_bytes(runner.settler, runner.samples) + of_attack + of_pairs
