"""What an event says of a campaign that runs: exact statistics of the traces so far, thinned to what a screen shows."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from jobs.report_sequential import SequentialReport
from renode.trace import Simulator
from workers.simulation.assessment import both_sets
from workers.simulation.attack import confident, score
from workers.simulation.attribution import finite, outside_public
from workers.simulation.blocks import spans
from workers.simulation.intermediates import targets_of
from workers.simulation.plan import CampaignPlan, attacked_samples
from workers.simulation.power import SamplePlan
from workers.simulation.targets import Sums
from workers.simulation.together import Together
from workers.simulation.ttest import THRESHOLD, first_order

BUCKETS = 512
"""Points of a curve."""
DIGITS = 3
NAMES_BYTES = 8 * 1024
LONGEST_NAME = 64


def partial(plan: CampaignPlan, sampled: SamplePlan, total: Together) -> dict[str, Any]:
    """Return what sums say: an exact t-test over the traces that have been run, public code left out of the largest."""
    outline = total.outline
    if outline is None:
        return {"traces": 0, "of": plan.request.traces}
    behaviour = outline.behaviour
    told: dict[str, Any] = {"traces": sum(behaviour.traces.values()), "of": plan.request.traces}
    told |= {"diverged": sum(behaviour.diverged.values()), "faulted": sum(behaviour.faulted.values())}
    common = int(np.searchsorted(sampled.owner, behaviour.common(len(plan.path.pcs)), side="left"))
    if not common:
        return told
    counts = outline.power.counts
    told |= {"samples": sampled.samples, "compared": common, "stride": stride_of(sampled.samples)}
    if not counts.any():
        return told
    mean, t1 = np.empty((2, common))
    for span in spans(common):
        block = total.block(span)
        mean[span] = sampled.offset[span] + block.union(range(len(counts))).moments().mean * sampled.step
        t1[span] = first_order(*both_sets(block))
    told["mean"] = extremes(mean, stride_of(sampled.samples))
    if not all(counts > 1):
        return told
    told["t1"] = extremes(t1, stride_of(sampled.samples))
    heights = np.abs(t1[secret_samples(plan, sampled)[:common]])
    told["max_abs_t"] = finite(float(heights.max(initial=0.0)))
    told["over_threshold"] = int((heights > THRESHOLD).sum())
    return told


def looks_of(seen: SequentialReport) -> dict[str, Any]:
    """Return how far a sequential campaign is: its last look, and what that decided."""
    last = seen.looks[-1]
    return {
        "taken": len(seen.looks),
        "of": seen.planned_looks,
        "traces": last.traces,
        "boundary": round(last.boundary, DIGITS),
        "beyond": last.crossed,
        "decided": seen.decided,
    }


def key_of(plan: CampaignPlan, sampled: SamplePlan, classes: Sums) -> dict[str, Any]:
    """Return how the attack stands, given its sums."""
    targets = targets_of(plan.request)
    secret = secret_samples(plan, sampled)[attacked_samples(plan, sampled)]
    scores = score(classes, secret, targets)
    return {
        "traces": scores.traces,
        "ranks": list(scores.ranks(targets.truth)),
        "best": bytes(int(guess) for guess in scores.best).hex(),
        "confident": [bool(sure) for sure in confident(scores)],
    }


def path_of(plan: CampaignPlan, sampled: SamplePlan, simulator: Simulator) -> dict[str, Any]:
    """Return where the reference execution is at the first sample of each bucket: its pc, and its function's name."""
    pcs = plan.path.pcs[sampled.owner[:: stride_of(sampled.samples)]]
    unique, of_bucket = np.unique(pcs, return_inverse=True)
    names: list[str] = []
    number: dict[str | None, int] = {None: -1}
    left = NAMES_BYTES
    function = np.full(len(unique), -1)
    for index, pc in enumerate(unique):
        name = simulator.instruction(int(pc)).function
        if name is not None and name not in number:
            shown = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
            left -= len(json.dumps(shown)) + 2
            number[name] = len(names) if left >= 0 else -1
            names += [shown] * (left >= 0)
        function[index] = number[name]
    return {
        "samples": sampled.samples,
        "stride": stride_of(sampled.samples),
        "first_sample": plan.window[0],
        "unit": plan.model.unit,
        "pcs": pcs.tolist(),
        "function": function[of_bucket].tolist(),
        "functions": names,
    }


def secret_samples(plan: CampaignPlan, sampled: SamplePlan) -> npt.NDArray[np.bool_]:
    """Return [samples]: whether a sample belongs to code that was not declared public."""
    return outside_public(plan.path.pcs[sampled.owner], plan.public)


def stride_of(samples: int) -> int:
    """Return how many samples share a bucket."""
    return max(1, -(-samples // BUCKETS))


def extremes(values: npt.NDArray[np.float64], stride: int) -> dict[str, Sequence[float | None]]:
    """Return the least and the greatest value of each bucket; None for an infinite one."""
    starts = np.arange(0, len(values), stride)
    low, high = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
    return {name: [finite(value) for value in np.round(side, DIGITS)] for name, side in (("low", low), ("high", high))}
