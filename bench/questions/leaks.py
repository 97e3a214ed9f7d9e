"""What leaks in a build, before and after a patch, and the findings that a campaign reports for it."""

import math
from dataclasses import dataclass, field, replace

import numpy as np

from jobs.report import Finding, Kind, Place, Severity

TRACES = 2000
CORRECTED = 5.2
"""Threshold of |t| corrected for the number of samples."""
SEVERITIES = tuple(Severity)
TELLING = (Kind.CPA, Kind.CONTROL_FLOW, Kind.TVLA_1, Kind.TVLA_2)


@dataclass(frozen=True, slots=True)
class Leaks:
    """By index of the instruction."""

    t1: dict[int, tuple[float, bool]] = field(default_factory=dict)
    """First-order t, and whether both halves confirm it."""
    t2: dict[int, tuple[float, bool]] = field(default_factory=dict)
    rho: dict[int, tuple[float, tuple[int, ...]]] = field(default_factory=dict)
    """Correlation, and the key bytes that it gives away."""
    diverged: dict[int, int] = field(default_factory=dict)
    """Executions that left the path here."""


def draw(count: int, *, keyed: bool, rng: np.random.Generator) -> Leaks:
    """Draw the leaks of a build: 33 instructions with fewer than 40 findings; `keyed` ones give key bytes away."""
    at = [int(index) for index in rng.permutation(count)[:40]]
    signs = rng.choice([-1, 1], 40)

    def size(index: int, low: float, high: float) -> float:
        return round(float(signs[index] * rng.uniform(low, high)), 2)

    t1 = {at[i]: (size(i, 8, 34), True) for i in range(16)}
    t1 |= {at[i]: (size(i, 4.7, 5.6), True) for i in range(16, 20)}
    t1 |= {at[i]: (size(i, 5.3, 6.4), False) for i in range(20, 24)}
    t1 |= {at[i]: (size(i, 4.55, 5.1), False) for i in range(24, 28)}
    t2 = {at[i]: (size(i, 6, 14), True) for i in range(28, 31)}
    diverged = {at[31]: int(rng.integers(100, 900)), at[32]: int(rng.integers(100, 900))}
    rho: dict[int, tuple[float, tuple[int, ...]]] = {}
    if keyed:
        groups: tuple[tuple[int, ...], ...] = ((0,), (3,), (5,), (7,), (9,), (12, 13))
        levels = (0.96, 0.93, 0.84, 0.76, 0.62, 0.71)
        rho = {at[i]: (round(level + float(rng.uniform(0, 0.02)), 3), groups[i]) for i, level in enumerate(levels)}
    return Leaks(t1=t1, t2=t2, rho=rho, diverged=diverged)


def patched(before: Leaks) -> Leaks:
    """Return what is left after a patch: nine leaks gone, two faint, one grown, the others as they were.

    A leak is gone in every statistic or in none, and what stays moves by less than a hundredth: any sensible way of
    comparing sees the same.
    """
    strong = list(before.t1)[:16]
    gone, faint, grown = {*strong[:4], *strong[6:11]}, {*strong[11:13]}, list(before.t1)[16]
    t1 = {index: (round(t * 1.004, 2), sure) for index, (t, sure) in before.t1.items() if index not in gone | faint}
    t1 |= dict.fromkeys(faint, (5.4, False))
    t1[grown] = (27.5, True)
    keep = {index: rho for index, rho in before.rho.items() if index not in gone}
    return replace(before, t1=t1, rho=keep)


def findings(leaks: Leaks, places: tuple[Place, ...], traces: int = TRACES) -> tuple[Finding, ...]:
    """Return the findings as a campaign would report them, worst first."""
    made = [_difference(Kind.TVLA_1, index, found, places, traces) for index, found in leaks.t1.items()]
    made += [_difference(Kind.TVLA_2, index, found, places, traces) for index, found in leaks.t2.items()]
    made += [_correlation(index, rho, key, places, traces) for index, (rho, key) in leaks.rho.items()]
    made += [_divergence(index, left, places, traces) for index, left in leaks.diverged.items()]
    return tuple(
        sorted(
            made,
            key=lambda f: (
                SEVERITIES.index(f.severity),
                TELLING.index(f.kind),
                -abs(f.value or 0),
                f.place.address,
            ),
        )
    )


def p_log10(t: float) -> float:
    """Return log10 of the two-sided p-value of a t with many degrees of freedom."""
    return math.log10(math.erfc(abs(t) / math.sqrt(2)))


def _difference(kind: Kind, index: int, found: tuple[float, bool], places: tuple[Place, ...], traces: int) -> Finding:
    t, sure = found
    moment = "mean" if kind is Kind.TVLA_1 else "variance"
    tail = "" if sure else "; not confirmed in both halves"
    p = p_log10(t)
    if sure:
        severity = Severity.CRITICAL if p < -8 else Severity.HIGH
    else:
        severity = Severity.MEDIUM if abs(t) > CORRECTED else Severity.LOW
    return Finding(
        kind=kind,
        severity=severity,
        place=places[index],
        title=f"{_where(places[index])} depends on the inputs in its {moment} power: |t| {abs(t):.1f}{tail}",
        secret=None,
        statistic="t",
        value=t,
        p_log10=round(p, 3),
        sample=index,
        samples=1,
        traces=traces,
        sufficient=sure,
        traces_needed=math.ceil(traces * (4.5 / t) ** 2) if kind is Kind.TVLA_1 else None,
    )


def _correlation(index: int, rho: float, key: tuple[int, ...], places: tuple[Place, ...], traces: int) -> Finding:
    secret = f"key byte {key[0]}" if len(key) == 1 else f"key bytes {key[0]}-{key[-1]}"
    severity = Severity.CRITICAL if rho > 0.9 else Severity.HIGH if rho > 0.7 else Severity.MEDIUM
    return Finding(
        kind=Kind.CPA,
        severity=severity,
        place=places[index],
        title=f"{_where(places[index])} gives away {secret}: correlation {rho:+.2f} with the S-box output",
        secret=secret,
        statistic="rho",
        value=rho,
        p_log10=None,
        sample=index,
        samples=1,
        traces=traces // 2,
        sufficient=True,
        traces_needed=traces // 8,
    )


def _divergence(index: int, left: int, places: tuple[Place, ...], traces: int) -> Finding:
    return Finding(
        kind=Kind.CONTROL_FLOW,
        severity=Severity.HIGH,
        place=places[index],
        title=f"{_where(places[index])} decides by the inputs: {left} of {traces} executions left the reference path here",
        secret=None,
        statistic="executions",
        value=left / traces,
        p_log10=None,
        sample=None,
        samples=0,
        traces=traces,
        sufficient=True,
        traces_needed=None,
    )


def _where(place: Place) -> str:
    return f"{place.file}:{place.line} in {place.function} ({place.mnemonic} {place.operands})"
