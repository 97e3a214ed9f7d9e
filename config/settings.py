"""Typed settings, read once per process by an entry point: `DASEIN_*`, nested by `__`.

What is secret may also come from files, one a setting by its name in small letters (`dasein_graph_password`), in the
folder that DASEIN_SECRETS_DIR names, else in /run/secrets, where container engines put them. A variable wins over a file.
"""

import os
import re
from ipaddress import ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, RedisDsn, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SecretsSettingsSource, SettingsConfigDict

from config.autoscaler_settings import AutoscalerSettings
from config.backup_settings import BackupSettings
from config.capture_settings import CaptureSettings
from config.forge_settings import ForgeSettings
from config.identity_settings import IdentitySettings
from config.limit_settings import LimitSettings, QuotaSettings
from config.observing_settings import ObservingSettings
from config.parts import parts_of
from config.renode_settings import RenodeSettings

LONGEST_JOB_S = 3600
"""No job runs longer: Celery's hard limit. The visibility timeout lies above it."""
SECRETS = "/run/secrets"
HTTP = ("http", "https")
SCHEMES = {
    "documents_url": ("mongodb", "mongodb+srv"),
    "graph_url": ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc", "redis", "rediss"),
    "vectors_url": HTTP,
    "cache_url": ("redis", "rediss"),
    "embeddings_url": HTTP,
    "model_url": HTTP,
    "flower_url": HTTP,
    "prometheus_url": HTTP,
}
"""What the URLs of other servers may begin with."""


ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?")
"""As a browser writes it: no path, no capitals, no wildcard."""


