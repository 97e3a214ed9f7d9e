"""What the t-tests say when it is counted how many they are."""

from pydantic import Field

from jobs.report_parts import Part


class Correction(Part):
    """One way to correct, beside the 4.5 line."""

    method: str = Field(description="holm, benjamini-hochberg or benjamini-yekutieli")
    controls: str = Field(description="What the level is the chance or the share of.")
    leaking_samples_1: int = Field(description="Samples whose adjusted p-value of order 1 is at most the level.")
    leaking_samples_2: int
    smallest_p_log10: float = Field(description="log10 of the smallest adjusted p-value.")


class Multiplicity(Part):
    """Corrections of the t-tests outside declared-public code, all of them as one family."""

    level: float
    tests: int = Field(description="Samples times the orders that count for the verdict.")
    orders: int = Field(description="Which; samples of an order that does not count are 0 below.")
    uncorrected: int = Field(
        description="Tests over the threshold of 4.5 in all traces, whether or not halves confirm them."
    )
    by_chance: float = Field(description="Tests that would go over it by chance if nothing leaked, on average.")
    corrections: tuple[Correction, ...]
