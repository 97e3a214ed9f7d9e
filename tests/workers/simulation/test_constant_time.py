"""What of a path depends on the inputs, by instruction."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from jobs.report import Kind, Parting, Verdict
from renode.lockstep.program import Access
from renode.trace import Class, Instruction, Path, Stop
from tests.workers.simulation.conftest import Lab
from workers.simulation.constant_time import LISTED, looked_at, told
from workers.simulation.inputs import input_rows, reference_row
from workers.simulation.parting import SHOWN_BYTES, parting
from workers.simulation.plan import CampaignPlan
from workers.simulation.plan_file import plan_of

PUBLIC = ((0x106, 0x108, "unmask", "the ciphertext is public"),)
PCS = (0x100, 0x102, 0x104, 0x102, 0x106)
GUESS = bytes.fromhex("48616d6d696e67206973206e6f742061")


@pytest.fixture
def plan(lab: Lab) -> CampaignPlan:
    lab.plan("c", lab.request("compare_leaky_m4", traces=40))
    made = plan_of(lab.services.files, "c")
    return replace(made, path=path_of(*PCS), public=PUBLIC)


def path_of(*pcs: int) -> Path:
    return Path(np.array(pcs, np.uint32), Stop.DONE, pcs[-1], len(pcs), b"", np.arange(len(pcs), dtype=np.int64))


def describe(address: int) -> Instruction:
    return Instruction(address, 2, "ldrb", "r0, [r1, r0]", Class.LOAD, 1, function="round", file="aes.c", line=9)


def rows(plan: CampaignPlan, *seconds: int) -> npt.NDArray[np.uint8]:
    """Return the inputs of the reference with other second bytes of the guess."""
    made = np.repeat(reference_row(plan.request)[np.newaxis, :], len(seconds), axis=0)
    made[:, 17] = seconds
    return made


def test_the_reference_comes_first_and_every_other_execution_is_a_trace_of_the_campaign(plan: CampaignPlan) -> None:
    beside = looked_at(plan.request)

    np.testing.assert_array_equal(beside[0], reference_row(plan.request))
    np.testing.assert_array_equal(beside[1:], input_rows(plan.request, 0, 40))


def test_an_instruction_is_told_once_with_how_often_it_runs_and_the_inputs_that_part(plan: CampaignPlan) -> None:
    accesses = (Access(1, "load", (0, 1)), Access(3, "load", (0, 2)))

    found = told(plan, rows(plan, 0x61, 0xAA, 0xBB), accesses, describe)

    (load,) = found.found
    assert (load.place.address, load.executions, load.first) == (0x102, 2, 1)
    other = GUESS[:1] + b"\xaa" + GUESS[2:]
    assert load.parting == (Parting(input="guess", offset=0, one=GUESS.hex(), other=other.hex()),)
    assert (found.varied, found.held, found.looked_at) == (("guess",), ("secret",), 3)


def test_a_place_that_parts_executions_is_shown_rather_than_an_earlier_one_that_does_not(plan: CampaignPlan) -> None:
    accesses = (Access(1, "load", (0, 0)), Access(3, "load", (0, 1)), Access(2, "branch", (0, 0)))

    found = told(plan, rows(plan, 0x61, 0xAA), accesses, describe)

    branch, load = found.found
    assert (load.first, [part.input for part in load.parting]) == (3, ["guess"])
    assert branch.parting == ()


def test_branches_come_first_and_declared_public_code_comes_last_and_is_not_counted(plan: CampaignPlan) -> None:
    accesses = (Access(0, "load", (0, 1)), Access(2, "branch", (0, 1)), Access(4, "branch", (0, 1)))

    found = told(plan, rows(plan, 0x61, 0xAA), accesses, describe)

    assert [(one.kind, one.place.address, one.public) for one in found.found] == [
        ("branch", 0x104, None),
        ("load", 0x100, None),
        ("branch", 0x106, "the ciphertext is public"),
    ]
    assert (found.branches, found.addresses, found.total) == (1, 1, 3)


def test_a_long_list_is_cut_and_says_how_long_it_was(plan: CampaignPlan) -> None:
    long = replace(plan, path=path_of(*range(0x200, 0x200 + 2 * LISTED + 20, 2)))
    accesses = [Access(index, "load", (0, 1)) for index in range(LISTED + 10)]

    found = told(long, rows(plan, 0x61, 0xAA), accesses, describe)

    assert (len(found.found), found.total, found.addresses) == (LISTED, LISTED + 10, LISTED + 10)


def test_a_long_input_is_shown_from_where_it_differs(lab: Lab) -> None:
    asked = lab.request("compare_leaky_m4")
    text = asked.target.inputs[1].model_copy(update={"name": "text", "length": 200, "value": None})
    asked = asked.model_copy(update={"target": asked.target.model_copy(update={"inputs": (text,)})})
    one = np.zeros(200, np.uint8)
    other = one.copy()
    other[100] = 7

    (found,) = parting(asked, one, other)

    assert (found.input, found.offset) == ("text", 100)
    assert (found.one, found.other) == ("00" * SHOWN_BYTES, "07" + "00" * (SHOWN_BYTES - 1))


@pytest.mark.parametrize("engine", ["unicorn"], indirect=True)
def test_without_lanes_the_report_says_why_it_does_not_know(lab: Lab) -> None:
    report = lab.run("c", lab.request("compare_ct_m4", traces=40))

    assert report.constant_time is None
    assert "Unicorn" in (report.constant_time_absent or "")


def test_where_all_inputs_are_the_same_nothing_can_depend_on_them(lab: Lab) -> None:
    report = lab.run("c", lab.request("compare_ct_m4", traces=40, plan="fixed"))

    assert report.constant_time_absent == "all executions have the same inputs, so nothing can depend on them"


def test_a_divergence_names_the_inputs_of_the_reference_and_of_the_first_trace_that_left_it(lab: Lab) -> None:
    asked = lab.request("compare_leaky_m4", traces=400)

    report = lab.run("c", asked)

    parted = [part for one in report.findings if one.kind is Kind.CONTROL_FLOW for part in one.parting]
    wrong = next(row[16:] for row in input_rows(asked, 0, 400) if bytes(row[16:]) != GUESS)
    assert {(part.input, bytes.fromhex(part.one)) for part in parted} == {("guess", GUESS)}
    assert bytes(wrong) in {bytes.fromhex(part.other) for part in parted}


@pytest.mark.parametrize("engine", ["lockstep"], indirect=True)
def test_a_masked_table_is_listed_at_its_reads_and_the_verdict_stays_clean(lab: Lab) -> None:
    report = lab.run("c", lab.request("aes128_masked_m4", traces=8000, assess_order=1))

    found = report.constant_time
    assert found is not None
    assert report.verdict is Verdict.CLEAN
    assert (found.branches, found.varied) == (0, ("plaintext", "masks"))
    assert {(one.kind, one.place.function) for one in found.found} == {
        ("store", "prepare_table"),
        ("load", "sub_bytes"),
    }
    assert all(one.parting for one in found.found)


@pytest.mark.parametrize("engine", ["lockstep"], indirect=True)
def test_a_constant_time_compare_has_nothing_that_depends_on_the_inputs(lab: Lab) -> None:
    report = lab.run("c", lab.request("compare_ct_m4", traces=400))

    assert report.constant_time is not None
    assert (report.constant_time.total, report.constant_time.varied) == (0, ("guess",))


@pytest.mark.parametrize("engine", ["lockstep"], indirect=True)
def test_the_inputs_that_part_at_a_listed_branch_go_different_ways_there(lab: Lab) -> None:
    asked = lab.request("compare_leaky_m4", traces=400)

    report = lab.run("c", asked)

    assert report.constant_time is not None
    branch = next(one for one in report.constant_time.found if one.parting)
    (part,) = branch.parting
    simulator = lab.services.simulator("default", asked.firmware, asked.target)
    secret = reference_row(asked)[:16].tobytes()
    one, other = (
        simulator.path(np.frombuffer(secret + bytes.fromhex(guess), np.uint8)).pcs for guess in (part.one, part.other)
    )
    assert one[branch.first] == other[branch.first] == branch.place.address
    assert one[branch.first + 1] != other[branch.first + 1]
