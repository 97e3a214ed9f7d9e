"""What a campaign's report says in words: the passages by which its things are found, and what they are called."""

from collections.abc import Mapping

from jobs.report import Finding, Kind, Place, Report
from stores.vectors import Passage
from workers.query.content import Found
from workers.query.named import firmware_id, function_id, instruction_id, passage_id

MOST = 2000
"""Texts of instructions, and as many of findings: some 20 s of encoding each."""
WHAT = {
    Kind.TVLA_1: "leaks: its mean power depends on the inputs",
    Kind.TVLA_2: "leaks: the variance of its power depends on the inputs",
    Kind.BIVARIATE: "leaks together with another instruction: the product of their powers depends on the inputs",
    Kind.CPA: "leaks: its power gives away a secret by correlation with the S-box output",
    Kind.CONTROL_FLOW: "leaks: it decides by the inputs, and executions leave the reference path",
    Kind.SECRET_ADDRESS: "leaks: it loads or stores at an address that depends on a secret",
    Kind.CYCLES: "leaks: how long an execution takes depends on a secret",
    Kind.FAULT: "ends executions with a fault",
    Kind.BUDGET: "uses up the cycle budget of executions",
}


def passages(report: Report, places: Mapping[int, Place], *, most: int = MOST) -> list[Found]:
    """Return each text once: what instructions do and where, what was found, and the names of things.

    Where that were more than `most` of either, instructions or findings are found by their function: each text has to be
    encoded.
    """
    sha = report.code.sha256
    texts: dict[tuple[str, str], list[str]] = {}
    ordered = [(instruction_id(sha, address), places[address]) for address in sorted(places)]
    fine = [(f"{place.mnemonic}{_within(place)}", thing) for thing, place in ordered]
    coarse = [(f"instruction{_within(place)}", thing) for thing, place in ordered]
    for text, thing in _few(fine, coarse, most):
        texts.setdefault(("instruction", text), []).append(thing)
    for _, place in ordered:
        if place.function:
            text = f"function {place.function}" + (f" of {place.file}" if place.file else "")
            texts.setdefault(("entity", text), [function_id(sha, place.function)])
    numbered = [(f"vulnerability:{report.campaign}:{number}", each) for number, each in enumerate(report.findings, 1)]
    fine = [(_weakness(finding, source_line(finding.place)), thing) for thing, finding in numbered]
    coarse = [(_weakness(finding, finding.place.file), thing) for thing, finding in numbered]
    for text, thing in _few(fine, coarse, most):
        texts.setdefault(("vulnerability", text), []).append(thing)
    name = report.request.name or sha[:12]
    texts.setdefault(("entity", f"firmware {name}"), []).append(firmware_id(sha))
    text = f"campaign {campaign_name(report)}: {report.headline}"
    texts.setdefault(("entity", text), []).append(f"campaign:{report.campaign}")
    return [Found(Passage(passage_id(kind, text), kind, text), tuple(ids)) for (kind, text), ids in texts.items()]


def _few(fine: list[tuple[str, str]], coarse: list[tuple[str, str]], most: int) -> list[tuple[str, str]]:
    return fine if len({text for text, _ in fine}) <= most else coarse


def _within(place: Place) -> str:
    return (f" in function {place.function}" if place.function else "") + (f" of {place.file}" if place.file else "")


def _weakness(finding: Finding, line: str | None) -> str:
    """Say what a finding is about and where, without its figures: findings that differ in these alone share a text."""
    where = " in ".join(part for part in (line, finding.place.function) if part) or finding.place.mnemonic
    return f"{where} {WHAT[finding.kind]}" + (f": {finding.secret}" if finding.secret else "")


def campaign_name(report: Report) -> str:
    """Return what a campaign is called: its name, else its id."""
    return report.request.name or report.campaign


def source_line(place: Place) -> str | None:
    """Return file:line, where both are known."""
    return f"{place.file}:{place.line}" if place.file and place.line else None
