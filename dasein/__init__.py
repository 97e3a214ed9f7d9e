"""The client of a Dasein farm: firmware in, leakage verdict out. Imports httpx, typer, rich and nothing of the farm."""

from dasein.answers import DeadLetter, Event, Failure, Job, Progress, State
from dasein.client import Client
from dasein.errors import (
    ApiError,
    BadAnswer,
    BadCampaign,
    BadCredential,
    BadFile,
    BadPolicy,
    DaseinError,
    JobFailed,
    Unreachable,
    WaitTimeout,
)
from dasein.farm_address import DEFAULT_URL
from dasein.findings import Finding, Severity
from dasein.gate import Judgement, Outcome, judge
from dasein.knowledge import Knowledge
from dasein.policy import Gate, Ignore, Policy, read_policy
from dasein.remforge import RemForge
from dasein.version import VERSION

__all__ = [
    "DEFAULT_URL",
    "VERSION",
    "ApiError",
    "BadAnswer",
    "BadCampaign",
    "BadCredential",
    "BadFile",
    "BadPolicy",
    "Client",
    "DaseinError",
    "DeadLetter",
    "Event",
    "Failure",
    "Finding",
    "Gate",
    "Ignore",
    "Job",
    "JobFailed",
    "Judgement",
    "Knowledge",
    "Outcome",
    "Policy",
    "Progress",
    "RemForge",
    "Severity",
    "State",
    "Unreachable",
    "WaitTimeout",
    "judge",
    "read_policy",
]
