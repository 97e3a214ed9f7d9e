"""Settings of accounts: who may call, how tokens are read, and for how long what tenants leave is kept."""

import re
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

from config.parts import parts_of

ROLES = ("viewer", "submitter", "operator", "admin")
ALGORITHMS = ("HS256", "RS256", "ES256")
HOST = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[?[0-9a-f:]+\]?")
LEAST_SECRET_BYTES = 32
"""Of a secret that others could try to guess at leisure, from one token or one stolen digest."""


class IdentitySettings(BaseSettings):
    """What `Settings` has on accounts."""

    auth: Literal["auto", "required"] = Field(
        "auto", description="auto: open on loopback until the first key is made; required: never open."
    )
    secret: SecretStr | None = Field(
        None,
        description="What API keys are hashed under; the same on all web machines. Drawn into data_dir when absent.",
    )
    allowed_hosts: str = Field(
        "",
        description="Host names besides loopback's that requests may name once there are keys: `a.example,*.b.example`.",
    )
    jwt_secret: SecretStr | None = Field(None, description="Of HS256; at least 32 bytes.")
    jwt_jwks_url: str | None = Field(None, description="Where the issuer publishes its keys (RS256, ES256).")
    jwt_jwks_file: Path | None = Field(None, description="The same in a file.")
    jwt_algorithms: str = Field(
        "", description="Those taken, of HS256, RS256, ES256; by default what keys are set up for."
    )
    jwt_issuer: str = Field("", description="`iss` of tokens.")
    jwt_audience: str = Field("", description="`aud` of tokens.")
    jwt_leeway_s: float = Field(30, ge=0, le=600, description="By which the issuer's clock may differ from ours.")
    jwt_tenant_claim: str = Field("tenant", min_length=1, description="Where a token names the tenant; `a.b`: b in a.")
    jwt_tenant: str | None = Field(
        None, description="The tenant of tokens that name none; without it they are refused."
    )
    jwt_role_claim: str = Field("role", min_length=1, description="Where a token has its role, or a list of them.")
    jwt_roles: str = Field("", description="The issuer's names for our roles: `farm-admins=admin,staff=submitter`.")
    jwt_name_claim: str = Field("sub", min_length=1)
    jwt_refetch_s: float = Field(30, gt=0, description="A key that is unknown is looked for at most so often.")
    jwt_refresh_s: float = Field(600, gt=0, description="Keys older than that are fetched anew.")
    jwt_timeout_s: float = Field(3, gt=0, le=60, description="For the issuer's answer.")
    retention_at: str = Field(
        "03:30", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="When what is over its age is removed, UTC."
    )
    audit_retention_days: int = Field(365, ge=1)
    artifact_retention_days: int | None = Field(
        None, ge=1, description="Of artifacts that no job names; none: for ever."
    )
    chat_retention_days: int = Field(30, ge=1, le=30, description="After the last turn; 30 days are the most.")

    @field_validator("jwt_jwks_url")
    @classmethod
    def _is_http(cls, value: str | None) -> str | None:
        if value is not None and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).netloc):
            msg = "give a URL that begins with https:// or http://"
            raise ValueError(msg)
        return value

    @field_validator("secret", "jwt_secret")
    @classmethod
    def _is_long(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value().encode()) < LEAST_SECRET_BYTES:
            msg = f"give at least {LEAST_SECRET_BYTES} bytes"
            raise ValueError(msg)
        return value

    @field_validator("allowed_hosts")
    @classmethod
    def _are_hosts(cls, value: str) -> str:
        for name in parts_of(value):
            if not HOST.fullmatch(name.lower()):
                msg = f"{name!r} is no host name, nor `*.` and one"
                raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _tokens_are_set_up_whole(self) -> Self:
        if self.jwt_jwks_url is not None and self.jwt_jwks_file is not None:
            msg = "give DASEIN_JWT_JWKS_URL or DASEIN_JWT_JWKS_FILE"
            raise ValueError(msg)
        if not self.takes_tokens:
            return self
        if not self.jwt_issuer or not self.jwt_audience:
            # Without them a token that somebody got for another service would be good for this one.
            msg = "tokens need DASEIN_JWT_ISSUER and DASEIN_JWT_AUDIENCE"
            raise ValueError(msg)
        possible = self._possible_algorithms
        if unknown := set(parts_of(self.jwt_algorithms)) - set(possible):
            msg = f"DASEIN_JWT_ALGORITHMS: no keys are set up for {', '.join(sorted(unknown))}"
            raise ValueError(msg)
        if wrong := set(self.token_roles.values()) - set(ROLES):
            msg = f"DASEIN_JWT_ROLES: there are no such roles: {', '.join(sorted(wrong))}"
            raise ValueError(msg)
        return self

    @property
    def takes_tokens(self) -> bool:
        """Say whether JSON Web Tokens are set up."""
        return self.jwt_secret is not None or self.jwt_jwks_url is not None or self.jwt_jwks_file is not None

    @property
    def token_algorithms(self) -> tuple[str, ...]:
        """Return the algorithms of tokens that are taken."""
        return parts_of(self.jwt_algorithms) or self._possible_algorithms

    @property
    def token_roles(self) -> dict[str, str]:
        """Return our roles by the issuer's names of them; ours are their own names unless others were given."""
        if not self.jwt_roles:
            return {role: role for role in ROLES}
        return {
            name.strip(): role.strip() for name, _, role in (part.rpartition("=") for part in parts_of(self.jwt_roles))
        }

    @property
    def host_names(self) -> frozenset[str]:
        """Return what requests may name as their host, besides loopback."""
        return frozenset(name.lower().strip("[]") for name in parts_of(self.allowed_hosts))

    @property
    def _possible_algorithms(self) -> tuple[str, ...]:
        symmetric, *asymmetric = ALGORITHMS
        published = self.jwt_jwks_url is not None or self.jwt_jwks_file is not None
        return (*((symmetric,) if self.jwt_secret is not None else ()), *(asymmetric if published else ()))
