"""From statistics per sample to findings, rows and the verdict."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from jobs.report import Finding, Kind, Parting, Severity, Sufficiency, Verdict
from renode.trace import Class, Instruction, Path, Stop
from workers.simulation.assessment import Assessment
from workers.simulation.attribution import attribute, excluded, rows
from workers.simulation.behaviour import Behaviour
from workers.simulation.findings import SEVERITIES, differences, without_echoes, worst_first
from workers.simulation.findings_executions import divergences, faults
from workers.simulation.limits import Limits
from workers.simulation.verdict import headline, verdict

PCS = np.array([0x100, 0x102, 0x104, 0x102, 0x106], np.uint32)
PUBLIC = ((0x106, 0x108, "unmask", "the ciphertext is public"),)
PATH = Path(PCS, Stop.DONE, 0x106, 5, b"", np.arange(5, dtype=np.int64))
ENOUGH = Sufficiency(sufficient=True, why="enough")


def describe(address: int) -> Instruction:
    return Instruction(address, 2, "eors", "r0, r1", Class.ALU, 1, function="round", file="aes.c", line=address - 0xF0)


def parted(trace: int) -> tuple[Parting, ...]:
    return (Parting(input="guess", offset=0, one="00", other=f"{trace:02x}"),)


def assessment(
    t1: list[float], *, confirmed: list[bool] | None = None, p_log10: list[float] | None = None
) -> Assessment:
    count = len(t1)
    t = np.array(t1)
    zeros = np.zeros(count)
    return Assessment(
        t1=t,
        t2=zeros,
        p_log10_1=np.array(p_log10) if p_log10 else -(t**2) / 4,
        p_log10_2=zeros,
        confirmed_1=np.array(confirmed) if confirmed else np.abs(t) > 4.5,
        confirmed_2=np.zeros(count, bool),
        deterministic=np.isinf(t),
        effect=np.full(count, 0.5),
        mean=zeros,
        rho=zeros,
        rho_byte=np.zeros(count, np.intp),
        snr=zeros,
        traces=1000,
        cpa_traces=0,
        has_tvla=True,
        has_cpa=False,
    )


def found(values: Assessment) -> list[Finding]:
    return differences(values, attribute(PCS, PUBLIC, describe), Limits(threshold=4.5, corrected=6.0), order=1)


def test_samples_of_one_instruction_make_one_finding_with_the_worst_of_them() -> None:
    findings = found(assessment([0.0, 5.0, 0.0, -9.0, 0.0]))

    assert [(f.place.address, f.value, f.sample, f.samples) for f in findings] == [(0x102, -9.0, 3, 2)]


def test_declared_public_code_is_shown_but_is_no_finding() -> None:
    values = assessment([0.0, 0.0, 0.0, 0.0, 30.0])

    assert found(values) == []
    (shown,) = excluded(PUBLIC, PCS, values)
    assert (shown.place, shown.leaking_samples, shown.max_abs_t1) == ("unmask", 1, 30.0)


def test_an_infinite_difference_is_critical_and_json_has_no_number_for_it() -> None:
    (finding,) = found(assessment([np.inf, 0.0, 0.0, 0.0, 0.0], p_log10=[-300, 0, 0, 0, 0]))

    assert finding.severity is Severity.CRITICAL
    assert finding.value is None


@pytest.mark.parametrize(
    ("t", "sure", "severity"),
    [
        (5.0, True, Severity.HIGH),
        (7.0, True, Severity.CRITICAL),
        (7.0, False, Severity.MEDIUM),
        (5.0, False, Severity.LOW),
    ],
)
def test_severity_follows_confirmation_and_chance(t: float, sure: bool, severity: Severity) -> None:
    (finding,) = found(assessment([t, 0, 0, 0, 0], confirmed=[sure, False, False, False, False]))

    assert finding.severity is severity
    assert finding.sufficient is sure


def test_correlations_are_graded_by_the_table() -> None:
    assert [SEVERITIES.of_correlation(rho) for rho in (-0.95, 0.75, 0.3)] == [
        Severity.CRITICAL,
        Severity.HIGH,
        Severity.MEDIUM,
    ]


def test_rows_cover_every_instruction_once_by_address() -> None:
    table = rows(attribute(PCS, PUBLIC, describe), assessment([1.0, 5.0, 0.0, -9.0, 0.0]))

    assert [(row.place.address, row.executions, row.max_abs_t1) for row in table] == [
        (0x100, 1, 1.0),
        (0x102, 2, 9.0),
        (0x104, 1, 0.0),
        (0x106, 1, 0.0),
    ]
    assert [row.public for row in table] == [None, None, None, "the ciphertext is public"]


def test_a_divergence_names_the_last_common_instruction() -> None:
    behaviour = Behaviour(
        traces=Counter({0: 50, 1: 50}),
        diverged=Counter({(1, 3, 0x200): 29, (1, 3, 0x300): 20}),
        left_first={(3, 0x200): 8, (3, 0x300): 5},
    )

    (finding,) = divergences(behaviour, PATH, (), describe, parted)

    assert finding.kind is Kind.CONTROL_FLOW
    assert finding.place.address == 0x104
    assert finding.value == 0.49
    assert finding.parting == parted(5)


def test_faults_are_findings_with_their_pc_and_budgets_are_named_apart() -> None:
    behaviour = Behaviour(
        traces=Counter({0: 5, 1: 5}),
        faulted=Counter(
            {(0, int(Stop.WRITE), 0x104): 2, (1, int(Stop.WRITE), 0x104): 3, (1, int(Stop.BUDGET), 0x100): 1}
        ),
        faulted_first={(int(Stop.WRITE), 0x104): 7, (int(Stop.BUDGET), 0x100): 9},
    )

    found_ = {finding.kind: finding for finding in faults(behaviour, describe, parted)}

    assert found_[Kind.FAULT].value == 0.5
    assert "wrote outside" in found_[Kind.FAULT].title
    assert found_[Kind.BUDGET].place.address == 0x100
    assert found_[Kind.BUDGET].parting == parted(9)


@pytest.mark.parametrize(
    ("mnemonic", "stop", "told"),
    [("vldr", Stop.UNDEFINED, True), ("vldr", Stop.READ, False), ("udf", Stop.UNDEFINED, False)],
)
def test_what_floating_point_ends_in_is_told_for_what_it_is(mnemonic: str, stop: Stop, *, told: bool) -> None:
    end = int(stop), 0x100
    behaviour = Behaviour(traces=Counter({0: 2}), faulted=Counter({(0, *end): 2}), faulted_first={end: 0})

    (fault,) = faults(behaviour, lambda address: replace(describe(address), mnemonic=mnemonic), parted)

    assert ("floating point is not simulated" in fault.title) == told


def test_a_leak_outweighs_a_fault_and_silence_needs_enough_traces() -> None:
    leak = found(assessment([9.0, 0, 0, 0, 0]))
    end = int(Stop.READ), 0x100
    seen = Behaviour(traces=Counter({0: 2}), faulted=Counter({(0, *end): 1}), faulted_first={end: 0})
    fault = faults(seen, describe, parted)
    scarce = Sufficiency(sufficient=False, why="too few")

    assert verdict([*leak, *fault], ENOUGH, assess_order=2) is Verdict.LEAKS
    assert verdict(fault, ENOUGH, assess_order=2) is Verdict.FAULT
    assert verdict([], ENOUGH, assess_order=2) is Verdict.CLEAN
    assert verdict([], scarce, assess_order=2) is Verdict.INSUFFICIENT


def test_second_order_findings_count_only_when_the_campaign_assesses_them() -> None:
    second = [finding.model_copy(update={"kind": Kind.TVLA_2}) for finding in found(assessment([9.0, 0, 0, 0, 0]))]

    assert verdict(second, ENOUGH, assess_order=2) is Verdict.LEAKS
    assert verdict(second, ENOUGH, assess_order=1) is Verdict.CLEAN


def test_the_headline_counts_findings_and_instructions() -> None:
    leaks = found(assessment([9.0, 9.0, 0, 0, 0]))

    assert headline(Verdict.LEAKS, leaks, None, ENOUGH, assess_order=2) == "Leaks: 2 findings at 2 instructions."


def test_the_worst_comes_first() -> None:
    findings = found(assessment([5.0, 9.0, 0, 0, 0]))

    assert [finding.place.address for finding in worst_first(findings)] == [0x102, 0x100]


def test_the_second_order_of_an_instruction_that_leaks_at_first_order_is_no_finding_of_its_own() -> None:
    first = found(assessment([9.0, 0, 0, 0, 0]))
    second = [finding.model_copy(update={"kind": Kind.TVLA_2}) for finding in found(assessment([9.0, 9.0, 0, 0, 0]))]

    kept = without_echoes([*first, *second])

    assert [(finding.kind, finding.place.address) for finding in kept] == [(Kind.TVLA_1, 0x100), (Kind.TVLA_2, 0x102)]


def test_an_unconfirmed_first_order_does_not_hide_a_second_order_leak() -> None:
    first = found(assessment([5.0, 0, 0, 0, 0], confirmed=[False] * 5))
    second = [finding.model_copy(update={"kind": Kind.TVLA_2}) for finding in found(assessment([9.0, 0, 0, 0, 0]))]

    assert Kind.TVLA_2 in {finding.kind for finding in without_echoes([*first, *second])}
