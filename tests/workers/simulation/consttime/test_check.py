"""The check on firmware of which it is known what depends on secrets."""

from itertools import count
from typing import Any

import numpy as np
import pytest

from jobs.errors import Cancelled, InvalidInput
from jobs.report import Finding, Kind, Report, Severity, Verdict
from jobs.report_constant_time import SecretCheck
from tests.workers.simulation.conftest import NOW, ROOT, Lab, Watched, job_of
from workers.simulation.campaign import merge_campaign
from workers.simulation.consttime.check import MOST_INSTRUCTIONS, fits
from workers.simulation.consttime.roles import roles_of
from workers.simulation.consttime.trials import trials
from workers.simulation.report import render

NUMBERS = count()
SMALL = {"line_bytes": 32, "sets": 4, "ways": 1}
"""A cache that an S-box does not fit."""


def checked(lab: Lab, name: str, check: dict[str, Any] | None = None, **changes: Any) -> tuple[Report, SecretCheck]:
    asked = {"plan": "fixed", "traces": 8, "cpa": None, "constant_time": {"executions": 160, **(check or {})}}
    report = lab.run(f"c{next(NUMBERS)}", lab.request(name, **{**asked, **changes}))
    assert report.secrets is not None
    return report, report.secrets


def text_of(finding: Finding) -> str:
    """Return the source line of a finding."""
    place = finding.place
    assert place.file is not None
    assert place.line is not None
    return (ROOT / place.file).read_text(encoding="utf-8").splitlines()[place.line - 1].strip()


def of_kind(report: Report, kind: Kind) -> list[Finding]:
    return [finding for finding in report.findings if finding.kind is kind]


@pytest.mark.parametrize("core", ["m4", "m0"])
def test_an_early_exit_compare_is_reported_at_its_condition_with_both_ways(lab: Lab, core: str) -> None:
    report, found = checked(lab, f"compare_leaky_{core}")

    assert (report.verdict, found.verdict) == (Verdict.LEAKS, "leaks")
    first = found.ways[0]
    went = {(way.place.line if way.place else None) for way in first.ways}
    lines = (ROOT / "renode/firmware/compare_leaky.c").read_text(encoding="utf-8").splitlines()
    goes_on = {number for number, line in enumerate(lines, 1) if "for (" in line or "!= cmp_secret" in line}
    assert len(went) == 2
    assert went & goes_on
    assert went - goes_on == {number for number, line in enumerate(lines, 1) if line == "}"} & went
    for finding in of_kind(report, Kind.CONTROL_FLOW):
        assert text_of(finding) == "if (cmp_input[i] != cmp_secret[i])"
        assert finding.secret == "secret"
        assert [part.input for part in finding.parting] == ["secret"]
    slow, *conditional = of_kind(report, Kind.CYCLES)
    assert text_of(slow) == "if (cmp_input[i] != cmp_secret[i])"
    assert slow.severity is Severity.HIGH
    # On the M4 the last comparison is no branch: the result is stored in an IT block.
    assert [text_of(finding) for finding in conditional] == (["cmp_result = 1;"] if core == "m4" else [])


def test_the_inputs_of_a_parting_go_different_ways_there(lab: Lab) -> None:
    report, found = checked(lab, "reduce_leaky_m4")
    simulator = lab.services.simulator("default", report.simulated.firmware, report.simulated.target)

    assert found.ways
    for way in found.ways:
        (part,) = way.parting
        starts = []
        for secret in (part.one, part.other):
            rows = [bytes.fromhex(secret) + public for public in _moduli(report)]
            starts.append([simulator.footprint(np.frombuffer(row, np.uint8)).pcs for row in rows])
        pairs = zip(*starts, strict=True)
        assert any(_parts_at(one, other, way.place.address) for one, other in pairs)


def _moduli(report: Report) -> list[bytes]:
    request = report.simulated
    return [trial.rows[0, 16:].tobytes() for trial in trials(request, roles_of(request), 160)]


def _parts_at(one: Any, other: Any, address: int) -> bool:
    shorter = min(len(one), len(other))
    different = one[:shorter] != other[:shorter]
    agreed = int(different.argmax()) if different.any() else shorter
    return int(one[agreed - 1]) == address


@pytest.mark.parametrize("core", ["m4", "m0"])
def test_an_early_exit_reduction_is_reported_at_its_comparison(lab: Lab, core: str) -> None:
    report, found = checked(lab, f"reduce_leaky_{core}")

    assert report.verdict is Verdict.LEAKS
    told = {text_of(finding) for finding in of_kind(report, Kind.CONTROL_FLOW)}
    assert "if (red_value[i - 1] != red_modulus[i - 1])" in told
    assert of_kind(report, Kind.CYCLES)
    # Two words of random numbers are never equal: chosen secrets come to the second comparison.
    assert found.chosen > 0


