"""Settings of the autoscaler."""

from pydantic import BaseModel, ConfigDict, Field

BOUNDS = r"^\d{1,4}-\d{1,4}$"


class AutoscalerSettings(BaseModel):
    """How the autoscaler sizes the pools of one machine: `DASEIN_AUTOSCALER__*`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    simulation: str = Field(
        "1-0", pattern=BOUNDS, description="How many jobs the pool runs at once, least-most; most 0: one a core."
    )
    query: str = Field("1-4", pattern=BOUNDS)
    ingest: str = Field("1-2", pattern=BOUNDS)
    remforge: str = Field("2-4", pattern=BOUNDS)
    grow_wait_s: float = Field(3, gt=0, le=3600, description="A pool grows while a job waits for longer than that.")
    settle_s: float = Field(
        5, gt=0, le=3600, description="After a change of its size a pool is left alone for so long."
    )
    idle_s: float = Field(
        300, gt=0, le=86_400, description="A pool shrinks to the most that it has run at once for so long."
    )
    look_s: float = Field(1, gt=0, le=60, description="How often pools are looked at.")
    host: str = Field("127.0.0.1", description="Where the autoscaler serves /metrics; there are no keys for it.")
    port: int = Field(9463, ge=1, le=65535)