class Settings(BackupSettings, CaptureSettings, ForgeSettings, IdentitySettings, ObservingSettings, RenodeSettings):
    """One process's settings."""

    # A setting that is refused may hold a password: no error shows what was given.
    model_config = SettingsConfigDict(
        env_prefix="DASEIN_",
        env_nested_delimiter="__",
        env_ignore_empty=True,
        frozen=True,
        hide_input_in_errors=True,
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the environment, and files where there is a folder of them."""
        del dotenv_settings, file_secret_settings
        folder = Path(os.environ.get("DASEIN_SECRETS_DIR") or SECRETS)
        files = (SecretsSettingsSource(settings_cls, folder),) if folder.is_dir() else ()
        return init_settings, env_settings, *files

    data_dir: Path = Field(
        Path(".dasein"), description="Everything that outlives a process: artifacts, campaigns, logs, Redis."
    )
    redis_url: RedisDsn | None = Field(
        None, description="Broker and job records. Without it `make up` starts a Redis of its own on redis_port."
    )
    redis_port: int = Field(7379, ge=1, le=65535)
    host: str = Field("127.0.0.1", description="Where the web server listens; loopback only, unless there are keys.")
    port: int = Field(8080, ge=1, le=65535)
    web_processes: int = Field(1, ge=1, le=64, description="Processes of the web server; each holds its own waiters.")
    flower_port: int = Field(5555, ge=1, le=65535)
    flower_user: str = "dasein"
    flower_url: str | None = Field(
        None, description="Where people find Flower, http(s)://; the page links to it. `make up` names its own."
    )
    prometheus_url: SecretStr | None = Field(
        None,
        description="Where the Prometheus is that evaluates the farm's rules: `GET /api/v2/slo` asks it; else what web counts.",
    )
    flower_password: SecretStr | None = Field(None, description="Drawn and kept in data_dir when absent.")
    simulation_workers: int = Field(
        2, ge=1, le=256, description="Worker processes that `make up` starts for the simulation pool."
    )
    simulation_engine: Literal["auto", "unicorn"] = Field(
        "auto",
        description="auto: many executions at once in lanes, where they can be; unicorn: one by one. Same results.",
    )
    query_workers: int = Field(1, ge=1, le=256, description="Worker processes that `make up` starts for questions.")
    ingest_workers: int = Field(1, ge=1, le=64, description="The same for what changes the knowledge.")
    ingest_campaigns: bool = Field(default=True, description="Whether a finished campaign becomes knowledge by itself.")
    documents_url: SecretStr | None = Field(
        None, description="mongodb://...; without it the documents lie in a SQLite file below data_dir."
    )
    graph_url: str | None = Field(
        None,
        description="neo4j://, bolt:// (also +s) or redis:// (FalkorDB); without it `make up` starts a FalkorDB of its own.",
    )
    graph_user: str = "neo4j"
    graph_password: SecretStr | None = None
    graph_port: int = Field(7380, ge=1, le=65535)
    graph_memory_mb: int = Field(2048, ge=64, description="Of the embedded graph server.")
    vectors_url: str | None = Field(
        None, description="http(s):// of a Milvus; without it an exact index in the workers, made from the documents."
    )
    vectors_token: SecretStr | None = None
    cache_url: SecretStr | None = Field(
        None, description="redis:// of the answer cache; without it `make up` starts one of its own on cache_port."
    )
    cache_cluster: bool = False
    cache_port: int = Field(7381, ge=1, le=65535)
    cache_warm: int = Field(32, ge=0, le=1000, description="Frequent questions answered anew after a change; 0: none.")
    embeddings_url: str | None = Field(
        None, description="An OpenAI-compatible URL up to /v1; without it MiniLM runs in the workers."
    )
    embeddings_model: str = ""
    embeddings_key: SecretStr | None = None
    embeddings_cache_bytes: int = Field(2**30, ge=2**20, description="Embeddings kept on disk.")
    model_url: str | None = Field(
        None,
        description="An OpenAI-compatible language model, up to /v1; without it answers are taken from the evidence.",
    )
    model_name: str = ""
    model_key: SecretStr | None = None
    model_extracts: bool = Field(
        default=False, description="Whether the language model also looks for entities in documents that are taken in."
    )
    model_timeout_s: float = Field(30, gt=0, le=600)
    pool_limit: int = Field(
        32, ge=1, le=256, description="Jobs that one worker runs at once at most, when its pool is scaled over HTTP."
    )
    autoscale: bool = Field(default=False, description="Whether `make up` starts the autoscaler.")
    autoscaler: AutoscalerSettings = AutoscalerSettings()
    callback_networks: str = Field(
        "", description="Networks that callbacks may reach though they are not of the world, such as `10.1.0.0/16,::1`."
    )
    queue_limit: int = Field(
        10_000, ge=1, description="Jobs that wait for a pool, held ones too, above which submissions are refused."
    )
    upload_limit_bytes: int = Field(64 * 2**20, ge=1)
    body_limit_bytes: int = Field(2**20, ge=1, description="JSON bodies.")
    traces_limit_bytes: int = Field(4 * 2**30, ge=1, description="Stored traces of one campaign.")
    job_retention_s: int = Field(7 * 86_400, ge=60)
    tombstone_s: int = Field(90 * 86_400, ge=60, description="How long an expired job answers 410 rather than 404.")
    lease_s: float = Field(15, gt=1, description="A worker silent for so long has lost its job.")
    sweep_s: float = Field(5, gt=0.1, description="How often lapsed jobs are looked for.")
    metrics_port: int | None = Field(
        None, ge=1, le=65535, description="Where a worker serves /metrics; without it it counts nothing."
    )
    metrics_host: str = Field("127.0.0.1", description="On which address; there are no keys for it.")
    drain_s: float = Field(
        20, ge=0, description="How long a worker that is asked to stop may finish what it runs; then it gives it back."
    )
    waiters_limit: int = Field(4000, ge=1, description="Long polls and event streams of one web process.")
    limits: LimitSettings = LimitSettings()
    quotas: QuotaSettings = QuotaSettings()
    cors_origins: str = Field(
        "", description="Other sites whose pages may use the API: `https://a.example,http://localhost:5173`."
    )
    trusted_proxies: str = Field(
        "", description="Networks of the reverse proxies that are believed: `10.0.0.0/8,127.0.0.1`."
    )
    proxy_headers: Literal["x-forwarded", "forwarded"] = Field(
        "x-forwarded", description="What they tell it in: X-Forwarded-For, -Proto and -Host, or Forwarded (RFC 7239)."
    )
    build: str = Field(
        "", max_length=200, description="What runs, as an operator names it: a commit, an image. Images set it."
    )

    @field_validator(*SCHEMES)
    @classmethod
    def _known_scheme(cls, value: SecretStr | str | None, info: ValidationInfo) -> SecretStr | str | None:
        """Refuse at once the URL of a server that nothing here speaks to."""
        given = value.get_secret_value() if isinstance(value, SecretStr) else value
        schemes = SCHEMES[info.field_name or ""]
        if given is not None and (urlsplit(given).scheme not in schemes or not urlsplit(given).netloc):
            msg = f"give a URL that begins with {', '.join(f'{scheme}://' for scheme in schemes)}"
            raise ValueError(msg)
        return value

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, value: str) -> str:
        for origin in parts_of(value):
            if not ORIGIN.fullmatch(origin):
                msg = f"{origin!r} is no origin: give scheme://host[:port], in lower case"
                raise ValueError(msg)
        return value

    @field_validator("trusted_proxies", "callback_networks")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        for network in parts_of(value):
            ip_network(network, strict=False)
        return value

    @property
    def origins(self) -> tuple[str, ...]:
        """Return the origins whose pages may use the API."""
        return parts_of(self.cors_origins)

    @property
    def proxies(self) -> tuple[str, ...]:
        """Return the networks of trusted proxies."""
        return parts_of(self.trusted_proxies)

    @property
    def redis(self) -> str:
        """Return the URL of Redis: the given one, or the embedded server's."""
        return str(self.redis_url) if self.redis_url else f"redis://127.0.0.1:{self.redis_port}/0"

    @property
    def graph(self) -> str:
        """Return the URL of the graph: the given one, or the embedded server's."""
        return self.graph_url or f"redis://127.0.0.1:{self.graph_port}/0"

    @property
    def cache(self) -> str:
        """Return the URL of the answer cache: the given one, or the embedded server's."""
        return self.cache_url.get_secret_value() if self.cache_url else f"redis://127.0.0.1:{self.cache_port}/0"

    @property
    def flower_password_file(self) -> Path:
        """Return where a password for Flower is kept that nobody chose."""
        return self.data_dir / "flower.password"

    @property
    def models_dir(self) -> Path:
        """Return where REMForge's models keep their files, and tell how they are doing."""
        return self.data_dir / "remforge"

    @property
    def knowledge_dir(self) -> Path:
        """Return where the embedded stores of knowledge keep their files."""
        return self.data_dir / "knowledge"