@pytest.mark.parametrize(
    "name", ["compare_ct_m4", "compare_ct_m0", "reduce_ct_m4", "reduce_ct_m0", "checksum_m4", "quotient_ct_m4"]
)
def test_constant_time_twins_and_a_loop_of_public_length_are_silent_and_proven(lab: Lab, name: str) -> None:
    report, found = checked(lab, name, {"cache": SMALL})

    assert report.verdict is Verdict.CLEAN
    assert (found.verdict, found.proven, found.ways, found.addresses, found.open) == ("constant-time", True, (), (), ())
    assert report.findings == ()
    assert report.headline.startswith("Clean: no way and no duration depends on secrets")
    assert not any(test.differs for test in found.cycles)


def test_lengths_that_are_public_take_different_times_and_that_is_no_finding(lab: Lab) -> None:
    _, found = checked(lab, "checksum_m4")

    assert len({test.mean_fixed for test in found.cycles}) > 1
    assert found.values == 4


def test_a_length_that_is_declared_secret_is_a_finding(lab: Lab) -> None:
    report, found = checked(lab, "checksum_m4", {"secrets": ["length"]})

    assert found.public == ("secret",)
    assert {finding.kind for finding in report.findings} >= {Kind.CONTROL_FLOW, Kind.CYCLES}


def test_an_aes_with_a_table_is_reported_at_its_reads_when_there_is_a_cache(lab: Lab) -> None:
    report, found = checked(lab, "aes128_m4", {"cache": SMALL})

    assert report.verdict is Verdict.LEAKS
    assert {text_of(finding) for finding in of_kind(report, Kind.SECRET_ADDRESS)} >= {
        "aes_state[i] = sbox[aes_state[i]];",
        "b = sbox[c];",
    }
    assert {finding.place.function for finding in of_kind(report, Kind.SECRET_ADDRESS)} == {"sub_bytes", "expand_key"}
    table = [one for one in found.addresses if one.place.function == "sub_bytes"]
    assert all(one.other_lines and one.span[1] - one.span[0] <= 255 for one in table)
    # The misses are what takes longer: without them every execution takes as long.
    assert [test.differs for test in found.cycles] == [False, True] * 4
    (slow,) = of_kind(report, Kind.CYCLES)
    assert slow.place.function in {"sub_bytes", "expand_key"}


def test_without_a_cache_its_reads_are_told_and_make_no_verdict(lab: Lab) -> None:
    report, found = checked(lab, "aes128_m4")

    assert (report.verdict, found.verdict) == (Verdict.CLEAN, "constant-time")
    assert {finding.severity for finding in report.findings} == {Severity.LOW}
    assert "without a data cache" in found.why
    assert not found.proven


def test_an_aes_without_a_table_is_silent_with_a_cache(lab: Lab) -> None:
    body = lab.request("aes128_ct_m4").model_dump(mode="json")
    body["target"]["inputs"][1]["varies"] = "constant"  # one value of it takes a quarter of the time of four

    report, found = checked(lab, "aes128_ct_m4", {"executions": 64, "cache": SMALL}, target=body["target"])

    assert report.verdict is Verdict.CLEAN
    assert found.values == 1
    assert (found.verdict, found.proven, found.addresses) == ("constant-time", True, ())


def test_masked_reads_say_nothing_and_the_unmasked_key_schedule_does(lab: Lab) -> None:
    report, found = checked(lab, "aes128_masked_m4", {"executions": 480, "cache": {}})

    assert (found.masks, found.chosen, found.error_rate) == (("masks",), 0, 0.001)
    assert {finding.place.function for finding in of_kind(report, Kind.SECRET_ADDRESS)} == {"expand_key"}
    assert all(one.p_log10 is not None and one.p_log10 < -6 for one in found.addresses)
    assert not found.proven


def test_masked_reads_are_silent_for_many_seeds_when_the_key_is_public(lab: Lab) -> None:
    for seed in range(4):
        check = {"secrets": ["plaintext"], "executions": 160, "cache": SMALL}
        report, found = checked(lab, "aes128_masked_m4", check, seed=seed)

        assert (report.verdict, found.addresses, found.ways) == (Verdict.CLEAN, (), ())


def test_a_division_of_a_secret_is_a_finding_though_every_execution_takes_as_many_cycles(lab: Lab) -> None:
    report, found = checked(lab, "quotient_leaky_m4")

    assert (report.verdict, found.ways, found.addresses) == (Verdict.LEAKS, (), ())
    assert not any(test.differs for test in found.cycles)
    (finding,) = report.findings
    assert (finding.kind, finding.severity) == (Kind.CYCLES, Severity.HIGH)
    assert finding.place.mnemonic == "udiv"
    assert text_of(finding) == "quo_result = (quo_value & 0x7fffffff) / divisor;"
    assert [part.input for part in finding.parting] == ["secret"]
    assert [one.kind for one in found.operands] == ["operand"]


