"""What a client may ask for, as strict models: every limit of a request is stated here and nowhere else."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from jobs.assessing import MIN_SEQUENTIAL, Bivariate, ConstantTimeCheck, Sequential, SimulatorChoice
from jobs.attackable import check_attack
from jobs.attacking import Cpa
from jobs.callbacks import CallbackUrl
from jobs.forms import ArtifactId, Misfit, Request
from jobs.target import InputRole, Target, Varies

MAX_TRACES = 100_000_000


class Plan(StrEnum):
    """How the inputs that follow the plan are chosen."""

    FIXED_VS_RANDOM = "fixed_vs_random"
    RANDOM = "random"
    FIXED = "fixed"


class Sampling(StrEnum):
    """What one sample of a trace stands for."""

    INSTRUCTION = "instruction"
    CYCLE = "cycle"


ModelName = Annotated[str, StringConstraints(pattern=r"^([a-z0-9][a-z0-9+_-]{0,31}|sha256:[0-9a-f]{64})$")]


class Power(Request):
    """How activity becomes power."""

    model: ModelName = Field(
        "hw", description="One of the farm's, by name; or one that was fitted, by the id of its artifact."
    )
    sampling: Sampling = Sampling.INSTRUCTION
    noise_sigma: float = Field(1.0, ge=0, le=1000, allow_inf_nan=False, description="In the model's unit.")


class CampaignRequest(Request):
    """N executions of one target, their statistics, and the verdict."""

    firmware: ArtifactId
    target: Target
    name: Annotated[str, StringConstraints(max_length=200)] = ""
    plan: Plan = Plan.FIXED_VS_RANDOM
    traces: int = Field(ge=8, le=MAX_TRACES)
    seed: int = Field(1, ge=0, lt=2**63)
    power: Power = Power()
    cpa: Cpa | None = None
    assess_order: Literal[1, 2] = Field(
        2, description="Highest order of the t-test that counts for the verdict; both are always shown."
    )
    minimum_effect: float = Field(
        0.2,
        gt=0,
        le=10,
        allow_inf_nan=False,
        description="Smallest difference of means, in standard deviations, that a clean verdict must be able to exclude.",
    )
    shards: int | None = Field(
        None, ge=1, le=256, description="Never changes the result; chosen by the farm when absent."
    )
    keep_traces: bool = False
    simulator: SimulatorChoice = SimulatorChoice()
    sequential: Sequential | None = None
    bivariate: Bivariate | None = None
    constant_time: ConstantTimeCheck | None = None

    @model_validator(mode="after")
    def _sets_are_compared(self) -> Self:
        if self.plan is not Plan.FIXED_VS_RANDOM and (self.sequential or self.bivariate):
            raise Misfit(
                "plan", "sequential and bivariate compare fixed with random inputs: the plan must be fixed_vs_random"
            )
        if self.sequential is not None and self.traces < MIN_SEQUENTIAL:
            raise Misfit("traces", f"a sequential campaign needs {MIN_SEQUENTIAL} traces at least")
        return self

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.cpa is not None:
            if self.plan is Plan.FIXED:
                raise Misfit("plan", "cpa needs inputs that vary: the plan is fixed")
            check_attack(self.cpa, self.target)
        if self.plan is not Plan.FIXED and not any(item.variation is Varies.PLAN for item in self.target.inputs):
            raise Misfit("target.inputs", "no input follows the plan: set varies to plan on one")
        return self

    @model_validator(mode="after")
    def _secrets_are_known(self) -> Self:
        if self.constant_time is None:
            return self
        named = self.constant_time.secrets
        inputs = {item.name: item.role for item in self.target.inputs}
        if unknown := [name for name in named or () if name not in inputs]:
            raise Misfit("constant_time.secrets", f"constant_time.secrets name no input: {', '.join(unknown)}")
        if named is None and InputRole.KEY not in inputs.values():
            raise Misfit(
                "constant_time.secrets",
                "constant_time needs an input whose role is key, or constant_time.secrets to say what is secret",
            )
        return self


class InspectRequest(Request):
    """What does an uploaded ELF offer to a campaign: cores, functions, buffers."""

    firmware: ArtifactId
    contains: Annotated[str, StringConstraints(min_length=1, max_length=256)] | None = Field(
        None, description="List only names that contain this, whatever the case."
    )


class PingRequest(Request):
    """A job that does nothing, to measure the way there and back; it may be asked to take a while or to fail."""

    echo: Annotated[str, StringConstraints(max_length=1000)] = ""
    duration_s: float = Field(0, ge=0, le=600)


class JobRequest(Request):
    """The body of POST /api/v2/jobs."""

    kind: Literal[
        "ping",
        "inspect",
        "estimate",
        "campaign",
        "simulation.import",
        "simulation.record",
        "simulation.capture",
        "simulation.crosscheck",
        "simulation.profile",
        "simulation.calibrate",
        "query",
        "chat",
        "similar",
        "ingest",
        "remove",
        "rebuild",
        "remforge.forge",
        "remforge.batch",
        "remforge.sequence",
        "remforge.search",
    ]
    params: dict[str, object]
    priority: int = Field(5, ge=0, le=9, description="9 is the most urgent.")
    tags: tuple[Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")], ...] = (
        Field((), max_length=16)
    )
    deadline_s: float | None = Field(None, gt=0, le=86_400)
    callback_url: CallbackUrl | None = Field(None, description="Is sent the job when it has ended, signed.")


class CampaignSubmission(CampaignRequest):
    """The body of POST /api/v2/campaigns: a campaign and how to queue it."""

    priority: int = Field(5, ge=0, le=9)
    tags: tuple[Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")], ...] = (
        Field((), max_length=16)
    )
    deadline_s: float | None = Field(None, gt=0, le=86_400)
    callback_url: CallbackUrl | None = Field(None, description="Is sent the job when it has ended, signed.")


class ShardParams(Request):
    """Part of a campaign: traces [first, last) of the campaign `campaign`."""

    campaign: str
    index: int = Field(ge=0)
    first: int = Field(ge=0)
    last: int = Field(gt=0)


class MergeParams(Request):
    """The last part of a campaign."""

    campaign: str
