"""What is compared of a report."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from jobs.payloads import CampaignRequest
from jobs.report import Finding, Firmware, Kind, Row, Sufficiency, Tvla, Verdict

OF_SECRETS = frozenset({Kind.CONTROL_FLOW, Kind.SECRET_ADDRESS, Kind.CYCLES})
"""What a check of secrets finds, or in the case of control flow, judges."""


class Attack(BaseModel):
    """What is compared of an attack."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    traces: int
    """Of the random set alone."""
    bytes: tuple[object, ...]
    """That were guessed."""
    key_known: bool = False


class Measured(BaseModel):
    """What is compared of a report: the series, which are most of it, are not read."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    campaign: str
    created_at: datetime
    request: CampaignRequest
    verdict: Verdict
    headline: str
    firmware: Firmware
    traces: int
    tvla: Tvla | None
    cpa: Attack | None = None
    findings: tuple[Finding, ...]
    rows: tuple[Row, ...]
    sufficiency: Sufficiency


def shared_kinds(before: Measured, after: Measured) -> frozenset[Kind]:
    """Return the kinds of findings that both looked for.

    An attack, a test of pairs or a check of secrets that only one of them ran says nothing of the other.
    """
    left_out: set[Kind] = set()
    if attacked(before) != attacked(after):
        left_out.add(Kind.CPA)
    if (before.request.bivariate is None) != (after.request.bivariate is None):
        left_out.add(Kind.BIVARIATE)
    if checked(before) != checked(after):
        left_out |= OF_SECRETS
    return frozenset(Kind) - left_out


def attacked(side: Measured) -> str | None:
    """Return what was attacked."""
    return None if side.request.cpa is None else side.request.cpa.intermediate


def checked(side: Measured) -> object:
    """Return what the check of secrets was asked for, but for the number of executions; None without one."""
    asked = side.request.constant_time
    return None if asked is None else (asked.secrets, asked.cache)


class _Source(BaseModel):
    measured: dict[str, object] | None = None


def is_of_measured_traces(document: bytes) -> bool:
    """Return whether a report is of traces that were measured, not simulated."""
    try:
        return _Source.model_validate_json(document).measured is not None
    except ValidationError:
        return False
