import pytest
from hypothesis import given
from hypothesis import strategies as st

from dasein import BadAnswer, Gate, Ignore, Outcome, Severity, judge
from tests.dasein.reports import finding, report

SEVERITIES = [severity.value for severity in Severity]


def test_a_clean_report_passes() -> None:
    judgement = judge(report(), Gate())

    assert judgement.outcome is Outcome.CLEAN
    assert judgement.outcome.value == 0


def test_a_finding_as_severe_as_the_threshold_fails() -> None:
    judgement = judge(report([finding(severity="medium")]), Gate(fail_on=Severity.MEDIUM))

    assert judgement.outcome is Outcome.LEAKS
    assert judgement.outcome.value == 1
    assert [found.where for found in judgement.failed] == ["src/aes.c:12"]


def test_a_finding_below_the_threshold_is_let_through_and_shown() -> None:
    judgement = judge(report([finding(severity="medium")]), Gate(fail_on=Severity.HIGH))

    assert judgement.outcome is Outcome.CLEAN
    assert len(judgement.below) == 1


def test_ignored_findings_pass_with_their_reason_and_unused_ones_are_named() -> None:
    used, stale = Ignore("known", function="mix"), Ignore("gone", function="old")

    judgement = judge(report([finding()]), Gate(ignore=(used, stale)))

    assert judgement.outcome is Outcome.CLEAN
    assert [entry.reason for _, entry in judgement.ignored] == ["known"]
    assert judgement.unused == (stale,)


def test_the_second_order_counts_only_where_the_campaign_assesses_it() -> None:
    second = finding(kind="tvla-2")

    assert judge(report([second], assess_order=2), Gate()).outcome is Outcome.LEAKS
    assert judge(report([second], assess_order=1, verdict="clean"), Gate()).outcome is Outcome.CLEAN


def test_too_few_traces_are_an_error_unless_allowed() -> None:
    few = report(sufficient=False, verdict="insufficient")

    assert judge(few, Gate()).outcome is Outcome.ERROR
    assert "not enough to call it clean: " in judge(few, Gate()).reason
    assert judge(few, Gate(allow_insufficient=True)).outcome is Outcome.CLEAN


def test_ignoring_all_leaks_does_not_make_few_traces_enough() -> None:
    gate = Gate(ignore=(Ignore("known", function="mix"),))

    assert judge(report([finding()], sufficient=False), gate).outcome is Outcome.ERROR


def test_a_leak_fails_with_however_few_traces() -> None:
    assert judge(report([finding()], sufficient=False), Gate()).outcome is Outcome.LEAKS


def test_an_unconfirmed_finding_is_an_error_where_confirmation_is_required() -> None:
    weak = report([finding(severity="medium", sufficient=False)])

    judgement = judge(weak, Gate(require_sufficient=True))

    assert judgement.outcome is Outcome.ERROR
    assert len(judgement.unconfirmed) == 1
    assert judge(weak, Gate()).outcome is Outcome.LEAKS


def test_a_fault_is_an_error_but_a_leak_outweighs_it() -> None:
    fault = finding(kind="fault", severity="high", statistic="executions", value=0.5, title="trapped")

    alone = judge(report([fault], verdict="fault"), Gate())
    beside = judge(report([finding(), fault]), Gate())

    assert alone.outcome is Outcome.ERROR
    assert "trapped" in alone.reason
    assert beside.outcome is Outcome.LEAKS


def test_a_fault_cannot_be_ignored_away() -> None:
    fault = finding(kind="fault", severity="high", statistic="executions", value=0.5)

    gate = Gate(ignore=(Ignore("flaky", function="mix"),), allow_insufficient=True)

    assert judge(report([fault], verdict="fault"), gate).outcome is Outcome.ERROR


def test_a_report_that_contradicts_itself_never_passes() -> None:
    assert judge(report(verdict="leaks"), Gate()).outcome is Outcome.ERROR


@pytest.mark.parametrize("change", [{"schema_version": "report/2"}, {"verdict": "fine"}, {"findings": [{}]}])
def test_a_report_that_is_not_understood_never_passes(change: dict[str, object]) -> None:
    with pytest.raises(BadAnswer):
        judge(report() | change, Gate())


@given(
    st.lists(st.tuples(st.sampled_from(SEVERITIES), st.sampled_from(["tvla-1", "tvla-2", "cpa"]), st.booleans())),
    st.sampled_from(list(Severity)),
    st.booleans(),
    st.sampled_from([1, 2]),
)
def test_every_leak_is_in_exactly_one_list_and_passing_needs_no_failure(
    drawn: list[tuple[str, str, bool]], fail_on: Severity, strict: bool, order: int
) -> None:
    findings = [finding(severity=severity, kind=kind, sufficient=sure) for severity, kind, sure in drawn]

    judgement = judge(report(findings, assess_order=order), Gate(fail_on=fail_on, require_sufficient=strict, ignore=()))

    counted = [found for found in findings if order == 2 or found["kind"] != "tvla-2"]
    assert len(judgement.failed) + len(judgement.below) + len(judgement.unconfirmed) == len(counted)
    assert (judgement.outcome is Outcome.LEAKS) == bool(judgement.failed)
    if judgement.outcome is Outcome.CLEAN:
        assert not judgement.unconfirmed
