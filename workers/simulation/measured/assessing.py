"""The report of measured traces: the statistics of simulated ones, of the same exact sums."""

import hashlib
import json
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from jobs.attempt import Attempt
from jobs.measuring import ImportRequest
from jobs.report import CpaReport, Finding, Firmware, PowerUsed, Report, Timings, Tvla
from renode.trace import Simulator
from stores import curves
from stores.ports import Files
from workers.simulation import findings as found_by
from workers.simulation.assessment import Assessment, difference
from workers.simulation.attack import describe
from workers.simulation.attribution import Attribution, attribute, excluded, finite, rows
from workers.simulation.behaviour import Behaviour
from workers.simulation.inputs import GROUPS, sets_of
from workers.simulation.limits import limits_of
from workers.simulation.measured.attacked import Attacked, attacked
from workers.simulation.measured.mapping import Places
from workers.simulation.measured.quantise import blocks
from workers.simulation.measured.taken import Taken
from workers.simulation.measured.told import Source, alignment_of, measured_of, warnings_of
from workers.simulation.merge import curves_of, tvla_of
from workers.simulation.moments import PowerSums
from workers.simulation.part import Part
from workers.simulation.run import LEFT_OUT
from workers.simulation.series import series_of
from workers.simulation.totals import Merged, assess, integers_of, spoken
from workers.simulation.verdict import counted, headline, sufficiency, verdict

Public = tuple[tuple[int, int, str, str], ...]


@dataclass(frozen=True, slots=True)
class Code:
    """What ran, as far as it is known: where samples belong, and which of it is public."""

    places: Places
    public: Public
    simulator: Simulator | None


def report_of(
    campaign: str,
    taken: Taken,
    source: Source,
    code: Code,
    *,
    files: Files,
    attempt: Attempt,
    now: datetime,
) -> Report:
    """Return the report, and leave the curves of every sample."""
    began = time.perf_counter()
    request, sets, scale, samples = taken.request, taken.sets, taken.scale, taken.samples
    attribution = attribute(code.places.pcs, code.public, code.places.describe)
    power = _sums(taken, attempt)
    attack = attacked(taken, ~attribution.public_samples, attempt.check)
    attempt.check()
    merged = _merged(taken, source, power, attack)
    has_tvla = sets.how != "none" and bool((power.counts > 1).all())
    found = assess(merged, difference(power, samples) if has_tvla else None)
    mean = scale.offset + found.mean * scale.step
    curves.save(files, campaign, code.places.pcs, curves_of(found, mean))
    tvla = tvla_of(found, attribution, merged) if has_tvla else None
    cpa = _cpa(request, attack, attribution, found.snr_absent)
    all_findings = _findings(found, attribution, tvla, cpa)
    order = request.assess_order
    leaks = counted(all_findings, assess_order=order)
    enough = sufficiency(request, leaks, tvla, cpa, gap=_gap(tvla, attack, attribution))
    decided = verdict(all_findings, enough, assess_order=order)
    traces = int(power.counts.sum())
    measured = measured_of(taken, source, code.places, attack, power)
    seconds = time.perf_counter() - began
    return Report(
        campaign=campaign,
        created_at=now,
        request=request,
        verdict=decided,
        headline=headline(decided, all_findings, cpa, enough, assess_order=order),
        digest=merged.digest,
        firmware=_firmware(request, code.simulator),
        engine={"name": "measured", "version": taken.layout.form},
        traces=traces,
        measured=measured,
        alignment=alignment_of(measured, samples),
        power=PowerUsed(
            model="measured",
            calibration="measured",
            unit=request.unit,
            sampling="sample",
            noise_sigma=0.0,
            step=measured.quantised.largest_step,
            clipped=0,
        ),
        tvla=tvla,
        tvla_absent=None if tvla else sets.why if sets.how == "none" else "too few traces of one set",
        cpa=cpa,
        cpa_absent=attack.absent,
        max_snr=finite(float(found.snr.max(initial=0.0))) if found.has_snr else None,
        constant_time_absent="measured traces do not tell which way an execution took",
        findings=all_findings,
        excluded=excluded(code.public, code.places.pcs, found),
        rows=rows(attribution, found),
        series=series_of(code.places.pcs, found, mean, first_sample=taken.layout.first_sample),
        sufficiency=enough,
        timings=Timings(
            execute_s=0.0, statistics_s=seconds, merge_s=0.0, traces_per_s=traces / seconds if seconds > 0 else 0.0
        ),
        warnings=warnings_of(taken, measured, attack, samples),
    )


