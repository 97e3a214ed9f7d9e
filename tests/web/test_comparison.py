"""What two reports have in common, and what became of their findings."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from jobs.report import Report
from tests.workers.simulation.reports import synthetic
from web.compared import Side
from web.comparison import compare
from web.refusals import NotComparable

REBUILT = "7f" * 32


def measured(report: Report) -> Side:
    return Side.model_validate_json(report.model_dump_json())


def changed(report: Report, change: Callable[[dict[str, Any]], None]) -> Side:
    """Return what is compared of a report after a change to its document."""
    document = report.model_dump(mode="json")
    change(document)
    return Side.model_validate(document)


def rebuilt(document: dict[str, Any]) -> None:
    """Let the code be another build's: everything lies 64 bytes further on."""
    document["firmware"]["sha256"] = REBUILT
    for told in (*document["rows"], *document["findings"]):
        told["place"]["address"] += 64


def t_findings(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [finding for finding in document["findings"] if finding["statistic"] == "t" and finding["value"] is not None]


def test_a_report_is_the_same_as_itself() -> None:
    report = measured(synthetic())

    found = compare(report, report)

    assert found.trend == "same"
    assert {pair.change for pair in found.findings} == {"same"}
    assert len(found.findings) == len(report.findings) > 3
    assert all(pair.before == pair.after for pair in found.rows)
    assert found.warnings == ()


@pytest.mark.parametrize("variant", ["leaks", "no-lines"])
def test_instructions_are_known_again_in_another_build(variant: Any) -> None:
    report = synthetic(variant)

    found = compare(measured(report), changed(report, rebuilt))

    assert {pair.change for pair in found.findings} == {"same"}
    for pair in found.rows:
        assert pair.before is not None
        assert pair.after is not None
        assert pair.after.place.address == pair.before.place.address + 64


def test_findings_come_and_go() -> None:
    report = synthetic()
    fewer = changed(report, lambda document: document["findings"].pop(0))
    gone = measured(report).findings[0]

    better, worse = compare(measured(report), fewer), compare(fewer, measured(report))

    assert (better.trend, better.findings[0].change, better.findings[0].before) == ("better", "gone", gone)
    assert (worse.trend, worse.findings[0].change, worse.findings[0].after) == ("worse", "new", gone)
    assert Counter(pair.change for pair in better.findings)["gone"] == 1


@pytest.mark.parametrize(("factor", "change"), [(2.0, "stronger"), (0.5, "weaker"), (1.001, "same")])
def test_findings_grow_and_shrink_by_more_than_chance(factor: float, change: str) -> None:
    report = synthetic()

    def scale(document: dict[str, Any]) -> None:
        t_findings(document)[0]["value"] *= factor

    found = compare(measured(report), changed(report, scale))

    changes = {pair.change for pair in found.findings} - {"same"}
    assert changes == ({change} - {"same"})
    assert found.trend == {"stronger": "worse", "weaker": "better", "same": "same"}[change]


def test_more_traces_alone_make_nothing_stronger() -> None:
    report = synthetic()

    def four_times(document: dict[str, Any]) -> None:
        for finding in t_findings(document):
            finding["traces"] *= 4
            finding["value"] *= 2

    found = compare(measured(report), changed(report, four_times))

    assert {pair.change for pair in found.findings} == {"same"}


def test_an_infinite_effect_is_stronger_than_any_other() -> None:
    report = synthetic()

    def certain(document: dict[str, Any]) -> None:
        t_findings(document)[0]["value"] = None

    certainly = changed(report, certain)

    assert compare(measured(report), certainly).findings[0].change == "stronger"
    assert compare(certainly, measured(report)).findings[0].change == "weaker"
    assert {pair.change for pair in compare(certainly, certainly).findings} == {"same"}


@pytest.mark.parametrize(
    ("field", "asked", "kind", "told"),
    [
        ("bivariate", {"window": [0, 4]}, "bivariate", "pairs of samples"),
        ("constant_time", {}, "cycles", "secrets alone"),
        ("constant_time", {}, "control-flow", "secrets alone"),
    ],
)
def test_what_only_one_of_them_looked_for_is_left_out_and_said(
    field: str, asked: dict[str, Any], kind: str, told: str
) -> None:
    report = synthetic()

    def looked(document: dict[str, Any]) -> None:
        document["request"][field] = asked
        document["findings"].append({**t_findings(document)[0], "kind": kind, "secret": "key", "partner": None})

    before, after = measured(report), changed(report, looked)

    for found in (compare(before, after), compare(after, before)):
        assert found.trend == "same"
        assert {pair.change for pair in found.findings} == {"same"}
        assert [told in warning for warning in found.warnings] == [True]
    assert {pair.change for pair in compare(after, after).findings} == {"same"}
    assert compare(after, after).warnings == ()


def test_fixed_values_that_differ_are_said_because_effects_depend_on_them() -> None:
    report = synthetic()

    def drawn(document: dict[str, Any]) -> None:
        document["request"]["target"]["inputs"][1]["value"] = None

    def of_another_seed(document: dict[str, Any]) -> None:
        drawn(document)
        document["request"]["seed"] += 1

    given, seed, other = measured(report), changed(report, drawn), changed(report, of_another_seed)

    name = report.simulated.target.inputs[1].name
    (told,) = compare(seed, other).warnings
    assert told.startswith(f"The fixed value of {name} differs: ")
    assert compare(given, other).warnings == (told,)
    assert compare(seed, seed).warnings == ()


def test_too_few_traces_do_not_make_anything_better() -> None:
    report = synthetic()

    def fewer(document: dict[str, Any]) -> None:
        document["findings"] = []
        document["sufficiency"]["sufficient"] = False

    found = compare(measured(report), changed(report, fewer))

    assert found.trend == "inconclusive"
    assert found.warnings[0].startswith("Too few traces after")


def test_an_attack_that_only_one_of_them_ran_is_left_out() -> None:
    report = synthetic()

    def without(document: dict[str, Any]) -> None:
        document["request"]["cpa"] = None
        document["findings"] = [finding for finding in document["findings"] if finding["kind"] != "cpa"]

    found = compare(measured(report), changed(report, without))

    assert {pair.change for pair in found.findings} == {"same"}
    assert "correlation attack" in found.warnings[0]


def test_the_instruction_whose_t_moved_most_comes_first() -> None:
    report = synthetic()

    def move(document: dict[str, Any]) -> None:
        rows = [row for row in document["rows"] if row["max_abs_t1"] is not None]
        rows[5]["max_abs_t1"] += 1000
        rows[6]["max_abs_t1"] += 500

    moved = changed(report, move)
    found = compare(measured(report), moved)

    strengths = [
        (pair.after.max_abs_t1 or 0) - (pair.before.max_abs_t1 or 0)
        for pair in found.rows[:3]
        if pair.after and pair.before
    ]
    assert strengths == [1000, 500, 0]


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (("target", "core"), "cortex-m0", "firmware"),
        (("target", "entry"), "another", "plan"),
        (("plan",), "random", "plan"),
        (("power", "model"), "hd", "plan"),
        (("power", "sampling"), "cycle", "plan"),
    ],
)
def test_what_measured_something_else_is_not_compared(path: tuple[str, ...], value: str, reason: str) -> None:
    report = synthetic()

    def otherwise(document: dict[str, Any]) -> None:
        *parts, last = path
        place = document["request"]
        for part in parts:
            place = place[part]
        assert place[last] != value
        place[last] = value

    with pytest.raises(NotComparable) as refused:
        compare(measured(report), changed(report, otherwise))

    assert refused.value.reason == reason
    assert str(value) in refused.value.message


