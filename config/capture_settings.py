"""Settings of captures: `DASEIN_CAPTURE_*`."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings


class CaptureSettings(BaseSettings):
    """Where this machine's recorder is."""

    capture_device: Path = Field(
        Path("/dev/monje_virtual"),
        description="The kernel's recorder; where it is, `make up` starts a worker of the pool capture.",
    )
