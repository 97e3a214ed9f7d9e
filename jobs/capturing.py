"""Capturing what the recorder in a kernel says: how many records, how often, written as what."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from jobs.forms import Misfit, Request
from jobs.measurement import RECORD
from jobs.recording import Form

MAX_SAMPLES = 100_000_000
MAX_S = 3_400
"""Of one capture: jobs are ended after an hour, and files are to be closed before."""
MIN_PERIOD_NS, MAX_PERIOD_NS = 50_000, 10**9
"""As the module takes them (`kernel.abi`)."""
MAX_CSV = 1_000_000
"""Records of a CSV: a line takes longer to write than a period of 50 us."""
MAX_INGESTED = 5_000_000
"""As many as one measurement file may have."""
CSV_BYTES = 1_600
"""Of a line, at most: 75 numbers of 20 characters, and the instruction."""
ALLOWED_S = 10.0
"""Beside twice the time that the records take."""


class CaptureRequest(Request):
    """Take records of the machine that a worker of the pool `capture` runs on, as its kernel's recorder writes them."""

    samples: int = Field(1000, ge=1, le=MAX_SAMPLES, description="Records wanted.")
    period_ns: int = Field(50_000, ge=MIN_PERIOD_NS, le=MAX_PERIOD_NS, description="Sampling period.")
    wakeup: int | None = Field(
        None, ge=1, le=32_768, description="Records at which the worker is woken; by default some four times a second."
    )
    device: Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=r"^/[^\x00-\x1f\x7f]*$")] | None = (
        Field(None, description="The recorder's path on the worker that has it; refused if the worker's is another.")
    )
    timeout_s: float | None = Field(
        None,
        gt=0,
        le=MAX_S,
        allow_inf_nan=False,
        description="After so long it ends with what there is; by default twice what the records take, and 10 s.",
    )
    forms: tuple[Form, ...] = Field(("binary", "parquet"), min_length=1, max_length=3)
    instruction: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{12}:[0-9a-f]{8}$")] | None = Field(
        None,
        description="What runs meanwhile, if that is known: <firmware sha256[:12]>:<address>, stated in every record.",
    )
    ingest: bool = Field(default=False, description="Whether the records are taken into the knowledge afterwards.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        takes_s = self.samples * self.period_ns / 1e9
        if takes_s > MAX_S:
            raise Misfit(
                "samples", f"samples and period make {takes_s:,.0f} s; at most {MAX_S:,} s are captured at once"
            )
        if self.timeout_s is not None and self.timeout_s < takes_s:
            raise Misfit("timeout_s", f"the records take {takes_s:g} s, longer than timeout_s")
        if "csv" in self.forms and self.samples > MAX_CSV:
            raise Misfit("forms", f"a CSV has at most {MAX_CSV:,} records: leave it out of forms")
        if self.ingest and "parquet" not in self.forms:
            raise Misfit("forms", "what is to be ingested is written as Parquet: name it in forms")
        if self.ingest and self.samples > MAX_INGESTED:
            raise Misfit("samples", f"at most {MAX_INGESTED:,} records are ingested at once")
        return self

    @property
    def most_s(self) -> float:
        """Return after how long the capture ends with what there is."""
        return min(self.timeout_s or 2 * self.samples * self.period_ns / 1e9 + ALLOWED_S, MAX_S)

    @property
    def most_bytes(self) -> int:
        """Return the bytes that its files may take."""
        each = {"binary": RECORD.size, "parquet": 2 * RECORD.size if self.ingest else RECORD.size, "csv": CSV_BYTES}
        return self.samples * sum(each[form] for form in set(self.forms))
