"""Pairs of samples that together depend on the inputs."""

from pydantic import Field

from jobs.report_parts import Part, Place


class Pair(Part):
    """Two instructions whose centred product differs between the sets, at their worst samples."""

    first: Place
    second: Place
    samples: tuple[int, int]
    t: float | None = Field(description="Null: infinite.")
    p_log10: float
    p_adjusted_log10: float = Field(description="Adjusted for all pairs (Holm).")
    confirmed: bool = Field(description="Over 4.5 with the same sign in both halves of the traces.")


class Bivariate(Part):
    """Welch t-test of (x - mean x)(y - mean y), fixed against random, for every pair of samples in a window."""

    window: tuple[int, int] = Field(description="Samples [from, to) that were paired.")
    pairs: int = Field(description="Of different samples outside declared-public code.")
    threshold: float
    corrected_threshold: float = Field(description="For the number of pairs, Ding et al. 2017.")
    max_abs_t: float | None = Field(description="Null: infinite, or no pair.")
    over_threshold: int = Field(description="Pairs of samples; 7 in a million are by chance.")
    over_corrected: int
    confirmed: int = Field(description="Over the corrected threshold, and over the threshold in both halves.")
    top: tuple[Pair, ...] = Field(description="Worst first, one for each two instructions, at most 100.")
    excluded_pairs: int = Field(description="Pairs with a sample in declared-public code: measured, not counted.")
    excluded_max_abs_t: float | None = Field(description="Null: infinite, or no such pair.")
