"""Settings of logs and traces: how much is said, where it is kept, and who is told."""

from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

from config.log_file import LogFile
from config.logs import LogOptions
from config.parts import parts_of
from config.redaction import passwords_of
from config.revealed import revealed

EXPORTER = "opentelemetry.exporter.otlp.proto.http"


class ObservingSettings(BaseSettings):
    """What `Settings` has on logs and traces."""

    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    log_file: Path | None = Field(
        None, description="Where the log goes instead of standard error, bounded; processes may share it."
    )
    log_limit_bytes: int = Field(10 * 2**20, ge=4096, description="A log_file as large as this is put aside.")
    log_files: int = Field(5, ge=1, le=100, description="How many are kept that were put aside.")
    otlp_url: str | None = Field(
        None, description="http(s):// of who takes spans by OTLP/HTTP, with or without /v1/traces; none: no spans."
    )
    otlp_headers: SecretStr | None = Field(
        None, description="What it wants to be told with them: `authorization=Bearer abc,x-scope=farm`."
    )
    trace_ratio: float = Field(1.0, ge=0, le=1, description="The part of all traces of which spans are recorded.")

    @field_validator("otlp_url")
    @classmethod
    def _can_be_served(cls, value: str | None) -> str | None:
        if value is not None and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).netloc):
            msg = "give a URL that begins with http:// or https://"
            raise ValueError(msg)
        if value is not None and not _is_installed(EXPORTER):
            msg = f"{EXPORTER} is not installed; the extra `telemetry` brings it"
            raise ValueError(msg)
        return value

    @field_validator("otlp_headers")
    @classmethod
    def _are_headers(cls, value: SecretStr | None) -> SecretStr | None:
        for each in parts_of(revealed(value) or ""):
            name, equals, said = each.partition("=")
            if not equals or not name.strip() or not said.strip():
                msg = "give name=value, more of them after commas"
                raise ValueError(msg)
        return value

    @property
    def logs(self) -> LogOptions:
        """Return how this process logs."""
        file = None if self.log_file is None else LogFile(self.log_file, self.log_limit_bytes, self.log_files)
        return LogOptions(self.log_level, file, self.secret_values)

    @property
    def spans_url(self) -> str | None:
        """Return where spans are posted."""
        if self.otlp_url is None or urlsplit(self.otlp_url).path.endswith("/v1/traces"):
            return self.otlp_url
        return f"{self.otlp_url.rstrip('/')}/v1/traces"

    @property
    def spans_headers(self) -> dict[str, str]:
        """Return the headers that spans are posted with."""
        pairs = (each.partition("=") for each in parts_of(revealed(self.otlp_headers) or ""))
        return {name.strip(): said.strip() for name, _, said in pairs}

    @property
    def secret_values(self) -> frozenset[str]:
        """Return what is secret in these settings, which no line may tell: passwords of URLs, too."""
        found: set[str] = set()
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, SecretStr):
                found.add(value.get_secret_value())
            found |= passwords_of(value.get_secret_value() if isinstance(value, SecretStr) else str(value))
        return frozenset(found | set(self.spans_headers.values()))


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        # Not even what it lies in.
        return False
