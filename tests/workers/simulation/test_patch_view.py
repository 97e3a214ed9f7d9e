"""What a change did by source line, on code whose change we know: one compiler barrier more, and nothing else."""

from jobs.payloads import CampaignRequest
from jobs.report import Report, Verdict
from tests.workers.simulation.conftest import ROOT, Lab
from web.compared import Side
from web.comparison import compare
from web.edits import text

FILE = "renode/firmware/aes128_masked.c"


def line_of(statement: str) -> int:
    lines = (ROOT / FILE).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if statement in line)


def measured(report: Report) -> Side:
    return Side.model_validate_json(report.model_dump_json())


def reports(lab: Lab, **campaigns: CampaignRequest) -> dict[str, Side]:
    """Measure, each with as many traces as a clean verdict takes."""
    return {name: measured(lab.run(name, request)) for name, request in campaigns.items()}


def test_the_line_whose_mask_a_compiler_removed_is_told_of_and_nothing_else(lab: Lab) -> None:
    masked, unsafe = reports(
        lab,
        masked=lab.request("aes128_masked_m4", cpa=None),
        unsafe=lab.request("aes128_masked_unsafe_m4", cpa=None, traces=8000),
    ).values()

    found, back = compare(masked, unsafe), compare(unsafe, masked)

    (line,), (repaired,) = found.lines, back.lines
    assert (line.function, line.file, line.line) == ("sub_bytes", FILE, line_of("const uint8_t byte ="))
    assert (line.leaked, line.leaks, line.judged.judgement) == (False, True, "worse")
    assert line.edits is not None
    changed = next(edit for edit in line.edits if edit.kind == "changed")
    assert changed.before is not None
    assert changed.after is not None
    assert (text(changed.before), text(changed.after)) == ("eors r6, r1", "eors r5, r1")
    assert line.sentence.startswith(f"line {line.line} of {FILE}, in sub_bytes: showed no leak before, leaks now;")
    assert "`eors r6, r1` became `eors r5, r1`" in line.sentence
    assert repaired.judged.judgement == "better"
    assert "leaked before, shows none now" in repaired.sentence
    worse = [pair for pair in found.rows if pair.judged.judgement == "worse"]
    assert [pair.after.place.operands for pair in worse if pair.after] == ["r5, r1"]
    assert {pair.judged.judgement for pair in found.rows} <= {"worse", "unchanged", "unknown"}


def test_clean_code_measured_again_has_become_neither_better_nor_worse(lab: Lab) -> None:
    name = "compare_ct_m4"
    one, other = reports(lab, one=lab.request(name), other=lab.request(name, seed=977)).values()

    found = compare(one, other)

    assert other.verdict is Verdict.CLEAN
    assert found.lines == ()
    judgements = [pair.judged.judgement for pair in found.rows]
    assert set(judgements) <= {"unchanged", "unknown"}
    assert judgements.count("unchanged") > 0.9 * len(judgements)
