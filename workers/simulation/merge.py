"""Add a campaign's parts up and write its report."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal

import numpy as np
from scipy import special

from jobs.payloads import Plan
from jobs.report import (
    Alignment,
    CpaReport,
    Execution,
    Finding,
    Firmware,
    PowerUsed,
    Report,
    Timings,
    Tvla,
    WindowChosen,
)
from renode.trace import Simulator
from stores import curves
from stores.ports import Files
from workers.simulation import findings as found_by
from workers.simulation.assessment import Assessment, Floats, difference
from workers.simulation.attack import describe
from workers.simulation.attribution import Attribution, attribute, excluded, finite, rows
from workers.simulation.bivariate import Joint, joint_of, why_no_pairs
from workers.simulation.constant_time import constant_time
from workers.simulation.consttime.check import check
from workers.simulation.control_flow import control_flow, parted
from workers.simulation.corrections import corrections
from workers.simulation.findings_executions import faults
from workers.simulation.inputs import FIXED, RANDOM, reference_row
from workers.simulation.intermediates import targets_of
from workers.simulation.limits import limits_of
from workers.simulation.plan import CampaignPlan, sample_plan
from workers.simulation.reservations import gap_of, warnings_of, why_no_cpa, why_no_tvla
from workers.simulation.series import power_of, series
from workers.simulation.totals import Merged, add_up, assess
from workers.simulation.ttest import THRESHOLD, corrected_threshold, minimum_effect
from workers.simulation.verdict import counted, headline, sufficiency, verdict


def merge(
    campaign: str,
    plan: CampaignPlan,
    simulator: Simulator,
    files: Files,
    *,
    now: datetime,
    alive: Callable[[], None] = lambda: None,
) -> Report:
    """Return the report of a campaign whose shards have all left their parts; raise NotFound if one is missing.

    `alive` is called now and then where it takes long, and may raise.
    """
    began = time.perf_counter()
    sampled = sample_plan(plan)
    # What an instruction is called depends on those before it (IT blocks): let the simulator go the way first.
    simulator.run(reference_row(plan.request)[np.newaxis, :], plan.path)
    merged = add_up(campaign, plan, sampled, files)
    sampled = sampled.sampled()
    pcs = plan.path.pcs[sampled.owner[: merged.samples]]
    attribution = attribute(pcs, plan.public, simulator.instruction)
    enough_of_both = bool((merged.whole.power.counts > 1).all()) and merged.samples > 0
    has_tvla = plan.request.plan is Plan.FIXED_VS_RANDOM and enough_of_both
    compared = difference(merged.whole.power, merged.samples) if has_tvla else None
    found = assess(merged, compared)
    # From here on counts are enough, and the sums take most of the memory.
    merged = replace(merged, whole=merged.whole.outline())
    tvla = tvla_of(found, attribution, merged) if has_tvla else None
    curves.save(files, campaign, pcs, curves_of(found, power_of(found, sampled)))
    cpa = _cpa(plan, merged, attribution, found.snr_absent)
    paired = joint_of(merged, attribution) if has_tvla else None
    checked = check(plan, simulator, alive)
    ways, by_public = control_flow(plan, simulator, merged.whole.behaviour, checked.found)
    all_findings = _findings(plan, simulator, merged, found, attribution, ways=ways, tvla=tvla, cpa=cpa, paired=paired)
    order = plan.request.assess_order
    leaks = counted(all_findings, assess_order=order)
    looked = constant_time(plan, simulator)
    gap = gap_of(plan, sampled, merged, tvla)
    enough = sufficiency(plan.request, leaks, tvla, cpa, gap=gap, checked=checked.found)
    decided = verdict(all_findings, enough, assess_order=order)
    behaviour = merged.whole.behaviour
    traces = sum(behaviour.traces.values())
    spent = merged.whole.execute_s + merged.whole.statistics_s
    return Report(
        campaign=campaign,
        created_at=now,
        request=plan.request,
        verdict=decided,
        headline=headline(
            decided,
            all_findings,
            cpa,
            enough,
            assess_order=order,
            only_time=checked.found is not None and plan.request.plan is Plan.FIXED,
        ),
        digest=merged.digest,
        firmware=Firmware(core=plan.request.target.core, **simulator.firmware),
        engine=merged.whole.engine,
        execution=_execution(merged),
        traces=traces,
        alignment=Alignment(
            kind="full" if not behaviour.diverged else "common-prefix",
            path_instructions=len(plan.path.pcs),
            compared_instructions=behaviour.common(len(plan.path.pcs)),
            samples=merged.samples,
            first_sample=plan.window[0],
            diverged_traces=sum(behaviour.diverged.values()),
            faulted_traces=sum(behaviour.faulted.values()),
        ),
        power=PowerUsed(
            model=plan.model.name,
            calibration=plan.model.calibration,
            unit=plan.model.unit,
            sampling=plan.request.power.sampling,
            noise_sigma=plan.request.power.noise_sigma,
            noise=_drawn(plan),
            noise_why=(plan.noise.reason or None) if plan.request.power.noise_sigma else None,
            step=sampled.step,
            clipped=behaviour.clipped,
        ),
        tvla=tvla,
        tvla_absent=None if tvla else why_no_tvla(plan, merged),
        sequential=merged.sequential,
        multiplicity=corrections(found, attribution.public_samples, orders=order) if has_tvla else None,
        bivariate=paired.told if paired else None,
        bivariate_absent=None if paired else why_no_pairs(merged),
        cpa=cpa,
        cpa_absent=None if cpa else why_no_cpa(plan, merged),
        max_snr=finite(float(found.snr.max(initial=0.0))) if found.has_snr else None,
        constant_time=looked.found,
        constant_time_absent=looked.absent,
        secrets=checked.found,
        secrets_absent=checked.absent,
        findings=all_findings,
        excluded=excluded(plan.public, pcs, found),
        rows=rows(attribution, found),
        series=series(pcs, found, sampled, first_sample=plan.window[0]),
        sufficiency=enough,
        timings=Timings(
            execute_s=merged.whole.execute_s,
            statistics_s=merged.whole.statistics_s,
            merge_s=time.perf_counter() - began,
            traces_per_s=traces / spent if spent > 0 else 0.0,
        ),
        warnings=(*by_public, *warnings_of(plan, merged, sampled)),
    )


def _execution(merged: Merged) -> Execution:
    work = merged.whole.behaviour.work
    usual = "lanes take every instruction of its path" if work.lanes else "no other engine is set up"
    why = merged.whole.engine.get("why", usual)
    return Execution(lanes=work.lanes, again=work.again, checked=work.checked, why=why)


def _drawn(plan: CampaignPlan) -> Literal["per-trace", "by-law", "none"]:
    if plan.request.power.noise_sigma == 0:
        return "none"
    return "by-law" if plan.noise.way == "law" else "per-trace"


def curves_of(found: Assessment, power: Floats) -> dict[str, Floats]:
    """Return every sample's statistics, as far as they were computed, and its mean power."""
    shown = {"mean": power}
    if found.has_tvla:
        shown |= {"t1": found.t1, "t2": found.t2}
    if found.has_cpa:
        shown |= {"rho": found.rho}
    if found.has_snr:
        shown |= {"snr": found.snr}
    return shown


