"""Comparing two simulators."""

from pydantic import Field

from jobs.assessing import Platform
from jobs.forms import ArtifactId, Request
from jobs.payloads import Plan
from jobs.target import Target

MAX_CROSSCHECKED = 64
"""Executions; each is kept whole on both sides."""


class CrosscheckRequest(Request):
    """Execute the same on both simulators, and find where their ways part.

    The executions are the first ones of the campaign with the same target, plan and seed.
    """

    firmware: ArtifactId
    target: Target
    plan: Plan = Plan.FIXED_VS_RANDOM
    seed: int = Field(1, ge=0, lt=2**63)
    executions: int = Field(4, ge=1, le=MAX_CROSSCHECKED)
    platform: Platform | None = Field(None, description="Of Renode; by default the bare core that the target names.")
