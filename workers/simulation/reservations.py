"""What a report does not say, and why: statistics that are not there, code that none looked at, traces that were left out."""

import numpy as np

from jobs.payloads import Plan
from jobs.report import Tvla
from workers.simulation.attribution import outside_public
from workers.simulation.inputs import RANDOM
from workers.simulation.plan import CampaignPlan, attacked_samples
from workers.simulation.power import SamplePlan
from workers.simulation.totals import MIN_ATTACK, Merged


def why_no_tvla(plan: CampaignPlan, merged: Merged) -> str:
    """Say why there is no t-test."""
    if plan.request.plan is not Plan.FIXED_VS_RANDOM:
        return f"the plan is {plan.request.plan}; a t-test compares fixed with random inputs"
    if merged.samples == 0:
        return "the executions have no sampled instruction in common"
    return "too few executions ended well"


def why_no_cpa(plan: CampaignPlan, merged: Merged) -> str:
    """Say why there is no attack."""
    if plan.request.cpa is None:
        return "the campaign asked for none"
    if merged.whole.power.counts[[RANDOM, RANDOM + 2]].sum() < MIN_ATTACK:
        return f"fewer than {MIN_ATTACK} executions with random inputs ended well"
    if plan.pilot is not None and not plan.pilot.flagged:
        return (
            f"the t-test of a pilot of {plan.pilot.traces} traces without noise saw inputs handled in none of "
            f"{plan.pilot.compared} samples outside declared-public code; set cpa.window to look anyway"
        )
    return "no sample of the attack's window is common to all executions and not declared public"


def gap_of(plan: CampaignPlan, sampled: SamplePlan, merged: Merged, tvla: Tvla | None) -> str | None:
    """Say what of the code outside declared-public ranges no statistic looked at."""
    secret = outside_public(plan.path.pcs[sampled.owner], plan.public)
    if not secret.any():
        return "all of the code that ran is declared public: nothing was left to look at"
    if tvla is not None:
        looked_at = np.arange(len(secret)) < merged.samples
    else:
        looked_at = np.zeros(len(secret), bool)
        looked_at[slice(*merged.window)] = merged.attack is not None
    missed = int((secret & ~looked_at).sum())
    if missed == 0:
        return None
    if merged.samples < len(secret):
        why = "executions took different paths"
    elif tvla is None and merged.attack is None:
        why = "there was neither a t-test nor an attack"
    else:
        why = "they lie outside the attack's window"
    return f"{missed} of {int(secret.sum())} samples outside declared-public code were not looked at: {why}"


def warnings_of(plan: CampaignPlan, merged: Merged, sampled: SamplePlan) -> tuple[str, ...]:
    """Say what a reader has to know of traces that are not like the others, and of samples that were left out."""
    told = []
    behaviour = merged.whole.behaviour
    traces = sum(behaviour.traces.values())
    if behaviour.diverged:
        told.append(
            f"{sum(behaviour.diverged.values())} of {traces} executions left the reference path; statistics cover "
            f"the first {merged.samples} of {sampled.samples} samples, which all executions share"
        )
    if behaviour.faulted:
        told.append(
            f"{sum(behaviour.faulted.values())} of {traces} executions did not end well and are left out of the statistics"
        )
    if behaviour.clipped:
        told.append(f"{behaviour.clipped} samples fell outside the quantiser's range and were clipped")
    attacked = attacked_samples(plan, sampled)
    looked = attacked.stop - attacked.start
    if plan.request.cpa is not None and plan.request.cpa.window is None and looked < sampled.samples:
        end = "last" if plan.request.cpa.from_output else "first"
        told.append(f"the attack looked at the {end} {looked} of {sampled.samples} samples; set cpa.window for others")
    return tuple(told)
