"""Calibrations, as the graph shows them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import strawberry

from web.graphql.paging import After, Connection, First, field
from web.graphql.place_types import Place, paged, placed, shown


@strawberry.type
class Coefficient:
    """One coefficient of a class; no value: nothing of it varied."""

    name: str
    value: float | None
    standard_error: float | None = strawberry.field(description="Null: it could not be told from other coefficients.")


@strawberry.type
class ClassFit:
    """The regression over the instructions of one class."""

    kind: str
    instructions: int
    base: float | None
    r2: float | None = strawberry.field(description="In traces that it was not fitted to.")
    absent: str | None = strawberry.field(description="Why the class has no coefficients of its own.")
    coefficients: list[Coefficient]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "ClassFit":
        """Show a class."""
        made = [shown(Coefficient, value or {}, name=name) for name, value in told["coefficients"].items()]
        return shown(cls, told, coefficients=made)


@strawberry.type
class CalibratedRow:
    """One instruction: what was measured of it beside what is simulated."""

    place: Place
    executions: int
    r2: float | None
    rho_measured: float | None
    rho_simulated: float | None
    rho_difference: float | None
    p_measured: float | None
    p_simulated: float | None
    p_difference: float | None
    agrees: bool | None = strawberry.field(description="Null: it cannot be said, at all or of so few traces.")

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "CalibratedRow":
        """Show an instruction."""
        return shown(cls, told, place=placed(told["place"]))


@strawberry.type(description="A power model fitted to measured traces, or judged by them.")
class Calibration:
    """What a calibration found."""

    told: strawberry.Private[Mapping[str, Any]]
    created_at: datetime
    calibration: str = strawberry.field(description="`calibrated` or `uncalibrated`.")
    why: str
    agree: int
    differ: int
    not_told: int
    model: str
    artifact: str | None = strawberry.field(description="The model's id for campaigns; null: it was not stored.")
    traces: int
    left_out: int
    unit: str
    instructions_total: int
    noise_sigma: float
    scale: float
    level: float
    r2: float | None = strawberry.field(description="Held-out, over all classes. Null: no activity varied.")
    classes: list[ClassFit]
    rho_of: str | None = strawberry.field(description="What correlations are with; null: none were compared.")
    rho_absent: str | None = strawberry.field(description="Why none were compared.")
    warnings: list[str]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Calibration":
        """Show a calibration."""
        verdict, model = told["verdict"], told["model"]
        return shown(
            cls,
            told | verdict,
            told=told,
            created_at=datetime.fromisoformat(told["created_at"]),
            model=model["name"],
            artifact=model["artifact"],
            classes=[ClassFit.of(one) for one in told["classes"]],
        )

    @field
    def rows(self, first: First = 20, after: After = None, agrees: bool | None = None) -> Connection[CalibratedRow]:
        """Instructions by address: all, or those that agree, or that differ."""
        wanted = [row for row in self.told["rows"] if agrees is None or row["agrees"] is agrees]
        return paged(CalibratedRow, wanted, first=first, after=after)
