"""Findings as workflow commands of GitHub Actions: they appear beside the source lines of a pull request."""

from collections.abc import Iterator

from dasein.gate import Judgement, Outcome


def annotations(judgement: Judgement) -> Iterator[str]:
    """Yield one line per finding that failed, or one for an error without any."""
    for finding in judgement.failed:
        place = {}
        if finding.file:
            place["file"] = finding.file
            if finding.line:
                place["line"] = str(finding.line)
        place["title"] = f"{finding.severity.value} leak ({finding.kind})"
        properties = ",".join(f"{name}={_property(value)}" for name, value in place.items())
        yield f"::error {properties}::{_data(finding.title)}"
    if judgement.outcome is Outcome.ERROR:
        yield f"::error title=dasein check::{_data(judgement.reason)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
