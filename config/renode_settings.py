"""Settings of Renode: `DASEIN_RENODE*`."""

from pydantic import Field
from pydantic_settings import BaseSettings


class RenodeSettings(BaseSettings):
    """Where it is, how much of it runs at once, how long it is waited for."""

    renode: str = Field(
        "renode", min_length=1, description="The program, by name or path, for campaigns that ask for Renode."
    )
    renode_machines: int = Field(1, ge=1, le=64, description="Renode processes that one job runs at once.")
    renode_timeout_s: float = Field(
        120, ge=1, le=3600, description="How long it may take to start, and for any one command."
    )
