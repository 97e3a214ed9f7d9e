"""What is compared of a report."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from jobs.payloads import CampaignRequest
from jobs.report import Finding, Firmware, Row, Sufficiency, Tvla, Verdict


class Attack(BaseModel):
    """What is compared of an attack."""

    model_config = ConfigDict(extra="ignore", frozen=True)

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

    @property
    def key_known(self) -> bool:
        """Return whether there was an attack whose key is known."""
        return self.cpa is not None and self.cpa.key_known
