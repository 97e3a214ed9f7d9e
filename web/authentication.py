"""Who makes a request: by an API key, by a token, or, on a farm without keys, whoever reaches it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NoReturn

import structlog
from flask import Request

from jobs.errors import NotFound, StoreUnavailable
from jobs.identity import LOCAL, Principal
from stores.identity import ApiKey, Keys, Tenants
from web import api_keys
from web.api_keys import KeyText
from web.guard import is_loopback
from web.refusals import Unauthenticated
from web.tokens import Tokens

USES_NOTED = timedelta(minutes=1)
"""A key's last use is written at most so often."""
BEARER = "bearer "

log = structlog.get_logger(__name__)


class Authentication:
    """Checks credentials: one round trip to the store, and nothing is remembered that could outlive a revocation."""

    def __init__(
        self,
        keys: Keys,
        tenants: Tenants,
        tokens: Tokens | None,
        *,
        secret: bytes,
        closed: Callable[[], bool],
        clock: Callable[[], datetime],
    ) -> None:
        """Check keys under `secret`; `closed` says whether a caller without credentials is refused."""
        self._keys = keys
        self._tenants = tenants
        self._tokens = tokens
        self._secret = secret
        self._is_closed = closed
        self._was_closed = False
        self._clock = clock

    def __call__(self, request: Request) -> Principal:
        """Return who makes a request; raise Unauthenticated."""
        if key := request.headers.get("X-API-Key"):
            return self.known(key)
        authorization = request.headers.get("Authorization", "")
        if authorization[: len(BEARER)].lower() == BEARER:
            return self.known(authorization[len(BEARER) :].strip())
        if not is_loopback(request.remote_addr):
            # A proxy brought them to a server that only this machine reaches otherwise.
            raise Unauthenticated("Give an API key (X-API-Key), or a token.", reason="missing")
        return self.anybody()

    def known(self, credential: str) -> Principal:
        """Return whose key or token this is; raise Unauthenticated. What was given is checked on an open farm, too."""
        if credential.startswith(api_keys.SCHEME):
            key = api_keys.parsed(credential)
            return self._by_key(key) if key is not None else _refuse("There is no such key.")
        if self._tokens is None:
            _refuse("There is no such key.")
        return self._by_token(self._tokens, credential)

    def anybody(self) -> Principal:
        """Return the local user of an open farm; raise Unauthenticated on a closed one."""
        if self.closed:
            raise Unauthenticated("Give an API key (X-API-Key), or a token.", reason="missing")
        return LOCAL

    @property
    def closed(self) -> bool:
        """Say whether only known callers are served; what was closed stays so."""
        if not self._was_closed:
            self._was_closed = self._is_closed()
        return self._was_closed

    def _by_key(self, text: KeyText) -> Principal:
        known = self._keys.find(text.prefix)
        # An unknown prefix costs the same comparison.
        matches = api_keys.is_of(text, "" if known is None else known.digest, self._secret)
        if known is None or not matches:
            _refuse("There is no such key.")
        now = self._clock()
        if known.key.expires_at is not None and known.key.expires_at <= now:
            raise Unauthenticated("The key has expired.", reason="expired")
        if known.tenant is None or known.tenant.suspended:
            raise Unauthenticated("The key's tenant is not served.", reason="suspended")
        self._note_use(known.key, now)
        return Principal(known.key.tenant, known.key.role, known.key.name, known.key.prefix)

    def _by_token(self, tokens: Tokens, token: str) -> Principal:
        named = tokens.read(token)
        try:
            tenant = self._tenants.get(named.tenant)
        except NotFound as error:
            log.info("token_refused", error="no such tenant")
            raise Unauthenticated("The token is not valid here.", reason="invalid") from error
        if tenant.suspended:
            raise Unauthenticated("The token is not valid here.", reason="invalid")
        return Principal(named.tenant, named.role, named.name)

    def _note_use(self, key: ApiKey, now: datetime) -> None:
        if key.last_used_at is not None and now - key.last_used_at < USES_NOTED:
            return
        try:
            self._keys.touch(key.prefix, now)
        except StoreUnavailable as error:
            # A store that takes no writes can still be read.
            log.warning("key_use_not_noted", prefix=key.prefix, error=error.message)


def _refuse(message: str) -> NoReturn:
    raise Unauthenticated(message, reason="invalid")
