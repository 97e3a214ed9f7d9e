"""What a campaign may ask for beyond the t-test: which simulator, when to stop, pairs of samples, constant time."""

from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from jobs.forms import Misfit, Name, Request

MIN_SEQUENTIAL = 64
"""Traces before a first look: with fewer, samples that are whole numbers are too regular for a t-test to keep its rate."""
MAX_PAIRED = 512
"""Samples of a bivariate test: 130,816 pairs of different ones."""


class Platform(StrEnum):
    """Boards and cores that Renode is given a description of."""

    STM32F4 = "stm32f4"
    STM32F103 = "stm32f103"
    STM32L072 = "stm32l072"
    NRF52840 = "nrf52840"
    CORTEX_M0 = "cortex-m0"
    CORTEX_M3 = "cortex-m3"
    CORTEX_M4 = "cortex-m4"


class SimulatorChoice(Request):
    """Which simulator executes the firmware."""

    engine: Literal["embedded", "renode"] = "embedded"
    platform: Platform | None = Field(
        None, description="Of Renode; by default the bare core that the target names. The embedded simulator has none."
    )

    @model_validator(mode="after")
    def _platform_is_of_renode(self) -> Self:
        if self.platform is not None and self.engine != "renode":
            raise Misfit("platform", "only renode has platforms")
        return self


class Sequential(Request):
    """Look while traces come in, and stop when the verdict is decided; `traces` is then the most that are run."""

    error_rate: float = Field(
        0.001,
        ge=1e-100,
        le=0.1,
        allow_inf_nan=False,
        description="Chance that a target that does not leak is ever called leaking, over all looks and samples.",
    )
    looks: int = Field(8, ge=2, le=20, description="How often is looked at most, the last time with all traces.")


class Bivariate(Request):
    """A second-order t-test of products of two samples, for every pair in a window."""

    window: tuple[int, int] = Field(description=f"Samples [from, to), at most {MAX_PAIRED}.")

    @model_validator(mode="after")
    def _window_fits(self) -> Self:
        first, last = self.window
        if not 0 <= first < last - 1 < first + MAX_PAIRED:
            raise Misfit("window", f"window must be [from, to) with two samples at least, and {MAX_PAIRED} at most")
        return self


class DataCache(Request):
    """A set-associative data cache with least-recently-used replacement, empty at the start of an execution."""

    line_bytes: Literal[4, 8, 16, 32, 64] = 32
    sets: Literal[1, 2, 4, 8, 16, 32, 64, 128, 256] = 64
    ways: Literal[1, 2, 4, 8] = 4
    miss_cycles: int = Field(10, ge=1, le=1000, description="What a miss takes beside the access itself.")


class ConstantTimeCheck(Request):
    """Whether the way, the addresses or the time of an execution depend on secrets: executions that differ in them alone."""

    secrets: tuple[Name, ...] | None = Field(
        None, min_length=1, max_length=16, description="Inputs that are secret; by default those whose role is key."
    )
    executions: int = Field(
        1000,
        ge=16,
        le=100_000,
        description="With the fixed secret and with random ones, for all public values together.",
    )
    cache: DataCache | None = Field(None, description="With one, secret addresses become time, and findings.")
