"""Looks, corrections and pairs of samples, as the graph shows them."""

from collections.abc import Mapping
from typing import Any

import strawberry

from web.graphql.paging import After, Connection, First, field
from web.graphql.place_types import Place, Span, paged, placed, shown, spanned


@strawberry.type
class Look:
    """The traces so far, looked at once."""

    traces: int
    fraction: float
    boundary: float = strawberry.field(description="|z| from which this look calls a sample leaking.")
    nominal_p_log10: float
    spent: float = strawberry.field(description="How much of the error rate was spent up to here.")
    max_abs_t1: float | None = strawberry.field(description="Null: infinite.")
    max_abs_t2: float | None = strawberry.field(description="Null: infinite.")
    p_log10: float
    crossed: int = strawberry.field(description="Tests beyond the boundary.")
    minimum_effect: float | None = strawberry.field(description="Seen with 95 % power, in standard deviations.")


@strawberry.type(description="When a sequential campaign was decided.")
class Sequential:
    """Every look, and the decision."""

    error_rate: float
    tests: int
    decided: str = strawberry.field(description="`leaks`, `control-flow`, `clean` or `not-decided`.")
    traces: int
    planned: int
    planned_looks: int
    looks: list[Look]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Sequential":
        """Show the looks."""
        return shown(cls, told, looks=[shown(Look, one) for one in told["looks"]])


@strawberry.type
class Correction:
    """One way to correct for many tests, beside the 4.5 line."""

    method: str = strawberry.field(description="`holm`, `benjamini-hochberg` or `benjamini-yekutieli`.")
    controls: str
    leaking_samples_1: int
    leaking_samples_2: int
    smallest_p_log10: float = strawberry.field(description="log10 of the smallest adjusted p-value.")


@strawberry.type(description="The t-tests corrected for how many they are; no verdict depends on it.")
class Multiplicity:
    """Corrections, all tests as one family."""

    level: float
    tests: int
    orders: int
    uncorrected: int = strawberry.field(description="Tests over 4.5.")
    by_chance: float = strawberry.field(description="Of those, by chance if nothing leaked, on average.")
    corrections: list[Correction]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Multiplicity":
        """Show the corrections."""
        return shown(cls, told, corrections=[shown(Correction, one) for one in told["corrections"]])


@strawberry.type
class Pair:
    """Two instructions whose centred product differs between the sets, at their worst samples."""

    one: Place
    other: Place
    samples: list[int]
    t: float | None = strawberry.field(description="Null: infinite.")
    p_log10: float
    p_adjusted_log10: float = strawberry.field(description="Adjusted for all pairs (Holm).")
    confirmed: bool = strawberry.field(description="Over 4.5 with the same sign in both halves of the traces.")

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Pair":
        """Show a pair."""
        return shown(cls, told, one=placed(told["first"]), other=placed(told["second"]))


@strawberry.type(description="The second-order t-test of every pair of samples in a window.")
class Bivariate:
    """Pairs of samples."""

    told: strawberry.Private[Mapping[str, Any]]
    window: Span
    pairs: int
    threshold: float
    corrected_threshold: float
    max_abs_t: float | None = strawberry.field(description="Null: infinite, or no pair.")
    over_threshold: int
    over_corrected: int
    confirmed: int
    excluded_pairs: int
    excluded_max_abs_t: float | None

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Bivariate":
        """Show the test."""
        return shown(cls, told, told=told, window=spanned(told["window"]))

    @field
    def top(self, first: First = 20, after: After = None) -> Connection[Pair]:
        """The worst pairs, one for each two instructions."""
        return paged(Pair, self.told["top"], first=first, after=after)
