"""What a report says of traces that were measured and not simulated."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Told(BaseModel):
    """A frozen part of the report."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Quantised(Told):
    """How numbers became the integers that are summed up: value = offset + step * integer, for each sample its own."""

    lossless: bool = Field(description="Whether every sample is stored exactly as it was measured.")
    smallest_step: float
    largest_step: float
    added_variance: float = Field(
        description="What rounding adds to the variance of the sample where it adds most, as a share of it: step^2 / 12, and "
        "what float32 lost of the file's numbers."
    )


class Mapped(Told):
    """How samples were given to instructions."""

    samples_per_cycle: float
    first_sample: float
    executions: int = Field(description="That were simulated with the inputs of the first traces.")
    path_instructions: int
    common_instructions: int = Field(description="That all of them have in common; samples behind belong to none.")
    before: int = Field(description="Samples before the execution.")
    after: int = Field(description="Samples behind it.")
    output_agrees: bool | None = Field(
        description="The output is that of the traces, for all of them. Null: the traces hold none to compare."
    )


class Measured(Told):
    """Where the traces come from, and what was made of them."""

    form: str = Field(description="Of the file.")
    sha256: str
    bytes: int
    traces: int
    left_out: int = Field(description="Traces that the file marks as in no set.")
    samples: int
    first_sample: int = Field(description="The first sample that was kept, in the file's traces.")
    unit: str
    sampled_hz: float | None = Field(description="Null: not told.")
    values: dict[str, int] = Field(description="What the file holds of each trace: name -> bytes.")
    groups: Literal["given", "derived", "none"]
    groups_why: str
    key: Literal["file", "request", "varies"] | None = Field(
        description="Where the true key comes from; `varies`: it changes from trace to trace. Null: nobody said."
    )
    quantised: Quantised
    mapped: Mapped | None = Field(description="Null: samples are not known to belong to instructions.")
    notes: tuple[str, ...]
