"""Settings of limits: what callers and tenants may take."""

from pydantic import BaseModel, ConfigDict, Field


class LimitSettings(BaseModel):
    """What one key, one address and one connection may take: `DASEIN_LIMITS__*`; 0 switches a limit off."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    queries: int = Field(100, ge=0, description="Questions, turns and searches of a key in a minute.")
    campaigns: int = Field(10, ge=0, description="Submitted campaigns of a key in a minute.")
    uploads: int = Field(120, ge=0, description="The same of uploads.")
    writes: int = Field(600, ge=0, description="The same of everything else that changes something.")
    reads: int = Field(6000, ge=0, description="The same of what only reads.")
    address: int = Field(6000, ge=0, description="Calls with any key from one address (IPv6: one /64) in a minute.")
    local: int = Field(60_000, ge=0, description="The same on a farm without keys, where no other rate applies.")
    failures: int = Field(
        20, ge=0, description="Calls with a wrong key or token, or none, from one address in a minute."
    )
    idle_s: int = Field(
        15, ge=1, le=600, description="A connection is closed that is idle, or has sent no whole head, for so long."
    )
    patience_s: float = Field(
        20,
        gt=0,
        le=600,
        description="How long a client may keep us waiting for a piece of its body, or with one of ours.",
    )
    bytes_per_s: float = Field(
        16_384, ge=0, description="The least that a body comes and an answer is taken with, after patience_s."
    )
    streams_per_tenant: int = Field(
        1000, ge=0, description="Long polls, event streams and sockets of a tenant in one web process."
    )
    streams_per_key: int = Field(200, ge=0, description="The same of one key.")


class QuotaSettings(BaseModel):
    """What a tenant may use that has no quotas of its own: `DASEIN_QUOTAS__*`; 0: any number."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    jobs_in_flight: int = Field(0, ge=0, description="Queued or running jobs of a tenant.")
    traces_per_day: int = Field(
        0, ge=0, description="Of the campaigns that a tenant submits from midnight to midnight, UTC."
    )
    storage_bytes: int = Field(0, ge=0, description="Of a tenant's artifacts and files of jobs.")