def test_firmware_without_a_function_in_common_is_not_compared() -> None:
    report = synthetic()

    def foreign(document: dict[str, Any]) -> None:
        rebuilt(document)
        for told in (*document["rows"], *document["findings"]):
            told["place"]["function"] = "other_" + str(told["place"]["function"])

    with pytest.raises(NotComparable) as refused:
        compare(measured(report), changed(report, foreign))

    assert refused.value.reason == "firmware"


def test_two_pairs_of_one_instruction_are_two_findings() -> None:
    report = synthetic()
    one, other = (row.place.model_dump(mode="json") for row in report.rows[1:3])

    def paired(document: dict[str, Any]) -> None:
        document["request"]["bivariate"] = {"window": [0, 100]}
        made = [{**t_findings(document)[0], "kind": "bivariate", "partner_sample": 1} for _ in range(2)]
        made[0] |= {"value": 40.0, "partner": one}
        made[1] |= {"value": 9.0, "partner": other}
        document["findings"] = made

    both = changed(report, paired)
    found = compare(both, both)

    assert [pair.change for pair in found.findings] == ["same", "same"]
    assert [pair.after and pair.after.value for pair in found.findings] == [40.0, 9.0]


def test_what_only_one_of_two_campaigns_looked_for_is_neither_new_nor_gone() -> None:
    report = synthetic("no-cpa")

    def checked(document: dict[str, Any]) -> None:
        document["request"]["constant_time"] = {"executions": 64}
        of_secrets = [
            {**document["findings"][0], "kind": kind, "statistic": "executions", "value": 0.5}
            for kind in ("secret-address", "cycles")
        ]
        document["findings"] += of_secrets

    plain, more = measured(report), changed(report, checked)

    for found in (compare(plain, more), compare(more, plain)):
        assert found.trend == "same"
        assert found.lines == ()
        assert any("in secrets alone in the same way" in warning for warning in found.warnings)
    assert len(compare(more, more).findings) == len(report.findings) + 2


def test_a_large_effect_measured_again_is_seldom_called_stronger_or_weaker() -> None:
    report = synthetic("no-cpa")
    rng = np.random.default_rng(7)
    each, effect, comparisons = 400, 5.0, 300

    def measured_once(document: dict[str, Any]) -> None:
        fixed, varied = rng.standard_normal((2, each)) + np.array([[effect], [0.0]])
        t = (fixed.mean() - varied.mean()) / np.sqrt((fixed.var(ddof=1) + varied.var(ddof=1)) / each)
        document["findings"] = [t_findings(document)[0] | {"value": float(t), "traces": 2 * each}]
        document["rows"] = document["rows"][:1]

    found = Counter(
        pair.change
        for _ in range(comparisons)
        for pair in compare(changed(report, measured_once), changed(report, measured_once)).findings
    )

    # Three standard errors are exceeded in 0.27 %; by a t whose error were one it would be in 14 %.
    assert found["same"] >= comparisons - 4
