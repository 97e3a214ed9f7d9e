"""What a sequential campaign saw at each look, and when it was decided."""

from typing import Literal

from pydantic import Field

from jobs.report_parts import Part


class Look(Part):
    """The traces so far, looked at once."""

    traces: int = Field(description="All traces before this look, also those that did not end well.")
    fraction: float = Field(description="Of the information at the last look.")
    boundary: float = Field(description="|z| from which this look calls a sample leaking.")
    nominal_p_log10: float = Field(description="log10 of the two-sided p-value on that boundary.")
    spent: float = Field(description="How much of the error rate was spent up to here, over all samples.")
    max_abs_t1: float | None = Field(description="Declared-public code excluded. Null: infinite.")
    max_abs_t2: float | None = Field(description="The same of order 2. Null: infinite.")
    p_log10: float = Field(description="log10 of the smallest p-value of the orders that count for the verdict.")
    crossed: int = Field(description="Tests beyond the boundary.")
    minimum_effect: float | None = Field(
        description="Difference of means, in standard deviations, that goes over this boundary with 95 % power."
    )


class SequentialReport(Part):
    """When the verdict of the t-test was decided; every statistic of the report is of the traces until then."""

    error_rate: float = Field(
        description="Chance that a target that does not leak is ever called leaking by the t-test, over all looks and samples."
    )
    tests: int = Field(description="Samples outside declared-public code times orders that count for the verdict.")
    decided: Literal["leaks", "control-flow", "clean", "not-decided"] = Field(
        description="`leaks`: a test went over the boundary. `control-flow`: executions took different ways outside "
        "declared-public code. `clean`: none did, and the difference asked for would have. `not-decided`: no look said either."
    )
    traces: int = Field(description="Traces it took.")
    planned: int = Field(description="Traces that the campaign would have run at most.")
    looks: tuple[Look, ...] = Field(description="Those that were taken.")
    planned_looks: int
