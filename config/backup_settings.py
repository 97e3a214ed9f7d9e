"""Settings of backups: `DASEIN_BACKUP_*`."""

from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

from config.parts import parts_of


class BackupSettings(BaseSettings):
    """Where backups go, when, for how long, and for whom they are encrypted."""

    backup_url: str | None = Field(
        None, description="An absolute path, file:// or s3://bucket/prefix; without it none is made by itself."
    )
    backup_at: str = Field(
        "02:30", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="When the nightly backup is made, UTC."
    )
    backup_nightly: bool = Field(
        default=True, description="Whether the ingest pool makes one a day; false where a timer calls `dasein-admin`."
    )
    backup_keep: int = Field(14, ge=0, le=10_000, description="Backups that are kept, the newest; 0: all.")
    backup_recipients: str = Field(
        "", description="Public keys of age, `age1...,age1...`: backups are encrypted to each of them."
    )
    backup_identity: SecretStr | None = Field(
        None, description="A secret key of age, to verify and restore; the farm itself needs none."
    )
    backup_s3_endpoint: str | None = Field(None, description="http(s):// of a server of S3's protocol; none: AWS.")
    backup_s3_region: str | None = None
    backup_s3_key_id: SecretStr | None = None
    backup_s3_key: SecretStr | None = None

    @field_validator("backup_url")
    @classmethod
    def _is_a_place(cls, value: str | None) -> str | None:
        """Refuse at once what nothing here writes to."""
        if value is None:
            return value
        parts = urlsplit(value)
        if not (value.startswith("/") or parts.scheme == "file" or (parts.scheme == "s3" and parts.netloc)):
            msg = "give an absolute path, file:///path or s3://bucket/prefix"
            raise ValueError(msg)
        return value

    @field_validator("backup_s3_endpoint")
    @classmethod
    def _names_a_server(cls, value: str | None) -> str | None:
        if value is not None and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).netloc):
            msg = "give a URL that begins with https:// or http://"
            raise ValueError(msg)
        return value

    @property
    def recipients(self) -> tuple[str, ...]:
        """Return the public keys that backups are encrypted to."""
        return parts_of(self.backup_recipients)
