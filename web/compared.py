"""What is compared of a report."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from jobs.payloads import CampaignRequest
from jobs.report import Finding, Firmware, Row, Sufficiency, Tvla, Verdict


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


class _Source(BaseModel):
    measured: dict[str, object] | None = None


def is_of_measured_traces(document: bytes) -> bool:
    """Return whether a report is of traces that were measured, not simulated."""
    try:
        return _Source.model_validate_json(document).measured is not None
    except ValidationError:
        return False
