"""What a tenant may use at most: its own quotas, or those of the settings."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from jobs.errors import NotFound
from stores.identity import Quotas, Tenants

KEPT_S = 5.0
"""A change holds everywhere after so long."""


@dataclass(slots=True)
class TenantQuotas:
    """The quotas of tenants, read anew every few seconds; None: no end."""

    tenants: Tenants
    defaults: Quotas
    clock: Callable[[], float] = monotonic
    _known: dict[str, tuple[float, Quotas]] = field(default_factory=dict)

    def of(self, tenant: str) -> Quotas:
        """Return a tenant's quotas; raise StoreUnavailable."""
        now = self.clock()
        until, known = self._known.get(tenant, (0.0, self.defaults))
        if now >= until:
            known = self._read(tenant)
            self._known[tenant] = (now + KEPT_S, known)
        return known

    def _read(self, tenant: str) -> Quotas:
        try:
            own = self.tenants.get(tenant).quotas
        except NotFound:
            # Removed while its last requests go on.
            return self.defaults
        return Quotas(
            jobs_in_flight=_first(own.jobs_in_flight, self.defaults.jobs_in_flight),
            traces_per_day=_first(own.traces_per_day, self.defaults.traces_per_day),
            storage_bytes=_first(own.storage_bytes, self.defaults.storage_bytes),
        )


def _first(own: int | None, default: int | None) -> int | None:
    return default if own is None else own
