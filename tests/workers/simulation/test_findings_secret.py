"""What the check of secrets makes of the findings."""

from typing import Any

import pytest

from jobs.assessing import DataCache
from jobs.report import Finding, Kind, Parting, Place, Severity
from jobs.report_constant_time import CycleTest, SecretAddress, SecretCheck, SecretWay, Way
from workers.simulation.findings_secret import secret_findings, without_public_ways

PARTED = (Parting(input="key", offset=0, one="00", other="01"),)


def place(address: int, line: int) -> Place:
    return Place(address=address, mnemonic="bne", operands="#8", function="f", file="f.c", line=line)


def found(**changes: Any) -> SecretCheck:
    base: dict[str, Any] = {
        "verdict": "leaks",
        "why": "of the test",
        "secrets": ("key",),
        "masks": (),
        "public": ("text",),
        "values": 4,
        "executions": 100,
        "chosen": 0,
        "failed": 0,
        "error_rate": None,
        "ways": (),
        "addresses": (),
        "operands": (),
        "cache": None,
        "cycles": (),
        "proven": False,
        "unproven": "of the test",
        "open": (),
    }
    return SecretCheck(**{**base, **changes})


def address(**changes: Any) -> SecretAddress:
    base: dict[str, Any] = {
        "kind": "load",
        "place": place(0x100, 7),
        "first": 3,
        "executions": 60,
        "compared": 100,
        "span": (0x2000, 0x2010),
        "other_lines": None,
        "extra_cycles": None,
        "parting": PARTED,
        "p_log10": None,
        "public": None,
    }
    return SecretAddress(**{**base, **changes})


def of_campaign(at: int, *inputs: str) -> Finding:
    return Finding(
        kind=Kind.CONTROL_FLOW,
        severity=Severity.HIGH,
        place=place(at, 5),
        title="of the campaign",
        secret=None,
        statistic="executions",
        value=0.5,
        p_log10=None,
        sample=None,
        samples=0,
        traces=10,
        sufficient=True,
        traces_needed=None,
        parting=tuple(Parting(input=name, offset=0, one="00", other="01") for name in inputs),
    )


WAY = SecretWay(
    place=place(0x100, 7),
    first=3,
    ways=(Way(place=place(0x102, 8), executions=70), Way(place=None, executions=30)),
    parting=PARTED,
    p_log10=None,
    public=None,
)


def test_a_way_says_where_executions_went_and_how_many() -> None:
    (finding,) = secret_findings(found(ways=(WAY,)))

    assert (finding.kind, finding.severity, finding.secret) == (Kind.CONTROL_FLOW, Severity.HIGH, "key")
    assert "70 went to f.c:8 in f (bne #8), 30 to their end" in finding.title
    assert finding.value == pytest.approx(0.3)
    assert finding.parting == PARTED


@pytest.mark.parametrize(
    ("lines", "extra", "severity", "told"),
    [
        (None, None, Severity.LOW, "the same time without a data cache"),
        (0, (0, 10), Severity.LOW, "always the same cache line"),
        (60, (10, 10), Severity.HIGH, "other cache lines in 60 of 100 executions"),
        (60, (0, 10), Severity.HIGH, "0 to 10 cycles of misses"),
    ],
)
def test_an_address_is_as_bad_as_what_a_cache_shows_of_it(
    lines: int | None, extra: tuple[int, int] | None, severity: Severity, told: str
) -> None:
    one = address(other_lines=lines, extra_cycles=extra)

    (finding,) = secret_findings(found(addresses=(one,), cache=None if lines is None else DataCache()))

    assert (finding.kind, finding.severity) == (Kind.SECRET_ADDRESS, severity)
    assert told in finding.title


def test_a_store_that_is_done_or_not_says_so() -> None:
    (finding,) = secret_findings(found(addresses=(address(kind="store", span=(0x2000, 0x2000)),)))

    assert "writes to 0x00002000 or does not, as key decides" in finding.title


def test_of_the_cycles_the_surest_test_is_told_once() -> None:
    tests = [
        CycleTest(
            value=value, cached=False, fixed=50, random=50, mean_fixed=90, mean_random=95, fewest=80, most=120,
            t=t, p_log10=-2, differs=True, place=place(0x100, 7), public=None,
        )
        for value, t in ((0, 1.0), (1, -7.5))
    ]  # fmt: skip

    (finding,) = secret_findings(found(cycles=tuple(tests)))

    assert (finding.kind, finding.value, finding.statistic) == (Kind.CYCLES, -7.5, "t")
    assert "80 to 120 cycles" in finding.title


def test_declared_public_code_makes_no_finding() -> None:
    public = {"public": "as the campaign declared"}
    check = found(ways=(WAY.model_copy(update=public),), addresses=(address(**public),))

    assert secret_findings(check) == []


def test_a_way_of_the_campaign_goes_to_the_check_to_the_warnings_or_stays() -> None:
    made = [of_campaign(0x100, "text"), of_campaign(0x200, "text"), of_campaign(0x300, "key", "text")]

    kept, public = without_public_ways(made, found(ways=(WAY,)))

    assert [finding.place.address for finding in kept] == [0x300]  # a secret varied in the campaign, too
    assert [finding.place.address for finding in public] == [0x200]


def test_where_nothing_was_decided_all_findings_stay() -> None:
    made = [of_campaign(0x100, "text")]

    assert without_public_ways(made, found(verdict="undecided")) == (made, [])
