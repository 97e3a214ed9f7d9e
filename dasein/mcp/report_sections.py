"""A report in parts that a model can read: the summary first, everything else when it is asked for."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from dasein.answers import understood
from dasein.findings import Facts

Section = Literal["summary", "findings", "key", "constant_time", "code", "samples", "request"]
ATTACK = ("intermediate", "what", "of", "assumes", "traces", "key_known", "recovered", "confident", "key", "master_key")
"""What of an attack is told in short; farms of before tell less of it."""
WORST = 5
Document = Mapping[str, Any]


def section_of(report: Document, section: Section, *, offset: int, limit: int) -> tuple[dict[str, Any], int]:
    """Return a section, and how many entries there are to page through, 0 where there are none; raise BadAnswer."""
    facts = Facts.read(report)
    with understood("report"):
        if section == "summary":
            return _summary(report, facts), 0
        if section == "request":
            return {"request": report["request"]}, 0
        name, entries = _ENTRIES[section](report, facts)
        return {name: list(entries[offset : offset + limit])}, len(entries)


def _summary(report: Document, facts: Facts) -> dict[str, Any]:
    cpa = report["cpa"]
    return {
        "verdict": facts.verdict,
        "headline": facts.headline,
        "sufficient": facts.sufficient,
        "why_sufficient": facts.why,
        "findings_by_severity": dict(Counter(finding.severity.value for finding in facts.findings)),
        "worst_findings": [finding.document() for finding in facts.findings[:WORST]],
        "key_attack": report["cpa_absent"] if cpa is None else {name: cpa.get(name) for name in ATTACK},
        "t_test": report["tvla_absent"] if report["tvla"] is None else report["tvla"],
        "firmware": report["firmware"],
        "traces": report["traces"],
        "power": report["power"],
        "alignment": report["alignment"],
        "engine": {**report["engine"], **(report.get("execution") or {})},
        "constant_time": _dependence(report),
        "declared_public": report["excluded"],
        "warnings": report["warnings"],
        "digest": report["digest"],
    }


def _dependence(report: Document) -> Any:
    """Return what depends on the inputs, without the list, or why it is not known."""
    found = report.get("constant_time")
    if found is None:
        return report.get("constant_time_absent")
    return {name: value for name, value in found.items() if name != "found"}


def _dependences(report: Document, _facts: Facts) -> tuple[str, Sequence[Any]]:
    return "instructions", (report.get("constant_time") or {}).get("found", ())


def _findings(_report: Document, facts: Facts) -> tuple[str, Sequence[Any]]:
    return "findings", [finding.document() for finding in facts.findings]


def _key(report: Document, _facts: Facts) -> tuple[str, Sequence[Any]]:
    parts = () if report["cpa"] is None else report["cpa"]["bytes"]
    names = ("index", "best_guess", "true_value", "rank", "confident", "rho", "sample", "place", "traces_to_recover")
    return "key_bytes", [{name: part[name] for name in names} for part in parts]


def _code(report: Document, _facts: Facts) -> tuple[str, Sequence[Any]]:
    return "instructions", report["rows"]


def _samples(report: Document, _facts: Facts) -> tuple[str, Sequence[Any]]:
    """Return the points of the t-trace, those that differ most first; an infinite t is null, and goes before all."""
    series = report["series"]
    places = {row["place"]["address"]: row["place"] for row in report["rows"]}
    points = [
        {"sample": number * series["stride"], "t1": t1, "place": places.get(pc)}
        for number, (pc, t1) in enumerate(zip(series["pcs"], series["t1"], strict=False))
    ]
    return "samples", sorted(points, key=_strength, reverse=True)


def _strength(point: Document) -> float:
    return math.inf if point["t1"] is None else abs(float(point["t1"]))


_ENTRIES: Mapping[str, Callable[[Document, Facts], tuple[str, Sequence[Any]]]] = {
    "findings": _findings,
    "key": _key,
    "constant_time": _dependences,
    "code": _code,
    "samples": _samples,
}
