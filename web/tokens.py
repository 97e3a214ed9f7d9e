"""JSON Web Tokens of an issuer that we trust (RFC 7519, 8725): whom they name, for which tenant, in which role."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
import structlog
from jwt.exceptions import ExpiredSignatureError, PyJWTError

from jobs.identity import TENANT, Role
from web.jwks import Jwks
from web.refusals import Unauthenticated

SYMMETRIC = "HS256"
LONGEST_NAME = 200

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Claims:
    """Where tokens say what we must know."""

    tenant: str
    role: str
    name: str
    roles: Mapping[str, Role]
    """Ours, by the issuer's names."""
    default_tenant: str | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a token names."""

    tenant: str
    role: Role
    name: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """Reads tokens. The algorithm chooses the key, and never the other way round."""

    algorithms: tuple[str, ...]
    issuer: str
    audience: str
    leeway_s: float
    claims: Claims
    secret: bytes | None
    """Of HS256."""
    jwks: Jwks | None
    """Of the others."""

    def read(self, token: str) -> Named:
        """Return whom a token names; raise Unauthenticated, whose words are the same whatever was wrong but its age.

        Raise StoreUnavailable while the issuer's keys are not known yet.
        """
        try:
            return self._named(self._verified(token))
        except ExpiredSignatureError as error:
            raise Unauthenticated("The token has expired.", reason="expired") from error
        except (PyJWTError, ValueError) as error:
            log.info("token_refused", error=f"{type(error).__name__}: {error}")
            raise Unauthenticated("The token is not valid here.", reason="invalid") from error

    def _verified(self, token: str) -> Mapping[str, Any]:
        head = jwt.get_unverified_header(token)
        algorithm = head.get("alg")
        if algorithm not in self.algorithms:
            raise ValueError("an algorithm that is not taken")
        claims: Mapping[str, Any] = jwt.decode(
            token,
            self._key(algorithm, head.get("kid")),
            algorithms=[algorithm],
            issuer=self.issuer,
            audience=self.audience,
            leeway=self.leeway_s,
            options={"require": ["exp", "iss", "aud"]},
        )
        return claims

    def _key(self, algorithm: str, key_id: object) -> Any:
        if algorithm == SYMMETRIC:
            return self.secret
        found = None if self.jwks is None or not isinstance(key_id, str | None) else self.jwks.find(key_id, algorithm)
        if found is None:
            raise ValueError("no such key")
        return found.key

    def _named(self, claims: Mapping[str, Any]) -> Named:
        where = self.claims
        tenant = _found(claims, where.tenant)
        if tenant is None:
            tenant = where.default_tenant
        if not isinstance(tenant, str) or not TENANT.fullmatch(tenant):
            raise ValueError("no tenant")
        given = _found(claims, where.role)
        named = given if isinstance(given, list) else [given]
        roles = [where.roles[name] for name in named if isinstance(name, str) and name in where.roles]
        if not roles:
            raise ValueError("no role")
        name = _found(claims, where.name)
        if not isinstance(name, str) or not name:
            raise ValueError("no name")
        return Named(tenant, max(roles, key=tuple(Role).index), name[:LONGEST_NAME])


def _found(claims: Mapping[str, Any], path: str) -> Any:
    """Return a claim, or one within another by a path with dots; None if there is none."""
    if path in claims:
        return claims[path]
    value: Any = claims
    for step in path.split("."):
        if not isinstance(value, Mapping) or step not in value:
            return None
        value = value[step]
    return value
