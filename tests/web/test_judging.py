"""Verdicts on instructions: how often they are wrong, and that they see what is there."""

from typing import Any

import numpy as np
import pytest

from jobs.report import Report, Row
from tests.workers.simulation.reports import synthetic
from web.compared import Side
from web.judging import FAMILY, Judge, Judged

SAMPLES, EACH = 40, 400


def measured(report: Report, **changes: Any) -> Side:
    document = report.model_dump(mode="json")
    for name, value in changes.items():
        part, _, field = name.partition("__")
        if field:
            document[part][field] = value
        else:
            document[part] = value
    return Side.model_validate(document)


@pytest.fixture(scope="module")
def report() -> Report:
    return synthetic("no-cpa")


def row(report: Report, t1: float | None, *, t2: float | None = 0.0, **more: Any) -> Row:
    return report.rows[0].model_copy(
        update={"max_abs_t1": t1, "max_abs_t2": t2, "deterministic": False, "executions": SAMPLES, **more}
    )


def judge_of(report: Report, each: int = EACH, **changes: Any) -> Judge:
    """Return the judge of two campaigns of one instruction with SAMPLES samples, `each` traces a set."""
    one = row(report, 0.0).model_dump(mode="json")
    sides = [
        measured(
            report, rows=[one], findings=[], tvla__traces_fixed=each, tvla__traces_random=each, traces=total, **more
        )
        for total, more in ((2 * each, {}), (2 * each + 1, changes))
    ]
    return Judge(*sides)


def judged(judge: Judge, before: Row, after: Row) -> Judged:
    return judge.judge([before], [after])


def largest_t(effects: Any, rng: np.random.Generator) -> float:
    """Measure SAMPLES samples with these effects and return the largest |t|, by Welch."""
    fixed = rng.standard_normal((SAMPLES, EACH)) + np.asarray(effects)[:, None]
    varied = rng.standard_normal((SAMPLES, EACH))
    error = np.sqrt(fixed.var(axis=1, ddof=1) / EACH + varied.var(axis=1, ddof=1) / EACH)
    return float(np.abs((fixed.mean(axis=1) - varied.mean(axis=1)) / error).max())


@pytest.mark.parametrize("effect", [0.0, 0.4, 3.0])
def test_an_instruction_that_did_not_change_is_seldom_called_better_or_worse(report: Report, effect: float) -> None:
    rng = np.random.default_rng(7)
    judge = judge_of(report)
    effects = np.zeros(SAMPLES)
    effects[:3] = effect
    verdicts, missed = [], 0

    for _ in range(300):
        one, other = (row(report, largest_t(effects, rng)) for _ in range(2))
        found = judged(judge, one, other)
        verdicts.append(found.judgement)
        interval = found.evidence[0].before
        missed += not (interval.low or 0.0) <= effect <= (interval.high or 0.0)

    assert verdicts.count("better") + verdicts.count("worse") <= FAMILY * 300
    assert missed <= FAMILY * 300


def test_a_leak_that_comes_or_goes_is_seen(report: Report) -> None:
    rng = np.random.default_rng(7)
    judge = judge_of(report)
    clean, leaking = np.zeros(SAMPLES), np.zeros(SAMPLES)
    leaking[11] = 1.5

    for _ in range(20):
        before, after = row(report, largest_t(clean, rng)), row(report, largest_t(leaking, rng))
        assert judged(judge, before, after).judgement == "worse"
        assert judged(judge, after, before).judgement == "better"


def test_unchanged_is_said_only_where_no_change_that_matters_is_possible(report: Report) -> None:
    few, many = judge_of(report, 400), judge_of(report, 40_000)
    one, other = row(report, 2.1), row(report, 2.4)

    assert judged(few, one, other).judgement == "unknown"
    assert "the intervals overlap" in judged(few, one, other).why
    assert judged(many, one, other).judgement == "unchanged"
    assert "no change of 0.2 standard deviations is possible" in judged(many, one, other).why