def test_a_division_of_what_is_public_is_none(lab: Lab) -> None:
    body = lab.request("quotient_leaky_m4").model_dump(mode="json")
    body["target"]["inputs"].append({"name": "other", "role": "key", "length": 4, "symbol": "quo_result"})
    check = {"secrets": ["other"]}

    report, found = checked(lab, "quotient_leaky_m4", check, target=body["target"])

    assert (report.verdict, found.operands, found.proven) == (Verdict.CLEAN, (), True)


def test_declared_public_code_is_shown_and_not_counted(lab: Lab) -> None:
    body = lab.request("compare_leaky_m0").model_dump(mode="json")
    body["target"]["public"] = [{"symbol": "compare_leaky", "reason": "the number of right bytes may be known"}]

    report, found = checked(lab, "compare_leaky_m0", target=body["target"])

    assert found.ways[0].public == "the number of right bytes may be known"
    assert (report.findings, found.verdict) == ((), "constant-time")


def test_beside_a_t_test_ways_of_public_inputs_are_no_finding_and_are_told(lab: Lab) -> None:
    asked: dict[str, Any] = {"plan": "fixed_vs_random", "traces": 200}

    with_check, found = checked(lab, "checksum_m4", **asked)
    without = lab.run("d", lab.request("checksum_m4", **asked, constant_time=None))

    assert of_kind(without, Kind.CONTROL_FLOW)
    assert not of_kind(with_check, Kind.CONTROL_FLOW)
    assert found.verdict == "constant-time"
    assert any("inputs that are not secret" in warning for warning in with_check.warnings)
    assert without.secrets_absent == "the campaign does not ask for it: set constant_time"


def test_ways_that_the_check_tells_are_told_once(lab: Lab) -> None:
    report, _ = checked(lab, "compare_leaky_m4", plan="fixed_vs_random", traces=200)

    places = [finding.place.address for finding in of_kind(report, Kind.CONTROL_FLOW)]
    assert len(places) == len(set(places))


@pytest.mark.parametrize("engine", ["unicorn"], indirect=True)
def test_without_lanes_the_same_is_found_and_nothing_is_proven(lab: Lab) -> None:
    leaky, seen = checked(lab, "compare_leaky_m4")
    _, silent = checked(lab, "reduce_ct_m4")

    assert leaky.verdict is Verdict.LEAKS
    assert seen.ways
    assert (silent.verdict, silent.proven) == ("constant-time", False)
    assert "Unicorn" in (silent.unproven or "")


def test_an_execution_that_faults_for_every_secret_decides_nothing(lab: Lab) -> None:
    body = lab.request("aes128_ct_m4").model_dump(mode="json")
    body["target"]["max_cycles"] = 1000

    report, found = checked(lab, "aes128_ct_m4", {"executions": 16}, target=body["target"])

    assert found.verdict == "undecided"
    assert found.failed == found.executions
    assert report.verdict is Verdict.FAULT


def test_the_answer_does_not_depend_on_shards(lab: Lab) -> None:
    one, found = checked(lab, "compare_leaky_m4", shards=1)
    two, again = checked(lab, "compare_leaky_m4", shards=4)

    assert (one.digest, found, one.findings) == (two.digest, again, two.findings)


def test_a_cancelled_campaign_stops_in_the_middle_of_a_check(lab: Lab) -> None:
    request = lab.request("compare_ct_m4", plan="fixed", traces=8, constant_time={})
    split = lab.plan("c", request)
    lab.shards(split.children)
    attempt = Watched("c", stop=Cancelled("c"))

    with pytest.raises(Cancelled):
        merge_campaign(job_of(split.then), attempt, lab.services, now=NOW)


def test_a_check_that_would_take_hours_is_refused_before_anything_runs(lab: Lab) -> None:
    request = lab.request("aes128_ct_m4", constant_time={"executions": 100_000})

    with pytest.raises(InvalidInput) as refused:
        lab.plan("c", request)

    assert (refused.value.field, refused.value.reason) == ("constant_time.executions", "too-long")
    fits(lab.request("aes128_ct_m4", constant_time=None), MOST_INSTRUCTIONS)


def test_the_page_tells_of_secrets(lab: Lab) -> None:
    report, found = checked(lab, "reduce_leaky_m4", {"cache": SMALL})

    page = render(report)["report.html"].decode()

    assert 'id="secrets"' in page
    assert found.why in page
    assert "executions that differ in secrets alone" in page