def tvla_of(found: Assessment, attribution: Attribution, merged: Merged) -> Tvla:
    """Write the t-tests down, with the declared-public code left out."""
    counted = ~attribution.public_samples
    looks = merged.sequential.looks if merged.sequential else ()
    corrected = looks[-1].boundary if looks else corrected_threshold(merged.samples)
    counts = merged.whole.power.counts
    fixed, varied = int(counts[FIXED] + counts[FIXED + 2]), int(counts[RANDOM] + counts[RANDOM + 2])
    return Tvla(
        threshold=THRESHOLD,
        corrected_threshold=corrected,
        traces_fixed=fixed,
        traces_random=varied,
        max_abs_t1=finite(float(np.abs(found.t1[counted]).max(initial=0.0))),
        max_abs_t2=finite(float(np.abs(found.t2[counted]).max(initial=0.0))),
        leaking_samples_1=int((found.confirmed_1 & counted).sum()),
        leaking_samples_2=int((found.confirmed_2 & counted).sum()),
        deterministic_samples=int((found.deterministic & counted).sum()),
        # Over the corrected threshold a difference counts for the verdict, also where the halves do not confirm it.
        minimum_effect=minimum_effect(fixed, varied, 2 * float(special.ndtr(-corrected))),
    )


def _cpa(plan: CampaignPlan, merged: Merged, attribution: Attribution, snr_absent: str | None) -> CpaReport | None:
    if merged.attack is None or plan.request.cpa is None:
        return None
    first, last = merged.window
    places = [attribution.places[index] for index in attribution.of_sample[first:last]]
    return describe(
        merged.attack,
        targets=targets_of(plan.request),
        intermediate=plan.request.cpa.intermediate,
        window=merged.window,
        chosen=_chosen(plan),
        snr_absent=snr_absent,
        places=places,
    )


def _chosen(plan: CampaignPlan) -> WindowChosen | None:
    pilot = plan.pilot
    if pilot is None:
        return None
    return WindowChosen(traces=pilot.traces, threshold=THRESHOLD, compared=pilot.compared, flagged=pilot.flagged)


def _findings(
    plan: CampaignPlan,
    simulator: Simulator,
    merged: Merged,
    found: Assessment,
    attribution: Attribution,
    *,
    ways: Sequence[Finding],
    tvla: Tvla | None,
    cpa: CpaReport | None,
    paired: Joint | None,
) -> tuple[Finding, ...]:
    made = faults(merged.whole.behaviour, simulator.instruction, parted(plan))
    made += ways
    if tvla is not None:
        limits = limits_of(tvla, merged.sequential)
        made += found_by.differences(found, attribution, limits, order=1)
        made += found_by.differences(found, attribution, limits, order=2)
    if paired is not None:
        made += paired.findings(made, traces=found.traces)
    if cpa is not None:
        made += found_by.correlations(found, attribution, cpa)
    return found_by.worst_first(found_by.without_echoes(made))
