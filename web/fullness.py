"""How full the pools are: refused is what comes to a full one, but for tenants that have less than their part of it."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic

from jobs.errors import Overloaded
from web.backlog import Backlog, Waiting

RETRY_AFTER_S = 30
MOST = 2
LOOK_S = 0.25
"""Counting costs as much as recording a job: this long a count is good, with what was let in since."""


@dataclass(slots=True)
class Known:
    """What waited for a pool when somebody looked, and how many jobs were let in since, of each tenant."""

    until: float
    waiting: Waiting
    since: dict[str, int]

    def has_room(self, tenant: str, jobs: int, *, limit: int) -> bool:
        """Say whether so many jobs more of a tenant may wait.

        Others' held jobs keep nobody out who, with these, has no more than an even part of the limit; until there are
        MOST times as many as it says.
        """
        depth = self.waiting.depth + sum(self.since.values()) + jobs
        if depth <= limit or depth > MOST * limit:
            return depth <= limit
        tenants = self.waiting.held.keys() | self.since.keys() | {tenant}
        own = self.waiting.held.get(tenant, 0) + self.since.get(tenant, 0)
        return bool(self.waiting.held.keys() - {tenant}) and own + jobs <= limit // len(tenants)


class Fullness:
    """What waits for the pools, as this process knows it."""

    def __init__(
        self, backlog: Backlog, *, limit: int, look_s: float = LOOK_S, clock: Callable[[], float] = monotonic
    ) -> None:
        """Let in while less than `limit` jobs wait for a pool, which is looked at every `look_s`."""
        self._backlog = backlog
        self._limit = limit
        self._look_s = look_s
        self._clock = clock
        self._lock = Lock()
        self._known: dict[str, Known] = {}

    def admit(self, pool: str, *, tenant: str, jobs: int = 1) -> None:
        """Count `jobs` of a tenant that are about to be sent to a pool; raise Overloaded if it is full for them."""
        now = self._clock()
        with self._lock:
            known = self._known.get(pool)
            if known is not None and known.until > now and known.has_room(tenant, jobs, limit=self._limit):
                known.since[tenant] = known.since.get(tenant, 0) + jobs
                return
        # Nobody is refused for what was true a moment ago.
        known = Known(now + self._look_s, self._backlog.of(pool), {})
        if not known.has_room(tenant, jobs, limit=self._limit):
            raise Overloaded(f"The pool {pool} is full; try again later.", retry_after_s=RETRY_AFTER_S)
        known.since[tenant] = jobs
        with self._lock:
            self._known[pool] = known
