"""The gate: a report and a policy in, pass or fail out. Whatever does not clearly pass or fail is an error."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from dasein.findings import Facts, Finding, Severity
from dasein.policy import Gate, Ignore


class Outcome(Enum):
    """What the gate says; the value is the exit status."""

    CLEAN = 0
    LEAKS = 1
    ERROR = 2


@dataclass(frozen=True, slots=True)
class Judgement:
    """The gate's answer and what it rests on. Every leak of the report is in exactly one of the four lists."""

    outcome: Outcome
    reason: str
    failed: tuple[Finding, ...] = ()
    ignored: tuple[tuple[Finding, Ignore], ...] = ()
    below: tuple[Finding, ...] = ()
    """Less severe than the policy's threshold."""
    unconfirmed: tuple[Finding, ...] = ()
    """Severe enough, but the policy requires confirmation and the traces give none."""
    unused: tuple[Ignore, ...] = ()
    """Parts of the policy that ignored nothing: stale, or misspelt."""
    facts: Facts | None = None
    """None when there is no report."""


def judge(report: Mapping[str, Any], gate: Gate) -> Judgement:
    """Hold a report against a policy's gate; raise BadAnswer for a report that this client cannot read.

    A leak outweighs a fault, a fault outweighs silence, and silence counts only with enough traces.
    """
    facts = Facts.read(report)
    failed, below, unconfirmed = [], [], []
    ignored: list[tuple[Finding, Ignore]] = []
    for finding in facts.leaks:
        accepted = next((entry for entry in gate.ignore if entry.covers(finding)), None)
        if accepted is not None:
            ignored.append((finding, accepted))
        elif not finding.severity.reaches(gate.fail_on):
            below.append(finding)
        elif gate.require_sufficient and not finding.sufficient:
            unconfirmed.append(finding)
        else:
            failed.append(finding)
    outcome, reason = _decide(facts, gate, failed=failed, unconfirmed=unconfirmed)
    used = {id(entry) for entry in gate.ignore if any(entry.covers(finding) for finding in facts.leaks)}
    return Judgement(
        outcome=outcome,
        reason=reason,
        failed=tuple(failed),
        ignored=tuple(ignored),
        below=tuple(below),
        unconfirmed=tuple(unconfirmed),
        unused=tuple(entry for entry in gate.ignore if id(entry) not in used),
        facts=facts,
    )


def _decide(facts: Facts, gate: Gate, *, failed: list[Finding], unconfirmed: list[Finding]) -> tuple[Outcome, str]:
    if failed:
        many = f"{len(failed)} finding{'s' if len(failed) > 1 else ''}"
        return Outcome.LEAKS, f"{many} of {gate.fail_on.value} severity or worse"
    if facts.verdict == "leaks" and not any(finding.severity.reaches(Severity.MEDIUM) for finding in facts.leaks):
        return Outcome.ERROR, "the report says that it leaks, but lists nothing that does"
    if facts.faults or facts.verdict == "fault":
        named = f": {facts.faults[0].title}" if facts.faults else ""
        return Outcome.ERROR, f"executions ended in a fault{named}"
    if unconfirmed:
        return Outcome.ERROR, f"{len(unconfirmed)} findings are not confirmed; more traces are needed"
    if not facts.sufficient and not gate.allow_insufficient:
        return Outcome.ERROR, f"nothing was found, and that is not enough to call it clean: {facts.why}"
    return Outcome.CLEAN, f"no finding of {gate.fail_on.value} severity or worse"
