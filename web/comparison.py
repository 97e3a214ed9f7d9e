"""Two reports of one measurement, before and after a change: which findings came, went, grew or shrank.

Instructions of one build are the same by address; of two builds by function, source line and mnemonic, and by their order
among equals. Samples of measured traces whose program is not known are the same by number. What differs by less than
chance explains is the same. Pure.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Literal, NamedTuple

from jobs.report import SAMPLES, Finding, Place, Row, Severity
from web.comparable import check, warnings
from web.compared import Side, shared_kinds
from web.judging import Judge, Judged
from web.patching import Line, patched

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
    """An executed instruction, or samples that belong to none, as both reports have it; at least one does."""

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
    """What changed by source line, the worst first; lines without a change are left out. None without firmware."""
    warnings: tuple[str, ...]


def compare(before: Side, after: Side) -> Comparison:
    """Return what changed from `before` to `after`; raise NotComparable."""
    check(before, after)
    same_build = _sha256(before) == _sha256(after)
    keys = [_keys(side, same_build=same_build) for side in (before, after)]
    findings = tuple(sorted(_findings(before, after, *keys), key=_worst_first))
    judge = Judge(before, after)
    rows = tuple(sorted(_rows(before, after, *keys, judge=judge), key=_greatest_first))
    lines = patched(before, after, judge)
    return Comparison(_trend(findings, after), findings, rows, lines, tuple(warnings(before, after)))


def _sha256(side: Side) -> str | None:
    return None if side.firmware is None else side.firmware.sha256


def _keys(side: Side, *, same_build: bool) -> Mapping[int, Key]:
    """Return what each instruction of a report is known by in the other one, by address."""
    places = {place.address: place for place in _places(side)}
    if same_build:
        return {address: (address,) for address in places}
    seen: Counter[Key] = Counter()
    keys: dict[int, Key] = {}
    for address in sorted(places):
        place = places[address]
        if place.mnemonic == SAMPLES:
            # Their address says which they are, in every build.
            keys[address] = (SAMPLES, address)
            continue
        alike: Key = (place.function, place.file, place.line, place.mnemonic)
        keys[address] = (*alike, seen[alike])
        seen[alike] += 1
    return keys


def _places(side: Side) -> Iterable[Place]:
    yield from (row.place for row in side.rows)
    yield from (finding.place for finding in side.findings)


def _findings(
    before: Side, after: Side, keys_before: Mapping[int, Key], keys_after: Mapping[int, Key]
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
        if old is None or new is None:
            yield FindingPair("new" if old is None else "gone", old, new)
        else:
            yield FindingPair(_change(_difference(old, _behind(old, before), new, _behind(new, after))), old, new)


def _change(difference: float) -> Change:
    if abs(difference) <= CHANCE:
        return "same"
    return "stronger" if difference > 0 else "weaker"


def _behind(finding: Finding, side: Side) -> float:
    """Return the traces behind a statistic: of a t between unequal sets, as many as tell as much in equal ones."""
    if finding.statistic != "t" or side.tvla is None:
        return finding.traces
    fixed, varied = side.tvla.traces_fixed, side.tvla.traces_random
    return finding.traces * 4 * fixed * varied / max(fixed + varied, 1) ** 2


def _difference(old: Finding, old_traces: float, new: Finding, new_traces: float) -> float:
    """Return by how many standard errors the effect has grown; an infinite one is more than any other."""
    if old.value is None or new.value is None:
        return 0.0 if old.value is new.value else math.inf if new.value is None else -math.inf
    return STATISTICS[new.statistic](abs(old.value), old_traces, abs(new.value), new_traces)


def _by_t(old: float, old_traces: float, new: float, new_traces: float) -> float:
    """Compare effects, which are t over the root of the traces, with the variance of Hedges and Olkin 1985."""
    effects = [2 * t / math.sqrt(max(traces, 1)) for t, traces in ((old, old_traces), (new, new_traces))]
    errors = [
        math.sqrt((4 + effect**2 / 2) / max(traces, 1))
        for effect, traces in zip(effects, (old_traces, new_traces), strict=True)
    ]
    return (effects[1] - effects[0]) / math.hypot(*errors)


def _by_rho(old: float, old_traces: float, new: float, new_traces: float) -> float:
    """Compare correlations, after Fisher."""
    bounded = [math.atanh(min(rho, 1 - 1e-9)) for rho in (old, new)]
    errors = [1 / math.sqrt(max(traces - 3, 1)) for traces in (old_traces, new_traces)]
    return (bounded[1] - bounded[0]) / math.hypot(*errors)


def _by_share(old: float, old_traces: float, new: float, new_traces: float) -> float:
    """Compare shares of executions, by their pooled binomial error."""
    counts = [max(traces, 1) for traces in (old_traces, new_traces)]
    pooled = (old * counts[0] + new * counts[1]) / sum(counts)
    error = math.sqrt(pooled * max(1 - pooled, 0) * (1 / counts[0] + 1 / counts[1]))
    return (new - old) / error if error else 0.0


STATISTICS: dict[str, Callable[[float, float, float, float], float]] = {
    "t": _by_t,
    "rho": _by_rho,
    "executions": _by_share,
}


def _rows(
    before: Side, after: Side, keys_before: Mapping[int, Key], keys_after: Mapping[int, Key], *, judge: Judge
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


def _trend(findings: Iterable[FindingPair], after: Side) -> Trend:
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
