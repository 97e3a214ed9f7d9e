"""The part of the composition root that says who may call: keys, tenants and tokens. Commands beside the server use it, too."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import structlog
from redis import Redis

from config.access import close, is_closed, secret
from config.settings import Settings
from jobs.errors import StoreUnavailable
from jobs.identity import Role
from stores.audit_redis import RedisAudit
from stores.identity_redis import RedisKeys, RedisTenants
from stores.redis_client import connect
from web.accounts import Accounts
from web.authentication import Authentication
from web.jwks import Jwks, from_file, from_url
from web.tokens import Claims, Tokens

PATIENCE_S = 2
"""A command that waits for Redis is better told soon that it is away."""
KEYS = "api keys"
"""What the server's secret is for here."""

log = structlog.get_logger(__name__)


@contextmanager
def connected_accounts(settings: Settings) -> Iterator[Accounts]:
    """Lend the accounts of the farm to a command that runs beside it."""
    with connect(settings.redis, patience_s=PATIENCE_S, connections=1) as redis:
        yield accounts_of(settings, redis)


def accounts_of(settings: Settings, redis: Redis) -> Accounts:
    """Return the accounts of the farm, in Redis."""
    return Accounts(
        RedisKeys(redis),
        RedisTenants(redis),
        RedisAudit(redis),
        secret=secret(settings, KEYS),
        close=lambda: close(settings),
        clock=lambda: datetime.now(UTC),
    )


def authentication_of(settings: Settings, accounts: Accounts) -> Authentication:
    """Return who says whose a request is; a farm whose keys outlived its data folder is closed again."""
    try:
        # The data folder may be a new one, and Redis not.
        if not is_closed(settings) and accounts.keys.of(None):
            log.warning("closed_by_keys", folder=str(settings.data_dir))
            close(settings)
    except StoreUnavailable as error:
        log.warning("keys_not_looked_for", error=error.message)
    return Authentication(
        accounts.keys,
        accounts.tenants,
        _tokens(settings),
        secret=accounts.secret,
        closed=lambda: is_closed(settings),
        clock=accounts.clock,
    )


def _tokens(settings: Settings) -> Tokens | None:
    if not settings.takes_tokens:
        return None
    given, load = settings.jwt_secret, None
    if settings.jwt_jwks_url is not None:
        load = from_url(settings.jwt_jwks_url, timeout_s=settings.jwt_timeout_s)
    elif settings.jwt_jwks_file is not None:
        load = from_file(settings.jwt_jwks_file)
    return Tokens(
        algorithms=settings.token_algorithms,
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        leeway_s=settings.jwt_leeway_s,
        claims=Claims(
            tenant=settings.jwt_tenant_claim,
            role=settings.jwt_role_claim,
            name=settings.jwt_name_claim,
            roles={name: Role(role) for name, role in settings.token_roles.items()},
            default_tenant=settings.jwt_tenant,
        ),
        secret=None if given is None else given.get_secret_value().encode(),
        jwks=None
        if load is None
        else Jwks(load, refetch_s=settings.jwt_refetch_s, refresh_s=settings.jwt_refresh_s, clock=time.monotonic),
    )
