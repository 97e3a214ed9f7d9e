"""Secrets that decide without a branch, and such that decide where no execution shows it."""

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import pytest

from jobs.payloads import CampaignRequest
from jobs.report import Kind, Report, Severity, Verdict
from jobs.report_constant_time import SecretCheck
from jobs.target import Core, Target
from renode.elf import read_firmware
from renode.lockstep.core import LockstepCore
from renode.lockstep.maker import maker_of
from renode.offer import offer_of
from renode.trace import Simulator
from renode.unicorn_core import UnicornCore
from tests.renode.conftest import compile_program
from tests.workers.simulation.conftest import Lab
from workers.simulation.report_words_timing import secrets_sentence

NUMBERS = count()
MASK = {"name": "other", "role": "mask", "length": 4, "symbol": "other"}
WORD = ({"name": "word", "role": "key", "length": 4, "symbol": "word"},)

Check = Callable[..., tuple[Report, SecretCheck]]


@pytest.fixture
def check(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Check:
    """Return a function that asks whether one of the little functions takes constant time."""
    elf = tmp_path_factory.mktemp("conditions") / "conditions.elf"
    compile_program("conditions.c", Core.M4, (), elf)

    def load(_tenant: str, _firmware: str, target: Target) -> Simulator:
        core = UnicornCore(elf, target)
        return LockstepCore(core, maker_of(core), patience=0)

    def witness(_tenant: str, _firmware: str, target: Target) -> Simulator:
        return UnicornCore(elf, target)

    own = Lab(
        lab.services._replace(
            simulator=load, witness=witness, offer=lambda _tenant, _firmware: offer_of(read_firmware(elf))
        ),
        {},
    )

    def checked(
        entry: str, inputs: Sequence[dict[str, Any]] = WORD, *, seed: int = 1, **more: Any
    ) -> tuple[Report, SecretCheck]:
        request = CampaignRequest.model_validate(
            {
                "firmware": f"sha256:{'0' * 64}",
                "target": {"core": Core.M4, "entry": entry, "inputs": inputs, "max_cycles": 10_000, **more},
                "plan": "fixed",
                "traces": 8,
                "seed": seed,
                "constant_time": {"executions": 160},
            }
        )
        report = own.run(f"c{next(NUMBERS)}", request)
        assert report.secrets is not None
        return report, report.secrets

    return checked


@pytest.mark.parametrize("entry", ["divides", "loads", "stores"])
def test_what_takes_longer_than_a_cycle_under_a_secret_condition_is_a_finding(check: Check, entry: str) -> None:
    report, found = check(entry)

    assert (report.verdict, found.verdict, found.proven) == (Verdict.LEAKS, "leaks", False)
    (finding,) = (finding for finding in report.findings if finding.kind is Kind.CYCLES)
    assert finding.severity is Severity.HIGH
    assert finding.place.mnemonic.removesuffix(".w").endswith("mi")
    assert [part.input for part in finding.parting] == ["word"]
    one, other = (int(value[:2], 16) for part in finding.parting for value in (part.one, part.other))
    assert one & 1 != other & 1


@pytest.mark.parametrize("entry", ["multiplies", "moves"])
def test_what_takes_a_cycle_whether_its_condition_holds_or_not_is_none(check: Check, entry: str) -> None:
    report, found = check(entry)

    assert (report.verdict, report.findings, found.operands, found.proven) == (Verdict.CLEAN, (), (), True)


@pytest.mark.parametrize("entry", ["divides", "loads", "stores"])
def test_masks_that_do_not_reach_the_condition_hide_nothing(check: Check, entry: str) -> None:
    report, found = check(entry, (*WORD, MASK))

    assert (report.verdict, found.verdict, found.masks) == (Verdict.LEAKS, "leaks", ("other",))
    assert [one.kind for one in found.operands] == ["operand"]
    assert report.findings[0].kind is Kind.CYCLES


def test_a_masked_condition_is_silent_for_many_seeds(check: Check) -> None:
    for seed in range(8):
        report, found = check("divides_masked", (*WORD, MASK), seed=seed)

        assert (report.verdict, found.operands) == (Verdict.CLEAN, ())


def test_a_word_at_a_secret_address_takes_longer_where_it_is_not_aligned(check: Check) -> None:
    report, found = check("crosses")

    assert report.verdict is Verdict.LEAKS
    assert [(one.kind, one.place.mnemonic) for one in found.operands] == [("operand", "ldr")]
    (part,) = found.operands[0].parting
    one, other = (int(value[:2], 16) for value in (part.one, part.other))
    assert one & 3 != other & 3


def test_words_of_a_table_are_all_aligned_and_take_as_long(check: Check) -> None:
    report, found = check("indexes")

    assert (report.verdict, found.operands, found.open) == (Verdict.CLEAN, (), ())
    assert [one.kind for one in found.addresses] == ["load"]


def test_a_condition_that_is_public_is_none(check: Check) -> None:
    public = {"name": "word", "role": "other", "length": 4, "symbol": "word"}
    secret = {"name": "other", "role": "key", "length": 4, "symbol": "other"}

    report, found = check("divides", (public, secret))

    assert (report.verdict, found.operands, found.proven) == (Verdict.CLEAN, (), True)


def test_a_way_that_secrets_decide_and_no_execution_took_is_not_called_constant_time(check: Check) -> None:
    report, found = check("meets_a_number")

    assert (report.verdict, found.verdict, found.ways) == (Verdict.INSUFFICIENT, "undecided", ())
    (unmet,) = found.open
    assert unmet.kind == "branch"
    assert f"conditions.c:{unmet.place.line} in meets_a_number" in report.headline
    assert "whether another secret does is not known" in report.headline


def test_executions_that_end_badly_for_their_secret_are_told(check: Check) -> None:
    report, found = check("strays", ({**WORD[0], "value": "00000000"},))

    assert (report.verdict, found.verdict) == (Verdict.LEAKS, "leaks")
    assert 20 < found.failed < found.executions
    assert f" {found.failed} did not end well and were compared up to there." in secrets_sentence(found)


def test_such_a_way_in_declared_public_code_is_no_matter(check: Check) -> None:
    report, found = check("meets_a_number", public=[{"symbol": "meets_a_number", "reason": "a version, not a secret"}])

    assert (report.verdict, found.verdict) == (Verdict.CLEAN, "constant-time")
    assert [one.public for one in found.open] == ["a version, not a secret"]
