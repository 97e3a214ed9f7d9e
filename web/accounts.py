"""Accounts: the keys of callers and the tenants they belong to. What the API and the first key's command both do."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from jobs.errors import Conflict, NotFound
from jobs.identity import HOME, Principal, Role
from stores.identity import ApiKey, Audit, Keys, Tenant, Tenants
from web import api_keys

KEYS_OF_A_TENANT = 1000
TENANTS = 1000
DRAWS = 3
"""Of prefixes, of which there are 10^12."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """Who may call. `close` closes the farm for callers without a key, `secret` is what keys are hashed under."""

    keys: Keys
    tenants: Tenants
    audit: Audit
    secret: bytes
    close: Callable[[], None]
    clock: Callable[[], datetime]
    keys_of_a_tenant: int = KEYS_OF_A_TENANT

    def make_key(
        self, *, tenant: str, role: Role, name: str, created_by: str, lasts: timedelta | None
    ) -> tuple[ApiKey, str]:
        """Make a key; return what is kept of it and, this once, the key.

        Raise NotFound for an unknown tenant, Conflict for one with too many keys.
        """
        self.tenants.get(tenant)
        if len(self.keys.of(tenant)) >= self.keys_of_a_tenant:
            raise Conflict(f"A tenant has at most {self.keys_of_a_tenant} keys.", reason="too-many")
        # Before there is a key: nobody is served as the local user while one exists.
        self.close()
        now = self.clock()
        for left in reversed(range(DRAWS)):
            drawn = api_keys.drawn(secrets.choice, secrets.token_urlsafe)
            ends = None if lasts is None else now + lasts
            key = ApiKey(drawn.prefix, tenant, role, name, created_at=now, created_by=created_by, expires_at=ends)
            try:
                self.keys.add(key, api_keys.digest_of(drawn, self.secret))
            except Conflict:
                if not left:
                    raise
            else:
                return key, drawn.text
        raise AssertionError

    def add_tenant(self, tenant: Tenant) -> None:
        """Record a tenant; raise Conflict if its id is taken, or there are too many."""
        if len(self.tenants.every()) >= TENANTS:
            raise Conflict(f"There are at most {TENANTS} tenants.", reason="too-many")
        self.tenants.add(tenant)

    def rotate_key(self, key: ApiKey, *, grace: timedelta, created_by: str) -> tuple[ApiKey, str]:
        """Make a key like another one, which ends after `grace`; raise Conflict for one that has ended."""
        now = self.clock()
        if key.expires_at is not None and key.expires_at <= now:
            raise Conflict("The key has expired; make a new one.", reason="expired")
        lasts = None if key.expires_at is None else key.expires_at - key.created_at
        made = self.make_key(tenant=key.tenant, role=key.role, name=key.name, created_by=created_by, lasts=lasts)
        self.keys.expire(key.prefix, now + grace)
        return made

    def key_of(self, prefix: str, caller: Principal) -> ApiKey:
        """Return a key that the caller may look after; raise NotFound for others."""
        known = self.keys.find(prefix)
        if known is None or not may_see(known.key.tenant, caller):
            raise NotFound("There is no such key.")
        return known.key

    def tenant_of(self, tenant: str, caller: Principal) -> Tenant:
        """Return a tenant that the caller may look after; raise NotFound for others."""
        if not may_see(tenant, caller):
            raise NotFound("There is no such tenant.")
        return self.tenants.get(tenant)

    def tenants_of(self, caller: Principal) -> Sequence[Tenant]:
        """Return the tenants that the caller may look after."""
        return self.tenants.every() if caller.home else [self.tenants.get(caller.tenant)]

    def is_served(self, tenant: str) -> bool:
        """Say whether somebody of a tenant would be let in now: what took long may have begun before an erasure."""
        if tenant == HOME:
            return True
        try:
            return not self.tenants.get(tenant).suspended
        except NotFound:
            return False

    def has_admin(self) -> bool:
        """Say whether somebody has a key of the farm's own admins that is still good."""
        now = self.clock()
        return any(
            key.role is Role.ADMIN and (key.expires_at is None or key.expires_at > now) for key in self.keys.of(HOME)
        )


def may_see(tenant: str, caller: Principal) -> bool:
    """Say whether a tenant is the caller's to look after: their own, and for the farm's own people any."""
    return caller.home or tenant == caller.tenant
