"""Profiled attacks on kept traces: what may be asked for."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from jobs.forms import Misfit, Name, Request

MAX_POINTS = 256
MAX_DIMENSIONS = 64
MAX_REPETITIONS = 1000
BLOCK_BYTES = 16

CampaignId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z._-]{1,100}$")]


class Method(StrEnum):
    """How a device is learnt."""

    TEMPLATES = "templates"
    """A Gaussian for each class with one covariance for all, in the subspace of linear discriminant analysis."""
    STOCHASTIC = "stochastic"
    """The stochastic model: a linear regression on bits of the intermediate, and the covariance of what it leaves."""


class ProfileRequest(Request):
    """Learn from some of a campaign's kept traces, and attack others that were not learnt from."""

    campaign: CampaignId = Field(description="A campaign that kept its traces and gave the firmware a known key.")
    attack: CampaignId | None = Field(
        None,
        description="A campaign on the same samples whose traces are attacked, best with another key; by default those "
        "traces of `campaign` that were not learnt from.",
    )
    methods: tuple[Method, ...] = Field((Method.TEMPLATES, Method.STOCHASTIC), min_length=1, max_length=2)
    intermediate: Literal["aes128-sbox-output", "xor"] = Field(
        "aes128-sbox-output", description="What leaks: S(plaintext ^ key), or plaintext ^ key, byte by byte."
    )
    plaintext: Name = "plaintext"
    key: Name = "key"
    bytes: tuple[Annotated[int, Field(ge=0, lt=BLOCK_BYTES)], ...] | None = Field(
        None, min_length=1, max_length=BLOCK_BYTES, description="Key bytes to attack; by default the first 16."
    )
    window: tuple[int, int] | None = Field(None, description="Samples [from, to) that points may lie in; default: all.")
    profiling: int | None = Field(
        None, ge=32, description="Traces to learn from; by default half of them, or all where others are attacked."
    )
    points: int = Field(32, ge=1, le=MAX_POINTS, description="Points of interest of a byte, at most.")
    classes: Literal["auto", "value", "hw"] = Field(
        "auto",
        description="Classes of templates: the 256 values, or the nine Hamming weights. `auto`: the values where each "
        "was seen often enough.",
    )
    dimensions: int | None = Field(
        8, ge=1, le=MAX_DIMENSIONS, description="Of the discriminant subspace; null: a Gaussian over all points."
    )
    basis: Literal["bits", "pairs"] = Field(
        "bits", description="Of the regression: eight bits, or also their 28 products of two."
    )
    repetitions: int = Field(
        100,
        ge=1,
        le=MAX_REPETITIONS,
        description="Attacks at each number of traces, at most: they share no trace, so there may be fewer.",
    )
    order: int = Field(10, ge=2, le=256, description="Success of this order: each key byte is among so many guesses.")
    seed: int = Field(1, ge=0, lt=2**63, description="Which traces are learnt from, and which attack takes which.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(set(self.methods)) != len(self.methods):
            raise Misfit("methods", "methods must differ")
        if self.bytes is not None and list(self.bytes) != sorted(set(self.bytes)):
            raise Misfit("bytes", "bytes must be ascending and differ")
        if self.window is not None and not 0 <= self.window[0] < self.window[1]:
            raise Misfit("window", "window must be [from, to) with from below to")
        if self.attack is not None and self.attack == self.campaign:
            raise Misfit(
                "attack", "attack names the campaign itself: leave it out, and other traces of it are attacked"
            )
        return self
