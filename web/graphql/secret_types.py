"""What depends on inputs, and on declared secrets, as the graph shows it."""

from collections.abc import Mapping
from typing import Any

import strawberry

from web.graphql.paging import After, Connection, First, field
from web.graphql.place_types import Parting, Place, Span, paged, parted, placed, shown, spanned


@strawberry.type
class Dependence:
    """An instruction that takes its way, its address or its duration from inputs that vary."""

    kind: str
    place: Place
    executions: int
    first: int
    parting: list[Parting]
    public: str | None

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Dependence":
        """Show what a report lists."""
        return shown(cls, told, place=placed(told["place"]), parting=parted(told))


@strawberry.type
class Way:
    """Where executions went behind an instruction; no place: they ended there."""

    place: Place | None
    executions: int

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Way":
        """Show a way."""
        return shown(cls, told, place=placed(told["place"]))


@strawberry.type
class SecretWay:
    """An instruction behind which executions that differ in secrets alone went different ways."""

    place: Place
    first: int
    ways: list[Way]
    parting: list[Parting]
    p_log10: float | None
    public: str | None

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "SecretWay":
        """Show where executions part."""
        ways = [Way.of(one) for one in told["ways"]]
        return shown(cls, told, place=placed(told["place"]), ways=ways, parting=parted(told))


@strawberry.type
class SecretAddress:
    """A load or store whose address differs between executions that differ in secrets alone."""

    kind: str
    place: Place
    first: int
    executions: int
    compared: int
    span: Span
    other_lines: int | None
    extra_cycles: Span | None
    parting: list[Parting]
    p_log10: float | None
    public: str | None

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "SecretAddress":
        """Show an address."""
        spans = {name: spanned(told.get(name)) for name in ("span", "extra_cycles")}
        return shown(cls, told, place=placed(told["place"]), parting=parted(told), **spans)


@strawberry.type
class CycleTest:
    """Cycles with the fixed secret against those with random ones, for one value of the public inputs."""

    value: int
    cached: bool
    fixed: int
    random: int
    mean_fixed: float
    mean_random: float
    fewest: int
    most: int
    t: float | None = strawberry.field(description="Null: infinite, both are constant and differ.")
    p_log10: float | None
    differs: bool
    place: Place | None = strawberry.field(description="Where it begins, if it differs.")
    public: str | None

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "CycleTest":
        """Show a test."""
        return shown(cls, told, place=placed(told["place"]))


@strawberry.type
class DataCache:
    """The data cache that was assumed."""

    line_bytes: int
    sets: int
    ways: int
    miss_cycles: int


@strawberry.type(description="Executions compared that differ in secrets (and masks) alone.")
class SecretCheck:
    """The check of declared secrets."""

    told: strawberry.Private[Mapping[str, Any]]
    verdict: str = strawberry.field(description="`constant-time`, `leaks` or `undecided`.")
    why: str
    secrets: list[str]
    masks: list[str]
    public: list[str]
    values: int = strawberry.field(description="Values of the public inputs, each with executions of its own.")
    executions: int
    chosen: int
    failed: int
    error_rate: float | None = strawberry.field(
        description="Of the tests, with masks; null: nothing is left to chance."
    )
    proven: bool = strawberry.field(description="Whether no secret at all changes ways or addresses.")
    unproven: str | None = strawberry.field(description="Why not.")
    cache: DataCache | None
    cycles: list[CycleTest]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "SecretCheck":
        """Show a check."""
        cache = told["cache"] and shown(DataCache, told["cache"])
        return shown(cls, told, told=told, cache=cache, cycles=[CycleTest.of(one) for one in told["cycles"]])

    @field
    def ways(self, first: First = 20, after: After = None) -> Connection[SecretWay]:
        """Instructions behind which executions part, by position."""
        return paged(SecretWay, self.told["ways"], first=first, after=after)

    @field
    def addresses(self, first: First = 20, after: After = None) -> Connection[SecretAddress]:
        """Loads and stores that went elsewhere, by position."""
        return paged(SecretAddress, self.told["addresses"], first=first, after=after)

    @field
    def operands(self, first: First = 20, after: After = None) -> Connection[Dependence]:
        """Instructions that take the core longer for some operands, conditions or alignments, as secrets decide."""
        return paged(Dependence, self.told["operands"], first=first, after=after)

    @field
    def open(self, first: First = 20, after: After = None) -> Connection[Dependence]:
        """Ways and addresses that are computed from secrets, and came out the same in all executions."""
        return paged(Dependence, self.told["open"], first=first, after=after)
