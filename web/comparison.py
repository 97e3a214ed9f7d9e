"""Two reports of one measurement, before and after a change: which findings came, went, grew or shrank.

Instructions of one build are the same by address; of two builds by function, source line and mnemonic, and by their order
among equals. What differs by less than chance explains is the same. Pure.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Literal, NamedTuple

from jobs.report import Finding, Place, Row, Severity
from web.compared import Measured, attacked, checked, shared_kinds
from web.judging import Judge, Judged
from web.patching import Line, patched
from web.refusals import NotComparable

Change = Literal["new", "gone", "stronger", "weaker", "same"]
Trend = Literal["better", "worse", "mixed", "same", "inconclusive"]
CHANCE = 3.0
"""Standard errors that a difference must exceed."""
COUNTED = frozenset({Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM})
"""Severities that make a verdict."""
Key = tuple[object, ...]


class FindingPair(NamedTuple):
    """A finding as both reports have it; at least one does."""

    change: Change
    before: Finding | None
    after: Finding | None


class RowPair(NamedTuple):
    """An executed instruction as both reports have it; at least one does."""

    before: Row | None
    after: Row | None
    judged: Judged


class Comparison(NamedTuple):
    """What changed."""

    trend: Trend
    findings: tuple[FindingPair, ...]
    """Changes first, each of them worst first."""
    rows: tuple[RowPair, ...]
    """The greatest change of |t| first."""
    lines: tuple[Line, ...]
    """What changed by source line, the worst first; lines without a change are left out."""
    warnings: tuple[str, ...]


def compare(before: Measured, after: Measured) -> Comparison:
    """Return what changed from `before` to `after`; raise NotComparable."""
    _check(before, after)
    same_build = before.firmware.sha256 == after.firmware.sha256
    keys = [_keys(side, same_build=same_build) for side in (before, after)]
    findings = tuple(sorted(_findings(before, after, *keys), key=_worst_first))
    judge = Judge(before, after)
    rows = tuple(sorted(_rows(before, after, *keys, judge=judge), key=_greatest_first))
    lines = patched(before, after, judge)
    return Comparison(_trend(findings, after), findings, rows, lines, tuple(_warnings(before, after)))


def _check(before: Measured, after: Measured) -> None:
    """Raise NotComparable for reports of different firmware, or that measured in different ways."""
    first, second = before.request, after.request
    if first.target.core is not second.target.core:
        raise NotComparable(f"One ran on {first.target.core}, the other on {second.target.core}.", reason="firmware")
    functions = [{row.place.function for row in side.rows} - {None} for side in (before, after)]
    if before.firmware.sha256 != after.firmware.sha256 and not functions[0] & functions[1]:
        raise NotComparable("The two firmware images have no executed function in common.", reason="firmware")
    for name, ours, theirs in (
        ("plan", first.plan, second.plan),
        ("target.entry", first.target.entry, second.target.entry),
        ("power.model", first.power.model, second.power.model),
        ("power.sampling", first.power.sampling, second.power.sampling),
    ):
        if ours != theirs:
            raise NotComparable(f"{name} differs: {ours} before, {theirs} after.", reason="plan")


def _keys(side: Measured, *, same_build: bool) -> Mapping[int, Key]:
    """Return what each instruction of a report is known by in the other one, by address."""
    places = {place.address: place for place in _places(side)}
    if same_build:
        return {address: (address,) for address in places}
    seen: Counter[Key] = Counter()
    keys: dict[int, Key] = {}
    for address in sorted(places):
        place = places[address]
        alike: Key = (place.function, place.file, place.line, place.mnemonic)
        keys[address] = (*alike, seen[alike])
        seen[alike] += 1
    return keys


def _places(side: Measured) -> Iterable[Place]:
    yield from (row.place for row in side.rows)
    yield from (finding.place for finding in side.findings)


def _findings(
    before: Measured, after: Measured, keys_before: Mapping[int, Key], keys_after: Mapping[int, Key]
) -> Iterable[FindingPair]:
    kinds = shared_kinds(before, after)
    ours, theirs = (
        {
            (
                finding.kind,
                finding.secret,
                keys[finding.place.address],
                None if finding.partner is None else keys.get(finding.partner.address),
            ): finding
            for finding in side.findings
            if finding.kind in kinds
        }
        for side, keys in ((before, keys_before), (after, keys_after))
    )
    for key in dict.fromkeys((*ours, *theirs)):
        old, new = ours.get(key), theirs.get(key)
        yield FindingPair(_change(old, new), old, new)


def _change(old: Finding | None, new: Finding | None) -> Change:
    if old is None:
        return "new"
    if new is None:
        return "gone"
    difference = _difference(old, new)
    if abs(difference) <= CHANCE:
        return "same"
    return "stronger" if difference > 0 else "weaker"


def _difference(old: Finding, new: Finding) -> float:
    """Return by how many standard errors the effect has grown; an infinite one is more than any other."""
    if old.value is None or new.value is None:
        return 0.0 if old.value is new.value else math.inf if new.value is None else -math.inf
    return STATISTICS[new.statistic](abs(old.value), old.traces, abs(new.value), new.traces)


def _by_t(old: float, old_traces: int, new: float, new_traces: int) -> float:
    """Compare effects: t grows with the root of the traces and has a standard error of one."""
    scales = [2 / math.sqrt(max(traces, 1)) for traces in (old_traces, new_traces)]
    return (new * scales[1] - old * scales[0]) / math.hypot(*scales)


def _by_rho(old: float, old_traces: int, new: float, new_traces: int) -> float:
    """Compare correlations, after Fisher."""
    bounded = [math.atanh(min(rho, 1 - 1e-9)) for rho in (old, new)]
    errors = [1 / math.sqrt(max(traces - 3, 1)) for traces in (old_traces, new_traces)]
    return (bounded[1] - bounded[0]) / math.hypot(*errors)


def _by_share(old: float, old_traces: int, new: float, new_traces: int) -> float:
    """Compare shares of executions, by their pooled binomial error."""
    counts = [max(traces, 1) for traces in (old_traces, new_traces)]
    pooled = (old * counts[0] + new * counts[1]) / sum(counts)
    error = math.sqrt(pooled * max(1 - pooled, 0) * (1 / counts[0] + 1 / counts[1]))
    return (new - old) / error if error else 0.0


STATISTICS: dict[str, Callable[[float, int, float, int], float]] = {
    "t": _by_t,
    "rho": _by_rho,
    "executions": _by_share,
}


def _rows(
    before: Measured, after: Measured, keys_before: Mapping[int, Key], keys_after: Mapping[int, Key], *, judge: Judge
) -> Iterable[RowPair]:
    ours, theirs = (
        {keys[row.place.address]: row for row in side.rows}
        for side, keys in ((before, keys_before), (after, keys_after))
    )
    for key in dict.fromkeys((*ours, *theirs)):
        old, new = ours.get(key), theirs.get(key)
        yield RowPair(old, new, judge.judge([old] if old else [], [new] if new else []))


def _worst_first(pair: FindingPair) -> tuple[bool, int, float]:
    severities = tuple(Severity)
    shown = [finding for finding in pair[1:] if finding is not None]
    worst = min(severities.index(finding.severity) for finding in shown)
    strength = max(math.inf if finding.value is None else abs(finding.value) for finding in shown)
    return pair.change == "same", worst, -strength


def _greatest_first(pair: RowPair) -> float:
    old, new = _strength(pair.before), _strength(pair.after)
    # Two infinite ones differ by nothing.
    return 0.0 if old == new else -abs(new - old)


def _strength(row: Row | None) -> float:
    if row is None:
        return 0.0
    return math.inf if row.deterministic else row.max_abs_t1 or 0.0


def _trend(findings: Iterable[FindingPair], after: Measured) -> Trend:
    """Say where the findings that make a verdict have gone."""
    counts = (pair for pair in findings if any(one is not None and one.severity in COUNTED for one in pair[1:]))
    changes = {pair.change for pair in counts}
    worse, better = bool(changes & {"new", "stronger"}), bool(changes & {"gone", "weaker"})
    if worse:
        return "mixed" if better else "worse"
    if not after.sufficiency.sufficient:
        # What was not seen may still be there.
        return "inconclusive"
    return "better" if better else "same"


def _warnings(before: Measured, after: Measured) -> Iterable[str]:
    first, second = before.request, after.request
    if first.power.noise_sigma != second.power.noise_sigma:
        yield f"The noise differs: sigma {first.power.noise_sigma:g} before, {second.power.noise_sigma:g} after."
    if first.assess_order != second.assess_order:
        yield f"The order that counts differs: {first.assess_order} before, {second.assess_order} after."
    if (first.cpa is None) != (second.cpa is None):
        yield "Only one of them ran the correlation attack: its findings are left out."
    elif (ours := attacked(before)) != (theirs := attacked(after)):
        yield f"One attacked {ours}, the other {theirs}: findings of the attack are left out."
    yield from _looked_for(before, after)
    if first.sequential is not None or second.sequential is not None:
        yield "A sequential campaign stops where it has seen enough, so its effects come out larger than they are."
    for name, side in (("before", before), ("after", after)):
        if not side.sufficiency.sufficient:
            yield f"Too few traces {name}: {side.sufficiency.why}"


def _looked_for(before: Measured, after: Measured) -> Iterable[str]:
    """Say what only one of them looked for, beside the attack."""
    first, second = before.request.bivariate, after.request.bivariate
    if (first is None) != (second is None):
        yield "Only one of them tested pairs of samples: these findings are left out."
    elif first != second:
        yield "Pairs of samples were tested in different windows: what lies in one of them alone comes out new or gone."
    if checked(before) != checked(after):
        yield (
            "They did not compare executions that differ in secrets alone in the same way: findings of control flow, "
            "addresses and cycles are left out."
        )
