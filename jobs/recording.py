"""Recording a run with the 72-dimension recorder: what is run, what it is seen with, and when there is enough."""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, model_validator

from jobs.assessing import DataCache, SimulatorChoice
from jobs.forms import ArtifactId, Misfit, Request
from jobs.payloads import ModelName, Plan
from jobs.target import Input, Target

MAX_RECORDS = 100_000
MAX_CYCLES = 2_000_000_000
"""Of all periods together: minutes of one worker."""
MAX_PERIODS = 1_000_000
"""With those that are dropped."""
MAX_SENSED_NS = 20 * 10**9
"""That an INA219 is read for: conversions are followed one by one."""
MAX_CYCLES_OF_CALL = 10_000_000
SHORTEST_CYCLES = 16
"""Of a period: an instruction takes up to 18."""

Form = Literal["binary", "csv", "parquet"]
FILES: Mapping[Form, str] = {"binary": "records.bin", "csv": "records.csv", "parquet": "records.parquet"}
"""Names of the files of a recording."""


class RecordedTarget(Target):
    """How to call the firmware; it may have no inputs. The trigger and public code have no meaning here."""

    inputs: tuple[Input, ...] = Field((), max_length=16)
    max_cycles: int = Field(2_000_000, ge=1, le=MAX_CYCLES_OF_CALL, description="Budget of one call.")


class RecordedPower(Request):
    """How activity becomes microwatts: a power model times a scale that somebody states, as no model has one."""

    model: ModelName = Field("hw", description="As of a campaign: one of the farm's, or a fitted one.")
    noise_sigma: float = Field(
        1.0, ge=0, le=1000, allow_inf_nan=False, description="Each cycle's, in the model's unit."
    )
    unit_uw: float = Field(500.0, gt=0, le=1e6, allow_inf_nan=False, description="Microwatts of one unit of the model.")
    active_uw: float = Field(
        30_000.0, ge=0, le=1e7, allow_inf_nan=False, description="While code runs, beside what the model says."
    )
    sleep_uw: float = Field(3_000.0, ge=0, le=1e7, allow_inf_nan=False, description="Between calls.")


class Probe(Request):
    """What measures the energy: all of it, or what an INA219 in the supply line would say."""

    kind: Literal["ideal", "ina219"] = "ideal"
    averaging: Literal[1, 2, 4, 8, 16, 32, 64, 128] = Field(
        1, description="Conversions that an INA219 averages; of the ideal probe, periods."
    )
    bits: Literal[9, 10, 11, 12] | None = Field(
        None, description="Of a conversion: 84, 148, 276 or 532 us. By default 9, and 12 of averaged ones."
    )
    shunt_ohm: float = Field(0.1, ge=0.001, le=100, allow_inf_nan=False)
    full_scale_mv: Literal[40, 80, 160, 320] = 40
    bus_range_v: Literal[16, 32] = 16
    supply_v: float = Field(3.3, gt=0, le=26, allow_inf_nan=False, description="Before the shunt.")
    i2c_hz: int = Field(400_000, ge=10_000, le=2_940_000, description="Its bus: reading shunt and bus takes 96 bits.")

    @model_validator(mode="after")
    def _averaged_conversions_have_12_bits(self) -> Self:
        if self.averaging > 1 and self.bits not in {None, 12}:
            raise Misfit("bits", "averaged conversions have 12 bits")
        return self

    @property
    def resolution(self) -> int:
        """Return the bits of a conversion."""
        return self.bits or (9 if self.averaging == 1 else 12)


class Thermal(Request):
    """A first-order model: C dT/dt = P - (T - ambient) / R, from ambient on."""

    resistance_k_per_w: float = Field(46.0, ge=1e-3, le=10_000, allow_inf_nan=False, description="Junction to ambient.")
    capacity_j_per_k: float = Field(0.3, ge=1e-9, le=10_000, allow_inf_nan=False)
    ambient_c: float = Field(25.0, ge=-60, le=200, allow_inf_nan=False)


class Collector(Request):
    """What takes a record from the sensor to where it can be read; a period that ends meanwhile has no record."""

    work_ns: int = Field(5_000, ge=0, le=10**9, description="For each record.")
    jitter_ns: int = Field(0, ge=0, le=10**9, description="Mean of what comes to it at times: exponential.")


class RecordRequest(Request):
    """Run a target again and again, and write a record each period of virtual time, until there are enough."""

    firmware: ArtifactId
    target: RecordedTarget
    samples: int = Field(1000, ge=1, le=MAX_RECORDS, description="Records wanted.")
    period_ns: int = Field(50_000, ge=100, le=10**9)
    clock_hz: int = Field(64_000_000, ge=32_768, le=10**9, description="Of the core.")
    plan: Literal[Plan.RANDOM, Plan.FIXED] = Field(Plan.RANDOM, description="Of inputs that follow the plan.")
    seed: int = Field(1, ge=0, lt=2**63)
    rest_ns: int = Field(0, ge=0, le=10**9, description="How long the core sleeps between calls.")
    power: RecordedPower = RecordedPower()
    probe: Probe = Probe()
    cache: DataCache = DataCache()
    stalls: bool = Field(
        default=False, description="Whether a miss takes `cache.miss_cycles`; else it is only counted."
    )
    predictor_entries: Literal[1, 16, 64, 128, 256, 512, 1024, 4096] = 256
    thermal: Thermal = Thermal()
    collector: Collector = Collector()
    simulator: SimulatorChoice = SimulatorChoice()
    forms: tuple[Form, ...] = Field(("binary", "csv", "parquet"), min_length=1, max_length=3)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        cycles = self.period_ns * self.clock_hz // 10**9
        if cycles < SHORTEST_CYCLES:
            raise Misfit("period_ns", f"a period has {cycles} cycles of this clock, and needs {SHORTEST_CYCLES}")
        if self.samples * cycles > MAX_CYCLES:
            raise Misfit(
                "samples", f"samples and period make {self.samples * cycles:,} cycles; at most {MAX_CYCLES:,} are run"
            )
        if self.probe.kind == "ina219":
            if self.samples * self.period_ns > MAX_SENSED_NS:
                raise Misfit("samples", f"an INA219 is followed for at most {MAX_SENSED_NS // 10**9} s of virtual time")
            most_uw = self.probe.supply_v**2 / (4 * self.probe.shunt_ohm) * 1e6
            if self.power.active_uw > most_uw / 2:
                raise Misfit("probe.shunt_ohm", "the shunt lets that power through at no current: lower shunt_ohm")
        return self
