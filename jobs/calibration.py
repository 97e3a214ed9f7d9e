"""What a calibration found, `calibration/1`: a power model fitted to measured traces, and how far simulated ones are from them.

A value that was not computed is null, and a field beside it says why.
"""

from datetime import datetime
from typing import Literal

from pydantic import Field

from jobs.measuring import CalibrateRequest
from jobs.report import Place
from jobs.report_measured import Told


class Estimated(Told):
    """One coefficient of a class."""

    value: float = Field(description="In the traces' unit per bit, or per unit of the low byte.")
    standard_error: float | None = Field(description="Null: it could not be told from other coefficients.")


class ClassFit(Told):
    """The regression over the instructions of one class, with the mean of each instruction taken out."""

    kind: str
    instructions: int = Field(description="On the path, each with a measured power in every trace.")
    base: float | None = Field(description="Mean power that its activity does not explain. Null: no instruction.")
    coefficients: dict[str, Estimated | None] = Field(description="Null: nothing of it varied, or see `absent`.")
    r2: float | None = Field(
        description="Share of the variance about each instruction's mean that the model explains in traces it was not "
        "fitted to; below 0: less than the mean does."
    )
    absent: str | None = Field(description="Why the class has no coefficients of its own: those of all classes hold.")


class FittedModel(Told):
    """The power model that was judged."""

    name: str
    artifact: str | None = Field(
        description="Its id as a power model of campaigns. Null: not stored, or one of the farm."
    )


class CalibrationVerdict(Told):
    """Whether the model is calibrated, and how many instructions agree."""

    calibration: Literal["calibrated", "uncalibrated"]
    why: str
    agree: int
    differ: int
    not_told: int = Field(description="Instructions for which it cannot be said, at all or of so few traces.")


class CalibratedRow(Told):
    """One instruction: what was measured of it beside what is simulated."""

    place: Place
    executions: int
    r2: float | None = Field(description="As for its class, of this instruction. Null: its activity never varied.")
    rho_measured: float | None = Field(
        description="Largest |correlation| of the true guess with it. Null: for the reason that `rho_absent` gives."
    )
    rho_simulated: float | None
    rho_difference: float | None
    p_measured: float | None = Field(description="Smallest p-value of the t-test of order 1. Null: no two sets.")
    p_simulated: float | None
    p_difference: float | None
    agrees: bool | None = Field(
        description="Both differences are within the limits; two p-values that are both above the level of a finding agree. "
        "Null: neither statistic can be had, or the correlations differ by more than the limit and no more than chance "
        "explains (3 standard errors): more traces would tell."
    )


class Calibration(Told):
    """The whole of it."""

    schema_version: Literal["calibration/1"] = "calibration/1"
    job: str
    created_at: datetime
    request: CalibrateRequest
    firmware: str
    traces_sha256: str
    traces: int = Field(description="That were used: they follow the path of the first one.")
    left_out: int = Field(description="Of those looked at, that went another way.")
    unit: str
    instructions_total: int = Field(description="On the path, with at least one sample each.")
    noise_sigma: float = Field(description="Standard deviation of what the judged model leaves, in the traces' unit.")
    scale: float = Field(description="By which the judged model's data-dependent power is multiplied to fit best.")
    level: float = Field(description="p-value below which an instruction is said to leak, for their number (Sidak).")
    r2: float | None = Field(description="Over all classes. Null: no activity varied.")
    classes: tuple[ClassFit, ...]
    model: FittedModel
    verdict: CalibrationVerdict
    rho_of: str | None = Field(
        None,
        description="What correlations are with: the intermediate that the import attacks. Null: none were compared.",
    )
    rho_absent: str | None = Field(
        None, description="Why no correlations were compared; null where they were, and before that was told."
    )
    rows: tuple[CalibratedRow, ...] = Field(description="By address.")
    warnings: tuple[str, ...]
