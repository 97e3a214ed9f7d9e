"""Findings of the constant-time check: what depends on declared secrets, whatever the public inputs do."""

from collections.abc import Sequence

from jobs.report import Finding, Kind, Severity
from jobs.report_constant_time import CycleTest, Dependence, SecretAddress, SecretCheck, SecretWay
from jobs.report_parts import Place
from workers.simulation.consttime.check import counts
from workers.simulation.findings import where
from workers.simulation.ttest import THRESHOLD


def secret_findings(found: SecretCheck) -> list[Finding]:
    """Return one finding for each instruction and kind, outside declared-public code.

    An address that stays in its cache line, or that no cache looks at, takes the same time: it is told, and low.
    """
    made = [_of_way(found, way) for way in found.ways if way.public is None]
    made += [_of_address(found, one) for one in found.addresses if one.public is None]
    made += [_of_operand(found, one) for one in found.operands if one.public is None]
    return made + _of_cycles(found)


def without_public_ways(made: Sequence[Finding], found: SecretCheck) -> tuple[list[Finding], list[Finding]]:
    """Return the findings of control flow that stand beside the check's, and those that it shows to be public.

    A way that executions of the campaign left for other public inputs or masks is no finding; where a secret varied in
    the campaign, too, that is not known, nor where executions of the check did not end well.
    """
    if found.verdict == "undecided" and (found.failed or not found.open):
        return list(made), []
    told = {way.place.address for way in found.ways}
    kept: list[Finding] = []
    public: list[Finding] = []
    for finding in made:
        if finding.place.address in told:
            continue  # told by the check, with where executions went
        secret = any(part.input in found.secrets for part in finding.parting)
        (kept if secret else public).append(finding)
    return kept, public


def _of_way(found: SecretCheck, way: SecretWay) -> Finding:
    total = sum(one.executions for one in way.ways)
    went = ", ".join(
        f"{one.executions}{'' if number else ' went'} to {_target(one.place)}"
        for number, one in enumerate(way.ways[:3])
    )
    return _finding(
        found,
        Kind.CONTROL_FLOW,
        Severity.HIGH,
        way.place,
        f"{where(way.place)} takes its way from {_secrets(found)}: of {total} executions that came here, {went}",
        value=1 - way.ways[0].executions / max(total, 1),
        p_log10=way.p_log10,
        traces=total,
    ).model_copy(update={"parting": way.parting})


def _of_address(found: SecretCheck, one: SecretAddress) -> Finding:
    verb = "reads at" if one.kind == "load" else "writes to"
    span = f"{one.span[0]:#010x} to {one.span[1]:#010x}"
    title = f"{where(one.place)} {verb} addresses that depend on {_secrets(found)} ({span})"
    sometimes = one.span[0] == one.span[1]
    if sometimes:
        title = f"{where(one.place)} {verb} {one.span[0]:#010x} or does not, as {_secrets(found)} decides"
    if one.other_lines is None and not sometimes:
        title += ": the same time without a data cache"
    elif one.other_lines == 0:
        title += ": always the same cache line"
    elif one.other_lines:
        title += f": other cache lines in {one.other_lines} of {one.compared} executions"
        if one.extra_cycles is not None and one.extra_cycles[0] != one.extra_cycles[1]:
            title += f", {one.extra_cycles[0]} to {one.extra_cycles[1]} cycles of misses"
    return _finding(
        found,
        Kind.SECRET_ADDRESS,
        Severity.HIGH if one.other_lines else Severity.LOW,
        one.place,
        title,
        value=one.executions / max(one.compared, 1),
        p_log10=one.p_log10,
        traces=one.compared,
    ).model_copy(update={"parting": one.parting})


def _of_operand(found: SecretCheck, one: Dependence) -> Finding:
    title = (
        f"{where(one.place)} takes the core longer in some executions, for its operands, its condition or an address that "
        f"is not aligned, which depend on {_secrets(found)}; the cycle model does not show it"
    )
    return _finding(
        found, Kind.CYCLES, Severity.HIGH, one.place, title, value=1.0, p_log10=None, traces=found.executions
    ).model_copy(update={"parting": one.parting})


def _of_cycles(found: SecretCheck) -> list[Finding]:
    """Return one finding, of the test that says most."""
    told = [test for test in found.cycles if counts(test)]
    if not told:
        return []
    worst = max(told, key=lambda test: (test.t is None, abs(test.t or 0.0), test.most - test.fewest))
    place = worst.place
    if place is None:
        return []
    size = "without any noise" if worst.t is None else f"|t| {abs(worst.t):.1f} of fixed against random secrets"
    if worst.t is not None and abs(worst.t) < THRESHOLD and not found.masks:
        size = f"which chosen secrets show; of fixed against random ones |t| is {abs(worst.t):.1f}"
    cause = "misses of the data cache begin to differ" if _by_misses(worst, found) else "executions part"
    title = (
        f"{where(place)} is where {cause}, and with them the duration: {worst.fewest} to {worst.most} cycles for other "
        f"values of {_secrets(found)}, {size}"
    )
    return [
        _finding(
            found,
            Kind.CYCLES,
            Severity.HIGH,
            place,
            title,
            value=worst.t,
            p_log10=worst.p_log10,
            traces=worst.fixed + worst.random,
        ).model_copy(update={"statistic": "t"})
    ]


def _by_misses(test: CycleTest, found: SecretCheck) -> bool:
    return test.place is not None and test.place.address not in {way.place.address for way in found.ways}


def _secrets(found: SecretCheck) -> str:
    return " and ".join(found.secrets)


def _target(place: Place | None) -> str:
    if place is None:
        return "their end"
    return where(place)


def _finding(
    found: SecretCheck,
    kind: Kind,
    severity: Severity,
    place: Place,
    title: str,
    *,
    value: float | None,
    p_log10: float | None,
    traces: int,
) -> Finding:
    return Finding(
        kind=kind,
        severity=severity,
        place=place,
        title=title,
        secret=_secrets(found),
        statistic="executions",
        value=value,
        p_log10=p_log10,
        sample=None,
        samples=0,
        traces=traces,
        sufficient=True,
        traces_needed=None,
    )
