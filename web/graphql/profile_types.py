"""Profiled attacks, as the graph shows them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import strawberry

from web.graphql.paging import After, Connection, First, field
from web.graphql.place_types import Place, paged, placed, shown


@strawberry.type
class Estimate:
    """A number with its 95 % confidence interval; no interval: there was one attack."""

    value: float
    low: float | None
    high: float | None


def _estimated(told: Mapping[str, Any] | None) -> Estimate | None:
    return None if told is None else shown(Estimate, told)


@strawberry.type
class AttackPoint:
    """Attacks with so many traces each, no trace in two of them."""

    traces: int
    attacks: int
    success: Estimate = strawberry.field(description="Share of the attacks that have all bytes right.")
    success_order: Estimate = strawberry.field(description="Share that has each byte among the first `order` guesses.")
    bytes_right: Estimate
    guessing_entropy: Estimate = strawberry.field(description="Bits left per byte.")
    mean_rank: float

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "AttackPoint":
        """Show a point of the curve."""
        names = ("success", "success_order", "bytes_right", "guessing_entropy")
        return shown(cls, told, **{name: _estimated(told[name]) for name in names})


@strawberry.type
class ByteAttack:
    """One key byte under one method."""

    index: int
    best_guess: int | None
    true_value: int | None
    rank: int | None
    margin: float
    information: Estimate | None = strawberry.field(description="Perceived information, bits per trace.")
    bits: list[float] = strawberry.field(description="Weights of the stochastic model, least significant first.")

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "ByteAttack":
        """Show a byte."""
        return shown(cls, told, information=_estimated(told["information"]))


@strawberry.type
class ProfileMethod:
    """What one method learnt, and how far attacks with it got."""

    told: strawberry.Private[Mapping[str, Any]]
    method: str = strawberry.field(description="`templates` or `stochastic`.")
    model: str
    classes: int | None
    key: str | None
    recovered: int | None
    traces_to_success: int | None = strawberry.field(description="From which on 90 % of the attacks have all bytes.")
    curve: list[AttackPoint] = strawberry.field(description="At most 20 points; empty where the key is unknown.")
    curve_absent: str | None

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "ProfileMethod":
        """Show a method."""
        return shown(cls, told, told=told, curve=[AttackPoint.of(one) for one in told["curve"]])

    @field
    def bytes(self, first: First = 20, after: After = None) -> Connection[ByteAttack]:
        """The key bytes."""
        return paged(ByteAttack, self.told["bytes"], first=first, after=after)


@strawberry.type
class PointOfInterest:
    """A sample that a byte is learnt from."""

    byte: int
    sample: int
    snr: float | None = strawberry.field(description="Null: infinite.")
    place: Place | None = strawberry.field(description="Null: the traces are of no known firmware.")

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "PointOfInterest":
        """Show a point."""
        return shown(cls, told, place=placed(told["place"]))


@strawberry.type(description="What a profiled attack found.")
class Profile:
    """The report of a profiled attack."""

    told: strawberry.Private[Mapping[str, Any]]
    created_at: datetime
    headline: str
    digest: str
    traces_profiling: int
    traces_attack: int
    samples: int
    samples_considered: int
    key_bytes: int
    key_varies: bool
    same_key: bool
    methods: list[ProfileMethod]
    warnings: list[str]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Profile":
        """Show a report."""
        created = datetime.fromisoformat(told["created_at"])
        return shown(
            cls, told, told=told, created_at=created, methods=[ProfileMethod.of(one) for one in told["methods"]]
        )

    @field
    def order(self) -> int:
        """Of `successOrder`."""
        return int(self.told["request"]["order"])

    @field
    def points(self, first: First = 20, after: After = None) -> Connection[PointOfInterest]:
        """The points of interest, byte after byte, strongest first."""
        listed = [point | {"byte": byte["index"]} for byte in self.told["points"] for point in byte["points"]]
        return paged(PointOfInterest, listed, first=first, after=after)
