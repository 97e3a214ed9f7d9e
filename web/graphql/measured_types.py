"""Where measured traces come from, as the graph shows it."""

from collections.abc import Mapping
from typing import Any

import strawberry

from web.graphql.place_types import shown


@strawberry.type
class ValueOfTraces:
    """What a file holds of each trace."""

    name: str
    bytes: int


@strawberry.type
class Quantised:
    """How numbers became the integers that are summed up."""

    lossless: bool = strawberry.field(description="Whether every sample is stored exactly as it was measured.")
    smallest_step: float
    largest_step: float
    added_variance: float = strawberry.field(description="By rounding, as a share of the sample's, where it is most.")


@strawberry.type
class Mapped:
    """How samples were given to instructions."""

    samples_per_cycle: float
    first_sample: float
    executions: int = strawberry.field(description="That were simulated with the inputs of the first traces.")
    path_instructions: int
    common_instructions: int = strawberry.field(description="That all of them have in common.")
    before: int = strawberry.field(description="Samples before the execution.")
    after: int = strawberry.field(description="Samples behind it.")
    output_agrees: bool | None = strawberry.field(description="Null: the traces hold no output to compare.")


@strawberry.type(description="Where measured traces come from, and what was made of them.")
class MeasuredTraces:
    """The file of an import."""

    form: str
    sha256: str
    bytes: float = strawberry.field(description="More than an Int holds.")
    traces: int
    left_out: int = strawberry.field(description="Traces that the file marks as in no set.")
    samples: int
    first_sample: int = strawberry.field(description="The first sample that was kept, in the file's traces.")
    unit: str
    sampled_hz: float | None = strawberry.field(description="Null: not told.")
    values: list[ValueOfTraces]
    groups: str = strawberry.field(description="Sets of the t-test: `given`, `derived` or `none`.")
    groups_why: str
    key: str | None = strawberry.field(description="Where the true key is from: `file`, `request`, or it `varies`.")
    quantised: Quantised
    mapped: Mapped | None = strawberry.field(description="Null: samples are not known to belong to instructions.")
    notes: list[str]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "MeasuredTraces":
        """Show where traces come from."""
        mapped = told["mapped"]
        return shown(
            cls,
            told,
            values=[ValueOfTraces(name=name, bytes=size) for name, size in told["values"].items()],
            quantised=shown(Quantised, told["quantised"]),
            mapped=mapped and shown(Mapped, mapped),
        )
