"""Typed settings, read once per process by an entry point: `DASEIN_*`, nested by `__`."""

from pathlib import Path

from pydantic import Field, RedisDsn, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

LONGEST_JOB_S = 3600
"""No job runs longer: Celery's hard limit. The visibility timeout lies above it."""


class Settings(BaseSettings):
    """One process's settings."""

    model_config = SettingsConfigDict(env_prefix="DASEIN_", env_nested_delimiter="__", frozen=True)

    data_dir: Path = Field(
        Path(".dasein"), description="Everything that outlives a process: artifacts, campaigns, logs, Redis."
    )
    redis_url: RedisDsn | None = Field(
        None, description="Broker and job records. Without it `make up` starts a Redis of its own on redis_port."
    )
    redis_port: int = Field(7379, ge=1, le=65535)
    host: str = Field("127.0.0.1", description="Where the web server listens; loopback only, as there are no keys yet.")
    port: int = Field(8080, ge=1, le=65535)
    web_processes: int = Field(1, ge=1, le=64, description="Processes of the web server; each holds its own waiters.")
    flower_port: int = Field(5555, ge=1, le=65535)
    flower_user: str = "dasein"
    flower_password: SecretStr | None = Field(None, description="Drawn and kept in data_dir when absent.")
    simulation_workers: int = Field(
        2, ge=1, le=256, description="Worker processes that `make up` starts for the simulation pool."
    )
    queue_limit: int = Field(
        10_000, ge=1, description="Messages in a pool's queue above which submissions are refused."
    )
    upload_limit_bytes: int = Field(64 * 2**20, ge=1)
    body_limit_bytes: int = Field(2**20, ge=1, description="JSON bodies.")
    traces_limit_bytes: int = Field(4 * 2**30, ge=1, description="Stored traces of one campaign.")
    job_retention_s: int = Field(7 * 86_400, ge=60)
    tombstone_s: int = Field(90 * 86_400, ge=60, description="How long an expired job answers 410 rather than 404.")
    lease_s: float = Field(15, gt=1, description="A worker silent for so long has lost its job.")
    sweep_s: float = Field(5, gt=0.1, description="How often lapsed jobs are looked for.")
    drain_s: float = Field(
        20, ge=0, description="How long a worker that is asked to stop may finish what it runs; then it gives it back."
    )
    waiters_limit: int = Field(4000, ge=1, description="Long polls and event streams of one web process.")
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")

    @property
    def redis(self) -> str:
        """Return the URL of Redis: the given one, or the embedded server's."""
        return str(self.redis_url) if self.redis_url else f"redis://127.0.0.1:{self.redis_port}/0"
