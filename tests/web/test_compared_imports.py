"""Which imports of measured traces may be held side by side, and what they are known again by."""

from typing import Any

import pytest

from jobs.report import SAMPLES, Report
from tests.workers.simulation.imports import as_import
from tests.workers.simulation.reports import synthetic
from web.compared import Side
from web.comparison import compare
from web.refusals import NotComparable


def side(report: Report) -> Side:
    return Side.model_validate_json(report.model_dump_json())


def bench(**changes: Any) -> Side:
    return side(as_import(synthetic(), **changes))


@pytest.mark.parametrize("code", [False, True], ids=["samples", "instructions"])
def test_an_import_is_the_same_as_itself(code: bool) -> None:
    report = bench(code=code)

    found = compare(report, report)

    assert found.trend == "same"
    assert len(found.findings) == len(report.findings) > 3
    assert {pair.change for pair in found.findings} == {"same"}
    assert {pair.judged.why for pair in found.rows} == {"every statistic is the same number"}
    assert found.warnings == ("Both were imported from the same file.",)


def test_samples_are_on_no_source_line_and_instructions_are() -> None:
    worst = synthetic().findings[0].place
    fewer = synthetic(findings=tuple(each for each in synthetic().findings if each.place.line != worst.line))

    by_sample = compare(bench(), side(as_import(fewer)))
    by_line = compare(bench(code=True), side(as_import(fewer, code=True)))

    assert by_sample.trend == by_line.trend == "better"
    assert by_sample.lines == ()
    assert [(line.function, line.line, line.leaks) for line in by_line.lines] == [(worst.function, worst.line, False)]


def test_instructions_of_imports_are_known_again_in_another_build_and_samples_outside_by_where_they_are() -> None:
    report = as_import(synthetic(), code=True)
    document = report.model_dump(mode="json")
    behind = {**document["rows"][0], "public": None}
    behind["place"] = dict.fromkeys(behind["place"]) | {
        "address": 0xFFFF_FFF8,
        "mnemonic": SAMPLES,
        "operands": "behind the execution",
    }
    document["rows"] = [*document["rows"], behind]
    before = Side.model_validate(document)
    document["firmware"]["sha256"] = "7f" * 32
    for told in (*document["rows"][:-1], *document["findings"]):
        told["place"]["address"] += 64
    before_it = {**behind, "place": {**behind["place"], "address": 0xFFFF_FFF0, "operands": "before the execution"}}
    after = Side.model_validate({**document, "rows": [*document["rows"], before_it]})

    found = compare(before, after)

    assert {pair.change for pair in found.findings} == {"same"}
    assert found.lines == ()
    alone = [pair for pair in found.rows if pair.before is None or pair.after is None]
    assert [(pair.before, pair.after and pair.after.place.operands) for pair in alone] == [
        (None, "before the execution")
    ]
    moved = [pair for pair in found.rows if pair.before and pair.after and pair.before.place.mnemonic != SAMPLES]
    assert {pair.after.place.address - pair.before.place.address for pair in moved if pair.before and pair.after} == {
        64
    }


CODE = {"code": True}
CLOCK = {"samples_per_cycle": 2}


@pytest.mark.parametrize(
    ("before", "after", "reason", "told"),
    [
        ({"asked": {"unit": "mV"}}, {"asked": {"unit": "V"}}, "unit", "unit differs: mV before, V after"),
        ({"asked": {"sampled_hz": 1e6}}, {"asked": {"sampled_hz": 2e6}}, "sampling", "sampled_hz differs: 1000000.0"),
        ({"groups": "given"}, {"groups": "derived"}, "plan", "groups differs: given before, derived after"),
        ({"groups": "none"}, {"groups": "given"}, "plan", "groups differs: none before"),
        (CODE, {}, "firmware", "Only the traces before have their firmware"),
        ({}, CODE, "firmware", "Only the traces after have their firmware"),
        (CODE, CODE | {"asked": {"clock": CLOCK}}, "sampling", "clock.samples_per_cycle differs: 1.0 before, 2.0"),
    ],
)
def test_imports_that_measured_something_else_are_refused_with_the_reason(
    before: dict[str, Any], after: dict[str, Any], reason: str, told: str
) -> None:
    with pytest.raises(NotComparable) as refused:
        compare(bench(**before), bench(**after))

    assert refused.value.reason == reason
    assert told in refused.value.message


@pytest.mark.parametrize(("field", "value"), [("samples", 1400), ("first_sample", 12)])
def test_samples_without_code_are_compared_by_number_and_so_have_to_be_the_same(field: str, value: int) -> None:
    report = as_import(synthetic())
    other = report.model_copy(update={"alignment": report.alignment.model_copy(update={field: value})})
    coded = as_import(synthetic(), code=True)
    longer = coded.model_copy(update={"alignment": coded.alignment.model_copy(update={field: value})})

    with pytest.raises(NotComparable) as refused:
        compare(side(report), side(other))

    assert refused.value.reason == "samples"
    assert str(value) in refused.value.message
    assert "`samples` of the import" in refused.value.message
    assert compare(side(coded), side(longer)).trend == "same"


@pytest.mark.parametrize("swapped", [False, True])
def test_measured_traces_are_not_compared_with_simulated_ones_but_calibrated(swapped: bool) -> None:
    pair = [side(synthetic()), bench()]

    with pytest.raises(NotComparable) as refused:
        compare(*(reversed(pair) if swapped else pair))

    assert refused.value.reason == "measured"
    assert "`dasein calibrate`" in refused.value.message


def test_imports_without_a_statistic_in_common_are_refused() -> None:
    def without(*names: str) -> Side:
        return side(as_import(synthetic(), groups="none").model_copy(update=dict.fromkeys(names)))

    attacked = without("tvla")

    assert compare(attacked, attacked).trend == "same"
    with pytest.raises(NotComparable) as refused:
        compare(attacked, without("tvla", "cpa"))
    assert refused.value.reason == "plan"


def test_an_attack_for_which_one_file_tells_too_little_is_left_out() -> None:
    whole = as_import(synthetic())
    findings = tuple(each for each in whole.findings if each.kind != "cpa")
    assert len(findings) < len(whole.findings)
    # It was asked for, as always; the file tells no plaintexts.
    bare = whole.model_copy(update={"cpa": None, "findings": findings})

    found = compare(side(whole), side(bare))

    assert (found.trend, {pair.change for pair in found.findings}) == ("same", {"same"})
    assert any("Only one of them ran the correlation attack" in warning for warning in found.warnings)


def test_what_two_benches_may_differ_in_is_said() -> None:
    other = bench(asked={"sampled_hz": 1e6}, sha256="aa" * 32)
    coarse = bench(code=True, asked={"clock": {"samples_per_cycle": 0.5}})

    told = " ".join(compare(bench(), other).warnings)

    assert "in standard deviations of each file's own traces" in told
    assert "Only one of them says how fast it was sampled." in told
    assert "less than one sample a cycle" in " ".join(compare(coarse, coarse).warnings)
