"""A judgement as SARIF 2.1.0 (OASIS), as code-scanning services read it."""

import hashlib
import json
from typing import Any
from urllib.parse import quote

from dasein.findings import Finding, Severity
from dasein.gate import Judgement, Outcome
from dasein.version import VERSION

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
RULES = {
    "tvla-1": "The mean power at an instruction depends on secret data (first-order t-test)",
    "tvla-2": "The variance of the power at an instruction depends on secret data (second-order t-test)",
    "bivariate": "The powers of two instructions together depend on secret data (second-order bivariate t-test)",
    "cpa": "A correlation attack reads key bytes from the power of an instruction",
    "control-flow": "Which instructions run depends on secret data",
    "secret-address": "The address of a load or store depends on secret data",
    "cycles": "How long an execution takes depends on secret data",
    "fault": "An execution ended in a fault",
    "budget": "An execution ran out of its cycle budget",
}
LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}


def sarif(judgement: Judgement, *, firmware: str) -> bytes:
    """Return the document for the file named `firmware`; ignored findings are in it, suppressed with their reason."""
    findings = judgement.facts.faults if judgement.facts else ()
    results = [_result(finding, firmware) for finding in (*judgement.failed, *judgement.unconfirmed, *judgement.below)]
    results += [_result(finding, firmware) for finding in findings]
    results += [
        _result(finding, firmware) | {"suppressions": [{"kind": "external", "justification": entry.reason}]}
        for finding, entry in judgement.ignored
    ]
    invocation: dict[str, Any] = {"executionSuccessful": judgement.outcome is not Outcome.ERROR}
    if judgement.outcome is Outcome.ERROR:
        invocation["toolExecutionNotifications"] = [{"level": "error", "message": {"text": judgement.reason}}]
    kinds = sorted({result["ruleId"] for result in results})
    driver = {
        "name": "dasein",
        "version": VERSION,
        "rules": [
            {"id": kind, "shortDescription": {"text": RULES.get(kind, kind)}, "properties": {"tags": ["security"]}}
            for kind in kinds
        ],
    }
    for result in results:
        result["ruleIndex"] = kinds.index(result["ruleId"])
    run = {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"


def _result(finding: Finding, firmware: str) -> dict[str, Any]:
    located: dict[str, Any] = {
        "artifactLocation": {"uri": quote(finding.file or firmware)},
        "address": {"absoluteAddress": finding.address},
    }
    if finding.file and finding.line:
        located["region"] = {"startLine": finding.line}
    location: dict[str, Any] = {"physicalLocation": located}
    if finding.function:
        location["logicalLocations"] = [{"name": finding.function, "kind": "function"}]
    return {
        "ruleId": finding.kind,
        "level": LEVELS[finding.severity],
        "message": {"text": finding.title},
        "locations": [location],
        "partialFingerprints": {"place/v1": _fingerprint(finding)},
        "properties": {
            "severity": finding.severity.value,
            "statistic": finding.statistic,
            "value": finding.value,
            "traces": finding.traces,
            "instruction": finding.instruction,
            "secret": finding.secret,
            "parting": [dict(part) for part in finding.parting],
        },
    }


def _fingerprint(finding: Finding) -> str:
    """Identify a finding by what stays when code around it moves: kind, function and instruction, not address."""
    named: tuple[str | None, ...] = (finding.kind, finding.file, finding.function, finding.instruction)
    if finding.partner is not None:
        named += (finding.partner.function, finding.partner.instruction)
    return hashlib.sha256(repr(named).encode()).hexdigest()[:32]