def test_an_infinite_effect_is_worse_than_any_other(report: Report) -> None:
    judge = judge_of(report)
    certain, other = row(report, None, deterministic=True), row(report, 300.0)

    assert judged(judge, other, certain).judgement == "worse"
    assert judged(judge, certain, other).judgement == "better"
    assert judged(judge, certain, row(report, None, t2=0.1, deterministic=True)).evidence[0].judgement == "unchanged"
    assert "infinite before" in judged(judge, certain, other).why


def test_second_order_counts_where_it_counts_for_both_verdicts(report: Report) -> None:
    before, after = row(report, 1.0, t2=1.0), row(report, 1.0, t2=40.0)

    both, first = (
        judge_of(report),
        judge_of(report, request={**report.request.model_dump(mode="json"), "assess_order": 1}),
    )

    assert judged(both, before, after).judgement == "worse"
    assert judged(both, before, after).why.startswith("second-order effect")
    assert [each.statistic for each in judged(first, before, after).evidence] == ["t1"]


def test_one_statistic_that_got_worse_is_not_outweighed_by_another(report: Report) -> None:
    found = judged(judge_of(report), row(report, 40.0, t2=1.0), row(report, 1.0, t2=40.0))

    assert found.judgement == "worse"
    assert found.why.endswith("but the first-order effect shrank")


def test_correlations_are_compared_where_both_attacked_the_same() -> None:
    attacked = synthetic("leaks")
    sides = measured(attacked), measured(attacked, traces=attacked.traces + 1)
    one, other = (row(attacked, 1.0, max_abs_rho=rho) for rho in (0.1, 0.6))

    found = Judge(*sides).judge([one], [other])
    apart = Judge(sides[0], measured(attacked, request={**attacked.request.model_dump(mode="json"), "cpa": None}))

    assert (found.judgement, found.evidence[-1].statistic) == ("worse", "rho")
    assert (found.evidence[-1].after.low or 0) < 0.6 < (found.evidence[-1].after.high or 0)
    assert "rho" not in {each.statistic for each in apart.judge([one], [other]).evidence}


def test_the_interval_of_a_correlation_is_that_of_the_traces_and_bytes_that_were_attacked() -> None:
    attacked = synthetic("leaks")
    one, other = (row(attacked, 1.0, max_abs_rho=rho) for rho in (0.1, 0.6))
    document = attacked.model_dump(mode="json")

    def width(**changes: Any) -> float:
        sides = [measured(attacked, traces=traces, **changes) for traces in (attacked.traces, attacked.traces + 1)]
        seen = Judge(*sides).judge([one], [other]).evidence[-1].before
        return (seen.high or 0.0) - (seen.low or 0.0)

    half = width(cpa__traces=document["cpa"]["traces"] // 2)
    twice = width(cpa__bytes=[*document["cpa"]["bytes"], *document["cpa"]["bytes"]])
    assert width() < half
    assert width() < twice < half


def test_what_cannot_be_compared_is_unknown_and_says_why(report: Report) -> None:
    noisier = {**report.request.model_dump(mode="json")}
    noisier["power"] = {**noisier["power"], "noise_sigma": 3.0}
    one = row(report, 2.0)

    assert judge_of(report).judge([one], []).why == "it runs only before the change"
    assert judge_of(report).judge([], [one]).why == "it runs only after the change"
    assert judge_of(report, request=noisier).judge([one], [one]).why.startswith("the noise differs")
    absent = judge_of(report, tvla=None, tvla_absent="no sets").judge([one], [one])
    assert (absent.judgement, absent.why) == ("unknown", "no statistic was computed in both campaigns")


def test_the_same_numbers_are_unchanged_however_few_traces_there_are(report: Report) -> None:
    side = measured(report)

    found = Judge(side, side).judge([row(report, 3.0)], [row(report, 3.0)])

    assert (found.judgement, found.why) == ("unchanged", "every statistic is the same number")
