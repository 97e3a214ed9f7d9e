"""Findings: what the statistics show, by instruction, with severities from one table."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from jobs.report import SAMPLES, CpaReport, Finding, KeyByte, Kind, Place, Severity
from workers.simulation.assessment import Assessment
from workers.simulation.attribution import Attribution, finite
from workers.simulation.limits import Limits
from workers.simulation.ttest import traces_needed


@dataclass(frozen=True, slots=True)
class Severities:
    """Where one severity ends and the next begins."""

    cpa_critical: float = 0.9
    cpa_high: float = 0.7
    tvla_p: float = 1e-4
    tvla_p_critical: float = 1e-8

    def of_correlation(self, rho: float) -> Severity:
        """Grade a correlation that stands clear of the noise; one that gives key bytes away is never below medium."""
        if abs(rho) > self.cpa_critical:
            return Severity.CRITICAL
        return Severity.HIGH if abs(rho) > self.cpa_high else Severity.MEDIUM

    def of_difference(self, p_log10: float, *, confirmed: bool, beyond_chance: bool) -> Severity:
        """Grade a |t| over the threshold: confirmed in both halves, beyond chance over all samples, or neither."""
        if confirmed and p_log10 < math.log10(self.tvla_p):
            return Severity.CRITICAL if p_log10 < math.log10(self.tvla_p_critical) else Severity.HIGH
        return Severity.MEDIUM if beyond_chance else Severity.LOW


SEVERITIES = Severities()
GRADES = tuple(Severity)
TELLING = (
    *(Kind.CPA, Kind.CONTROL_FLOW, Kind.SECRET_ADDRESS, Kind.CYCLES),
    *(Kind.FAULT, Kind.BUDGET, Kind.TVLA_1, Kind.TVLA_2, Kind.BIVARIATE),
)
"""A finding that names the secret comes before one that names a difference."""


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort by severity, then by what tells most, then by size; an infinite value is the largest."""
    return tuple(
        sorted(
            findings,
            key=lambda f: (
                GRADES.index(f.severity),
                TELLING.index(f.kind),
                -(math.inf if f.value is None else abs(f.value)),
                f.place.address,
            ),
        )
    )


def without_echoes(findings: Sequence[Finding]) -> list[Finding]:
    """Drop the second-order findings of instructions that surely leak at first order, and no less.

    Where means differ because one set's data is constant, variances differ for the same reason: it is one leak.
    """
    sure = {f.place.address: GRADES.index(f.severity) for f in findings if f.kind is Kind.TVLA_1 and f.sufficient}
    return [
        finding
        for finding in findings
        if finding.kind is not Kind.TVLA_2
        or sure.get(finding.place.address, len(GRADES)) > GRADES.index(finding.severity)
    ]


def differences(found: Assessment, attribution: Attribution, limits: Limits, *, order: int) -> list[Finding]:
    """Return the t-test's findings of one order, outside declared-public code."""
    t, p_log10, confirmed = (
        (found.t1, found.p_log10_1, found.confirmed_1) if order == 1 else (found.t2, found.p_log10_2, found.confirmed_2)
    )
    beyond = np.abs(t) > limits.corrected if limits.p_log10 is None else p_log10 < limits.p_log10
    # With few tests the boundary of a look lies below the threshold: what decided a campaign is a finding all the same.
    over = ((np.abs(t) > limits.threshold) | beyond) & ~attribution.public_samples
    counts = attribution.count(over)
    _, at = attribution.worst(np.where(over, t, 0.0))
    made = []
    for index in np.flatnonzero(counts):
        sample = int(at[index])
        place = attribution.places[index]
        here = over & (attribution.of_sample == index)
        sure = limits.decided and bool(confirmed[here].any())
        chance = not beyond[here].any()
        severity = SEVERITIES.of_difference(float(p_log10[sample]), confirmed=sure, beyond_chance=not chance)
        made.append(
            Finding(
                kind=Kind.TVLA_1 if order == 1 else Kind.TVLA_2,
                severity=severity,
                place=place,
                title=_difference_title(place, float(t[sample]), order, sure=sure),
                secret=None,
                statistic="t",
                value=finite(float(t[sample])),
                p_log10=finite(float(p_log10[sample])),
                sample=sample,
                samples=int(counts[index]),
                traces=found.traces,
                sufficient=sure or (limits.p_log10 is not None and not chance),
                traces_needed=_needed(found, sample) if order == 1 else None,
            )
        )
    return made


def correlations(found: Assessment, attribution: Attribution, cpa: CpaReport) -> list[Finding]:
    """Return one finding per instruction that gives bytes of a secret away, outside declared-public code.

    A best guess that stands out and is known to be wrong gives nothing away.
    """
    by_address: dict[int, list[KeyByte]] = {}
    for byte in cpa.bytes:
        if byte.confident and byte.rank in {0, None}:
            by_address.setdefault(byte.place.address, []).append(byte)
    made = []
    for group in by_address.values():
        worst = max(group, key=lambda byte: abs(byte.rho))
        if attribution.public_samples[worst.sample]:
            continue
        needed = [byte.traces_to_recover for byte in group if byte.traces_to_recover is not None]
        to = " to whoever knows the masks" if cpa.conditional else ""
        secret = f"{cpa.of} {_numbers([byte.index for byte in group])}"
        made.append(
            Finding(
                kind=Kind.CPA,
                severity=Severity.LOW if cpa.conditional else SEVERITIES.of_correlation(worst.rho),
                place=worst.place,
                title=f"{where(worst.place)} gives away {secret}{to}: correlation {worst.rho:+.2f} with {cpa.what}",
                secret=secret,
                statistic="rho",
                value=worst.rho,
                p_log10=None,
                sample=worst.sample,
                samples=len({byte.sample for byte in group}),
                traces=found.cpa_traces,
                sufficient=True,
                traces_needed=max(needed) if needed else None,
            )
        )
    return made


def where(place: Place) -> str:
    """Name an instruction as a person would; or samples whose instruction is not known."""
    if place.mnemonic == SAMPLES:
        return f"one of samples {place.operands}" if "-" in place.operands else f"sample {place.operands}"
    line = f"{place.file}:{place.line}" if place.file and place.line else None
    named = " in ".join(part for part in (line, place.function) if part)
    instruction = f"{place.mnemonic} {place.operands}".strip()
    return f"{named or hex(place.address)} ({instruction})"


def _difference_title(place: Place, t: float, order: int, *, sure: bool) -> str:
    moment = "mean" if order == 1 else "variance"
    size = f"|t| {abs(t):.1f}" if np.isfinite(t) else "a difference without any noise"
    tail = "" if sure else "; not confirmed in both halves"
    return f"{where(place)} depends on the inputs in its {moment} power: {size}{tail}"


def _needed(found: Assessment, sample: int) -> int | None:
    effect = float(found.effect[sample])
    return traces_needed(effect) if 0 < effect < math.inf else None


def _numbers(indices: Sequence[int]) -> str:
    """Write 0,1,2,5 as `bytes 0-2, 5`."""
    runs: list[list[int]] = []
    for index in sorted(indices):
        if runs and index == runs[-1][-1] + 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    text = ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
    return f"byte{'s' if len(indices) > 1 else ''} {text}"