def _sums(taken: Taken, attempt: Attempt) -> PowerSums:
    power = PowerSums(GROUPS, taken.samples)
    for part in blocks(taken.traces):
        attempt.check()
        labels = taken.sets.labels[part]
        used = labels != LEFT_OUT
        integers = taken.scale.integers(taken.traces[part, : taken.samples])
        power.update(np.ascontiguousarray(integers[used]), np.ascontiguousarray(labels[used]))
    return power


def _merged(taken: Taken, source: Source, power: PowerSums, attack: Attacked) -> Merged:
    """Put the sums where the statistics of campaigns look for them."""
    request, sets, scale = taken.request, taken.sets, taken.scale
    used = sets.labels[sets.labels != LEFT_OUT]
    traces = Counter({int(chosen): int(count) for chosen, count in enumerate(np.bincount(sets_of(used))) if count})
    whole = Part(0, taken.layout.traces, power, None, Behaviour(traces=traces))
    identity = request.model_dump(mode="json", exclude={"name", "artifact", "format"})
    if request.cpa is not None:
        identity["cpa"] = spoken(request.cpa)
    digest = hashlib.sha256(json.dumps({"request": identity, "file": source.sha256}, sort_keys=True).encode())
    for values in (scale.offset, scale.step):
        digest.update(values.astype("<f8").tobytes())
    digest.update(power.counts.astype("<i8").tobytes())
    digest.update(power.sums.astype("<i8").tobytes())
    if attack.classes is not None:
        for integers in integers_of(attack.classes):
            digest.update(integers)
    return Merged(whole, len(scale.offset), attack.window, attack.attack, attack.classes, digest.hexdigest())


def _cpa(
    request: ImportRequest, attack: Attacked, attribution: Attribution, snr_absent: str | None
) -> CpaReport | None:
    if attack.attack is None or attack.aimed.aim is None or request.cpa is None:
        return None
    first, last = attack.window
    places = [attribution.places[index] for index in attribution.of_sample[first:last]]
    return describe(
        attack.attack,
        targets=attack.aimed.aim.targets,
        intermediate=request.cpa.intermediate,
        window=attack.window,
        chosen=None,
        snr_absent=snr_absent,
        places=places,
    )


def _findings(
    found: Assessment, attribution: Attribution, tvla: Tvla | None, cpa: CpaReport | None
) -> tuple[Finding, ...]:
    made = []
    if tvla is not None:
        limits = limits_of(tvla, None)
        made += found_by.differences(found, attribution, limits, order=1)
        made += found_by.differences(found, attribution, limits, order=2)
    if cpa is not None:
        made += found_by.correlations(found, attribution, cpa)
    return found_by.worst_first(found_by.without_echoes(made))


def _firmware(request: ImportRequest, simulator: Simulator | None) -> Firmware | None:
    if simulator is None or request.target is None:
        return None
    return Firmware(core=request.target.core, **simulator.firmware)


def _gap(tvla: Tvla | None, attack: Attacked, attribution: Attribution) -> str | None:
    """Say what of the samples outside declared-public code no statistic looked at."""
    secret = ~attribution.public_samples
    if not secret.any():
        return "all of the samples are declared public: nothing was left to look at"
    looked_at = np.ones(len(secret), bool)
    if tvla is None:
        looked_at[:] = False
        looked_at[slice(*attack.window)] = attack.attack is not None
    missed = int((secret & ~looked_at).sum())
    if missed in {0, int(secret.sum())}:
        return None
    return f"{missed} of {int(secret.sum())} samples outside declared-public code were not looked at by any test"
