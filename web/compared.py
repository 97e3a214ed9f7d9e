"""What is compared of a report."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from jobs.assessing import Bivariate, ConstantTimeCheck
from jobs.measuring import ImportRequest
from jobs.payloads import CampaignRequest
from jobs.report import Alignment, Finding, Firmware, Kind, Row, Sufficiency, Tvla, Verdict
from jobs.target import Target

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


class Traces(BaseModel):
    """What is compared of where measured traces come from."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    sha256: str
    """Of the file."""
    unit: str
    sampled_hz: float | None
    groups: str
    """How the sets of the t-test were found; `none`: there are none."""


class Side(BaseModel):
    """What is compared of a report: the series, which are most of it, are not read."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    campaign: str
    created_at: datetime
    request: CampaignRequest | ImportRequest
    verdict: Verdict
    headline: str
    firmware: Firmware | None
    """None: measured traces of a program that is not known; places are runs of samples then."""
    traces: int
    measured: Traces | None = None
    """None: the traces were simulated."""
    alignment: Alignment
    tvla: Tvla | None
    cpa: Attack | None = None
    findings: tuple[Finding, ...]
    rows: tuple[Row, ...]
    sufficiency: Sufficiency

    @property
    def simulated(self) -> CampaignRequest | None:
        """Return the request of a simulation; None for measured traces."""
        return self.request if isinstance(self.request, CampaignRequest) else None

    @property
    def target(self) -> Target | None:
        """Return how the firmware was called; None where it is not known."""
        return self.request.target

    @property
    def noise_sigma(self) -> float | None:
        """Return the noise that was added, in the model's unit; None: measured traces have that of their bench."""
        return None if self.simulated is None else self.simulated.power.noise_sigma

    @property
    def bivariate(self) -> Bivariate | None:
        """Return which pairs of samples were tested."""
        return None if self.simulated is None else self.simulated.bivariate

    @property
    def constant_time(self) -> ConstantTimeCheck | None:
        """Return what the check of secrets was asked for."""
        return None if self.simulated is None else self.simulated.constant_time


def shared_kinds(before: Side, after: Side) -> frozenset[Kind]:
    """Return the kinds of findings that both looked for.

    An attack, a test of pairs or a check of secrets that only one of them ran says nothing of the other.
    """
    left_out: set[Kind] = set()
    if attacked(before) != attacked(after):
        left_out.add(Kind.CPA)
    if (before.bivariate is None) != (after.bivariate is None):
        left_out.add(Kind.BIVARIATE)
    if checked(before) != checked(after):
        left_out |= OF_SECRETS
    return frozenset(Kind) - left_out


def attacked(side: Side) -> str | None:
    """Return what was attacked; None also where an attack was asked for and could not be made."""
    return None if side.request.cpa is None or side.cpa is None else side.request.cpa.intermediate


def checked(side: Side) -> object:
    """Return what the check of secrets was asked for, but for the number of executions; None without one."""
    asked = side.constant_time
    return None if asked is None else (asked.secrets, asked.cache)
