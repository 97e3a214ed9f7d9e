"""Keys, tenants and the audit trail in this process's memory: for tests and for one process alone."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from threading import RLock

from jobs.errors import Conflict, NotFound
from jobs.identity import HOME
from stores.identity import ApiKey, Entry, Known, Outcome, Tenant, home_tenant, outcome_of
from stores.identity_fields import position_of

ENTRIES_KEPT = 10_000


class MemoryTenants:
    """Tenants, in memory. Safe for threads."""

    def __init__(self) -> None:
        """Know the home tenant alone."""
        self._lock = RLock()
        self._tenants = {HOME: home_tenant()}

    def add(self, tenant: Tenant) -> None:
        """Record a tenant."""
        with self._lock:
            if tenant.id in self._tenants:
                raise Conflict("There is a tenant of this id.", field="id")
            self._tenants[tenant.id] = tenant

    def get(self, tenant: str) -> Tenant:
        """Return a tenant."""
        with self._lock:
            if tenant not in self._tenants:
                raise NotFound("There is no such tenant.")
            return self._tenants[tenant]

    def change(self, tenant: Tenant) -> None:
        """Replace a tenant's record."""
        with self._lock:
            self.get(tenant.id)
            self._tenants[tenant.id] = tenant

    def every(self) -> Sequence[Tenant]:
        """Return all tenants."""
        with self._lock:
            return sorted(self._tenants.values(), key=lambda tenant: (tenant.id != HOME, tenant.id))

    def remove(self, tenant: str) -> None:
        """Forget a tenant."""
        with self._lock:
            self._tenants.pop(tenant, None)
            self._tenants.setdefault(HOME, home_tenant())

    def knows(self, tenant: str) -> bool:
        """Say whether there is a tenant."""
        with self._lock:
            return tenant in self._tenants


class MemoryKeys:
    """Keys, in memory. Safe for threads."""

    def __init__(self, tenants: MemoryTenants) -> None:
        """Look up the tenants of keys in `tenants`."""
        self._lock = RLock()
        self._tenants = tenants
        self._keys: dict[str, tuple[ApiKey, str]] = {}

    def add(self, key: ApiKey, digest: str) -> None:
        """Record a key."""
        with self._lock:
            if key.prefix in self._keys:
                raise Conflict("There is a key of this prefix.", field="prefix")
            self._keys[key.prefix] = (key, digest)

    def find(self, prefix: str) -> Known | None:
        """Return what a check takes."""
        with self._lock:
            if prefix not in self._keys:
                return None
            key, digest = self._keys[prefix]
        return Known(key, digest, self._tenants.get(key.tenant) if self._tenants.knows(key.tenant) else None)

    def touch(self, prefix: str, at: datetime) -> None:
        """Note that a key was used."""
        with self._lock:
            if prefix in self._keys:
                key, digest = self._keys[prefix]
                self._keys[prefix] = (replace(key, last_used_at=at), digest)

    def expire(self, prefix: str, at: datetime) -> None:
        """Let a key end."""
        with self._lock:
            if prefix in self._keys:
                key, digest = self._keys[prefix]
                ends = at if key.expires_at is None else min(at, key.expires_at)
                self._keys[prefix] = (replace(key, expires_at=ends), digest)

    def revoke(self, prefix: str) -> ApiKey:
        """Remove a key."""
        with self._lock:
            if prefix not in self._keys:
                raise NotFound("There is no such key.")
            return self._keys.pop(prefix)[0]

    def of(self, tenant: str | None) -> Sequence[ApiKey]:
        """Return the keys of a tenant, or all."""
        with self._lock:
            found = [key for key, _ in self._keys.values() if tenant in {None, key.tenant}]
        return sorted(found, key=lambda key: (key.created_at, key.prefix))

    def erase(self, tenant: str) -> None:
        """Remove all keys of a tenant."""
        with self._lock:
            for key in self.of(tenant):
                del self._keys[key.prefix]


class MemoryAudit:
    """Audit trails, in memory. Safe for threads."""

    def __init__(
        self,
        tenants: MemoryTenants,
        *,
        kept: int = ENTRIES_KEPT,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Keep the newest `kept` entries of each trail of the `tenants`; ids follow the clock."""
        self._lock = RLock()
        self._tenants = tenants
        self._kept = kept
        self._clock = clock
        self._trails: defaultdict[tuple[str | None, bool], list[Entry]] = defaultdict(list)
        self._number = 0

    def append(self, entry: Entry) -> None:
        """Add an entry."""
        with self._lock:
            self._number += 1
            name = f"{round(self._clock().timestamp() * 1000)}-{self._number}"
            owner = entry.tenant if entry.tenant is None or self._tenants.knows(entry.tenant) else HOME
            trail = self._trails[owner, outcome_of(entry.status) == "denied"]
            trail.append(replace(entry, id=name))
            del trail[: -self._kept]

    def page(
        self, tenant: str | None, *, outcome: Outcome | None, cursor: str | None, limit: int
    ) -> tuple[Sequence[Entry], str | None]:
        """Return entries, newest first."""
        before = None if cursor is None else position_of(cursor)
        with self._lock:
            entries = [*self._trails[tenant, False], *self._trails[tenant, True]]
        found = [
            entry
            for entry in sorted(entries, key=lambda entry: position_of(entry.id), reverse=True)
            if (before is None or position_of(entry.id) < before) and outcome in {None, outcome_of(entry.status)}
        ]
        page = found[:limit]
        return page, page[-1].id if len(found) > limit else None

    def trim(self, tenant: str | None, *, before: datetime, dry: bool = False) -> int:
        """Remove the entries before a time."""
        first, removed = round(before.timestamp() * 1000), 0
        with self._lock:
            for denied in (False, True):
                trail = self._trails[tenant, denied]
                kept = [entry for entry in trail if position_of(entry.id)[0] >= first]
                removed += len(trail) - len(kept)
                if not dry:
                    self._trails[tenant, denied] = kept
        return removed

    def erase(self, tenant: str) -> None:
        """Remove a tenant's trail."""
        with self._lock:
            for denied in (False, True):
                self._trails.pop((tenant, denied), None)

    def count(self, tenant: str | None) -> int:
        """Return how many entries there are."""
        with self._lock:
            return sum(len(self._trails[tenant, denied]) for denied in (False, True))
