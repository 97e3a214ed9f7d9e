"""Measured traces: taking them in, and fitting a power model to them."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, ValidationInfo, field_validator, model_validator

from jobs.attacking import BLOCK_BYTES, MAX_ATTACKED, Cpa
from jobs.forms import ArtifactId, Hex, Name, Request
from jobs.target import Target

Called = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""What a value is called in a file."""
Form = Literal["npy", "npz", "chipwhisperer", "hdf5", "ets", "csv", "parquet"]
MAX_VALUES = 16


class Clock(Request):
    """Where the execution lies in a trace: cycle c begins at sample `first_sample` + c * `samples_per_cycle`."""

    samples_per_cycle: float = Field(gt=0, le=10_000, allow_inf_nan=False)
    first_sample: float = Field(
        0, ge=-1e7, le=1e7, allow_inf_nan=False, description="Where the entry's first cycle begins; may be negative."
    )


class MeasuredAttack(Cpa):
    """A correlation attack, with what the file tells: values by our names for them, or by the file's."""

    # No pilot without a simulator.
    window: tuple[int, int] | None = Field(
        None,
        description="Samples [from, to). Default: the first 8192 (the last, for a last round), fewer where more than 16 "
        "bytes are attacked.",
    )
    ciphertext: Name = Field("ciphertext", description="Of a last round: what the file calls what came out.")

    @field_validator("window")
    @classmethod
    def _window_fits(cls, window: tuple[int, int] | None, info: ValidationInfo) -> tuple[int, int] | None:
        # How many bytes are guessed, and so the exact limit, is known with the file alone.
        of_block = str(info.data.get("intermediate")).startswith("aes")
        most = MAX_ATTACKED if of_block else MAX_ATTACKED * BLOCK_BYTES
        if window is not None and not 0 <= window[0] < window[1] <= window[0] + most:
            msg = f"window must be [from, to) with from below to, and at most {most} samples"
            raise ValueError(msg)
        return window


class ImportRequest(Request):
    """Take measured traces in as a campaign: the same statistics, report and verdict as simulated ones."""

    artifact: ArtifactId = Field(description="The uploaded file.")
    format: Form | None = Field(None, description="By default told from the file.")
    name: Annotated[str, StringConstraints(max_length=200)] = ""
    values: dict[Name, Called] = Field(
        default_factory=dict,
        max_length=MAX_VALUES,
        description="Names of values by what they are called in the file, such as {plaintext: texts}; "
        "`samples` names the traces, `group` the sets of a t-test.",
    )
    key: Hex | None = Field(None, description="The key, where the file does not hold it.")
    groups: Literal["auto", "given", "derived", "none"] = Field(
        "auto",
        description="Sets of the t-test: `given` in the file (0 fixed, 1 random), `derived` from a plaintext that "
        "returns, `none`; `auto` takes the first of these that there is.",
    )
    samples: tuple[int, int] | None = Field(None, description="Keep samples [from, to) of each trace; default: all.")
    unit: Annotated[str, StringConstraints(min_length=1, max_length=32)] = "units of the file"
    sampled_hz: float | None = Field(None, gt=0, le=1e12, allow_inf_nan=False)
    # By a factory: generators of clients take no object for the default of what may be null.
    cpa: MeasuredAttack | None = Field(
        default_factory=MeasuredAttack,
        description="By default an attack on the first round of AES-128, if the file tells `plaintext`; null: none.",
    )
    assess_order: Literal[1, 2] = Field(2, description="Highest order of the t-test that counts for the verdict.")
    minimum_effect: float = Field(
        0.2,
        gt=0,
        le=10,
        allow_inf_nan=False,
        description="Smallest difference of means, in standard deviations, that a clean verdict must be able to exclude.",
    )
    firmware: ArtifactId | None = Field(None, description="What ran, so that samples belong to instructions.")
    target: Target | None = Field(None, description="How it was called; its inputs are found by name, or else by role.")
    clock: Clock | None = None

    @field_validator("values")
    @classmethod
    def _names_are_free(cls, values: dict[str, str]) -> dict[str, str]:
        if reserved := {"traces", "pc"} & set(values):
            msg = f"values cannot be called {' or '.join(sorted(reserved))}"
            raise ValueError(msg)
        return values

    @field_validator("samples")
    @classmethod
    def _some_samples(cls, samples: tuple[int, int] | None) -> tuple[int, int] | None:
        if samples is not None and not 0 <= samples[0] < samples[1]:
            msg = "samples must be [from, to) with from below to"
            raise ValueError(msg)
        return samples

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        of_code = (self.firmware, self.target, self.clock)
        if any(part is not None for part in of_code) and any(part is None for part in of_code):
            msg = "firmware, target and clock are given together, or none of them"
            raise ValueError(msg)
        return self


class Agreement(Request):
    """How far a simulated instruction may be from the measured one to count as the same."""

    rho: float = Field(0.1, gt=0, le=1, allow_inf_nan=False, description="Of |correlation of the true key|.")
    p: float = Field(0.05, gt=0, le=1, allow_inf_nan=False, description="Of the p-value of the t-test.")


class CalibrateRequest(Request):
    """Fit a power model to the measured traces of an import, and say how far simulated ones are from them."""

    campaign: Annotated[str, StringConstraints(pattern=r"^[0-9a-zA-Z._-]{1,80}$")] = Field(
        description="An import of traces with firmware, target and clock."
    )
    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9+_-]{0,31}$")] = Field(
        "calibrated", description="What the fitted model is called in reports."
    )
    traces: int = Field(4000, ge=64, le=100_000, description="Of the import, the first ones, at most.")
    folds: int = Field(5, ge=2, le=20, description="Of the cross-validation.")
    seed: int = Field(1, ge=0, lt=2**63, description="Of the noise of the simulated traces.")
    compare: str | None = Field(
        None,
        pattern=r"^([a-z0-9][a-z0-9+_-]{0,31}|sha256:[0-9a-f]{64})$",
        description="Judge this power model instead of the one that is fitted.",
    )
    agreement: Agreement = Agreement()
