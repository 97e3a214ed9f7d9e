"""A cache in the memory of one process: for tests, and for a farm of one process."""

import time
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Mapping
from threading import RLock

from stores.cache_keys import NOTED, NOTED_SLACK, check_key, check_value, is_counted, tenant_of
from stores.document_rows import check_tenant

MOST_VALUES = 10_000


class MemoryCache:
    """Answers that were given before; of too many, the one that was not asked for longest goes first."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Start empty; `clock` gives seconds."""
        self._clock = clock
        self._guard = RLock()
        self._values: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        self._locks: dict[str, tuple[str, float]] = {}
        self._noted: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._counters: Counter[str] = Counter()

    def get(self, key: str) -> bytes | None:
        """Return a value that has not expired."""
        with self._guard:
            value, expires_at = self._values.get(key, (None, 0.0))
            if value is None or expires_at <= self._clock():
                self._values.pop(key, None)
                return None
            self._values.move_to_end(key)
            return value

    def set(self, key: str, value: bytes, *, ttl_s: float) -> None:
        """Keep a value for a while."""
        check_key(key, ttl_s=ttl_s)
        check_value(value)
        with self._guard:
            self._values[key] = (value, self._clock() + ttl_s)
            self._values.move_to_end(key)
            while len(self._values) > MOST_VALUES:
                self._values.popitem(last=False)

    def lock(self, key: str, *, owner: str, ttl_s: float) -> bool:
        """Take a lock, or keep it."""
        check_key(key, ttl_s=ttl_s)
        now = self._clock()
        with self._guard:
            self._locks = {name: held for name, held in self._locks.items() if held[1] > now}
            if self._locks.get(key, (owner, 0.0))[0] != owner:
                return False
            self._locks[key] = (owner, now + ttl_s)
            return True

    def unlock(self, key: str, *, owner: str) -> None:
        """Give back a lock."""
        with self._guard:
            if self._locks.get(key, ("", 0.0))[0] == owner:
                del self._locks[key]

    def note(self, tenant: str, request: str) -> None:
        """Count a request."""
        check_tenant(tenant)
        with self._guard:
            noted = self._noted[tenant]
            if is_counted(request):
                noted[request] += 1
            if len(noted) > NOTED + NOTED_SLACK:
                self._noted[tenant] = Counter(dict(noted.most_common(NOTED)))

    def frequent(self, tenant: str, *, limit: int) -> list[str]:
        """Return the most frequent requests."""
        check_tenant(tenant)
        with self._guard:
            noted = self._noted.get(tenant, Counter())
            return sorted(noted, key=lambda request: (noted[request], request), reverse=True)[: max(limit, 0)]

    def tenants(self) -> list[str]:
        """Return the tenants that have asked something."""
        with self._guard:
            return sorted(self._noted)

    def count(self, name: str, by: int = 1) -> None:
        """Add to a counter."""
        with self._guard:
            self._counters[name] += by

    def counters(self) -> Mapping[str, int]:
        """Return the counters."""
        with self._guard:
            return dict(self._counters)

    def erase(self, tenant: str) -> None:
        """Remove everything of a tenant."""
        check_tenant(tenant)
        with self._guard:
            self._noted.pop(tenant, None)
            for kept in (self._values, self._locks):
                for key in [key for key in kept if tenant_of(key) == tenant]:
                    del kept[key]

    def held(self, tenant: str) -> int:
        """Return how many values, locks and frequent requests there are."""
        with self._guard:
            keys = sum(tenant_of(key) == tenant for kept in (self._values, self._locks) for key in kept)
            return keys + len(self._noted.get(tenant, ()))

    def ping(self) -> None:
        """Answer."""

    def close(self) -> None:
        """Hold nothing that must be given back."""
