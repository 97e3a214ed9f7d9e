"""Whether an instruction leaks less or more than before: from intervals of its effects, not from thresholds alone.

The effect of an instruction is that of its worst sample. An interval of it covers all its samples at once (Bonferroni),
and all intervals of a comparison hold together with the confidence FAMILY leaves. *Better* and *worse* are intervals apart
from each other; *unchanged* takes that no change as large as the effect the campaigns look for is left possible (the
logic of equivalence tests: Schuirmann 1987, J. Pharmacokinet. Biopharm. 15:657); everything else is *unknown*. Pure.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import NormalDist
from typing import Literal, NamedTuple

from jobs.report import Row
from web.compared import Side

Judgement = Literal["better", "worse", "unchanged", "unknown"]
Statistic = Literal["t1", "t2", "rho"]
FAMILY = 0.05
"""Probability that any interval of a comparison misses the effect."""
WORDS: Mapping[Statistic, str] = {
    "t1": "first-order effect",
    "t2": "second-order effect",
    "rho": "correlation with the attacked value",
}
_GUESSES = 256
"""Over which the largest correlation of a sample is taken where the key is not known, beside the bytes."""


class Interval(NamedTuple):
    """An effect: standard deviations between the sets of the t-test, or a correlation."""

    value: float | None
    """None: infinite."""
    low: float | None
    high: float | None


class Evidence(NamedTuple):
    """What one statistic says."""

    statistic: Statistic
    before: Interval
    after: Interval
    judgement: Judgement


class Judged(NamedTuple):
    """What became of an instruction, or of several taken together."""

    judgement: Judgement
    why: str
    evidence: tuple[Evidence, ...]


class Judge:
    """Judges instructions of two reports."""

    def __init__(self, before: Side, after: Side) -> None:
        """See which statistics both have, and how wide intervals have to be."""
        self._sides = before, after
        self._traces = before.traces == after.traces
        self._noise = before.noise_sigma == after.noise_sigma
        self._statistics = tuple(_shared(before, after))
        samples = max(sum(row.executions for row in side.rows) for side in self._sides)
        # Two sides of an interval, two campaigns.
        self._share = FAMILY / (4 * max(samples, 1) * max(len(self._statistics), 1))
        self._margin = min(side.request.minimum_effect for side in self._sides)

    def judge(self, before: Sequence[Row], after: Sequence[Row]) -> Judged:
        """Say what became of instructions: the rows of one or of several in each report, none where it did not run."""
        if not before and not after:
            return Judged("unknown", "neither report has statistics of it", ())
        if not before or not after:
            where = "after" if not before else "before"
            return Judged("unknown", f"it runs only {where} the change", ())
        if self._traces and _numbers(before) == _numbers(after):
            return Judged("unchanged", "every statistic is the same number", ())
        if not self._noise:
            return Judged("unknown", "the noise differs, so effects in standard deviations are not comparable", ())
        evidence = tuple(
            each for statistic in self._statistics if (each := self._seen(statistic, before, after)) is not None
        )
        if not evidence:
            return Judged("unknown", "no statistic was computed in both campaigns", ())
        judgement = _together({each.judgement for each in evidence})
        return Judged(judgement, _why(judgement, evidence, self._margin), evidence)

    def _seen(self, statistic: Statistic, before: Sequence[Row], after: Sequence[Row]) -> Evidence | None:
        first, second = (
            self._interval(statistic, rows, side) for rows, side in zip((before, after), self._sides, strict=True)
        )
        if first is None or second is None:
            return None
        return Evidence(statistic, first, second, self._compared(statistic, first, second))

    def _compared(self, statistic: Statistic, before: Interval, after: Interval) -> Judgement:
        if before.value is None or after.value is None:
            if before.value is after.value:
                return "unchanged"
            return "worse" if after.value is None else "better"
        lows = before.low or 0.0, after.low or 0.0
        highs = before.high or 0.0, after.high or 0.0
        if lows[1] > highs[0]:
            return "worse"
        if highs[1] < lows[0]:
            return "better"
        margin = self._margin if statistic != "rho" else _as_correlation(self._margin)
        return "unchanged" if max(highs[1] - lows[0], highs[0] - lows[1]) <= margin else "unknown"

    def _interval(self, statistic: Statistic, rows: Sequence[Row], side: Side) -> Interval | None:
        if statistic == "t1" and any(row.deterministic for row in rows):
            return Interval(None, None, None)
        values = [value for row in rows if (value := _value(statistic, row)) is not None]
        if not values:
            return None
        return self._of_rho(max(values), side) if statistic == "rho" else self._of_t(max(values), side)

    def _of_t(self, t: float, side: Side) -> Interval | None:
        """Return the effect behind t, with the variance of Hedges and Olkin 1985 (their d)."""
        if side.tvla is None or not side.tvla.traces_fixed or not side.tvla.traces_random:
            return None
        fixed, varied = side.tvla.traces_fixed, side.tvla.traces_random
        scale = math.sqrt(1 / fixed + 1 / varied)
        effect = t * scale
        error = self._z(1) * math.sqrt(scale**2 + effect**2 / (2 * (fixed + varied)))
        return Interval(effect, max(effect - error, 0.0), effect + error)

    def _of_rho(self, rho: float, side: Side) -> Interval | None:
        """Return a correlation with its interval after Fisher."""
        attack = side.cpa
        if attack is None or attack.traces <= 3:
            return None
        taken = len(attack.bytes) * (1 if attack.key_known else _GUESSES)
        error = self._z(taken) / math.sqrt(attack.traces - 3)
        middle = math.atanh(min(rho, 1 - 1e-12))
        return Interval(rho, max(math.tanh(middle - error), 0.0), math.tanh(middle + error))

    def _z(self, times: int) -> float:
        return NormalDist().inv_cdf(1 - self._share / times)


def _shared(before: Side, after: Side) -> Iterable[Statistic]:
    """Return what both reports have, of the orders that count for a verdict in both."""
    if before.tvla is not None and after.tvla is not None:
        yield "t1"
        if min(before.request.assess_order, after.request.assess_order) > 1:
            yield "t2"
    if before.request.cpa is not None and before.request.cpa == after.request.cpa:
        yield "rho"


def _value(statistic: Statistic, row: Row) -> float | None:
    return {"t1": row.max_abs_t1, "t2": row.max_abs_t2, "rho": row.max_abs_rho}[statistic]


def _numbers(rows: Sequence[Row]) -> list[tuple[object, ...]]:
    told = [(row.max_abs_t1, row.max_abs_t2, row.max_abs_rho, row.deterministic, row.executions) for row in rows]
    return sorted(told, key=repr)


def _together(judgements: set[Judgement]) -> Judgement:
    """Return what holds of all statistics together: worse by one of them is worse."""
    order: tuple[Judgement, ...] = ("worse", "better", "unknown", "unchanged")
    return next(judgement for judgement in order if judgement in judgements)


def _why(judgement: Judgement, evidence: Sequence[Evidence], margin: float) -> str:
    told = next(each for each in evidence if each.judgement == judgement)
    text = f"{WORDS[told.statistic]} {_shown(told.before)} before, {_shown(told.after)} after"
    if judgement == "unchanged":
        return f"{text}: no change of {margin:g} standard deviations is possible"
    if judgement == "unknown":
        return f"{text}: the intervals overlap, and leave a change of {margin:g} standard deviations possible"
    other = next((each for each in evidence if judgement == "worse" and each.judgement == "better"), None)
    return text if other is None else f"{text}; but the {WORDS[other.statistic]} shrank"


def _shown(interval: Interval) -> str:
    if interval.value is None or interval.low is None or interval.high is None:
        return "infinite"
    return f"{interval.value:.2f} ({interval.low:.2f} to {interval.high:.2f})"


def _as_correlation(effect: float) -> float:
    """Return the correlation of an effect between two sets of the same size (Cohen 1988)."""
    return effect / math.sqrt(effect**2 + 4)
