"""Seats of those who stay: long polls, event streams and sockets, so many to a tenant and to a key.

Counted by each web process for itself, as its waiters are: a process that dies takes its count along.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from jobs.identity import LOCAL, Principal
from web.refusals import TooManyStreams

RETRY_AFTER_S = 5


@dataclass(frozen=True, slots=True)
class SeatLimits:
    """How many may stay at a time; 0: any number."""

    per_tenant: int = 0
    per_key: int = 0


class Seats:
    """The seats of one process. Whoever uses a farm without keys needs none: its waiters alone are limited."""

    def __init__(self, limits: SeatLimits) -> None:
        """Give out as many as `limits` say."""
        self._limits = limits
        self._taken: Counter[tuple[str, ...]] = Counter()
        self._lock = Lock()

    @contextmanager
    def take(self, principal: Principal) -> Iterator[None]:
        """Keep a seat for as long as the context lasts; raise TooManyStreams.

        Somebody without a key, who came with a token, is counted by name.
        """
        places = tuple(self._places(principal))
        with self._lock:
            for what, place, limit in places:
                if self._taken[place] >= limit:
                    raise TooManyStreams(
                        f"At most {limit} long polls, streams and sockets of one {what} stay open at a time.",
                        retry_after_s=RETRY_AFTER_S,
                    )
            self._taken.update(place for _, place, _ in places)
        try:
            yield
        finally:
            with self._lock:
                for _, place, _ in places:
                    self._taken[place] -= 1
                    if not self._taken[place]:
                        del self._taken[place]

    @property
    def taken(self) -> int:
        """Return how many tenants and keys hold a seat."""
        return len(self._taken)

    def _places(self, principal: Principal) -> Iterable[tuple[str, tuple[str, ...], int]]:
        if principal == LOCAL:
            return
        if self._limits.per_tenant:
            yield "tenant", (principal.tenant,), self._limits.per_tenant
        if self._limits.per_key:
            yield "key", (principal.tenant, principal.key or f"name:{principal.name}"), self._limits.per_key
