"""What can be counted of job records in Redis; `jobs_redis_reader.py` says what lies where."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from redis import Redis

from jobs.model import State
from stores.ports import End
from stores.redis_client import connections, translated


class RedisJobsCounts:
    """How many jobs there are, wait, and have ended."""

    def __init__(self, redis: Redis) -> None:
        """Count on the server of `redis`."""
        # The driver's types allow bytes where this client was told to decode.
        self._redis: Any = redis

    def connections(self) -> tuple[int, int]:
        """Return how many connections are in use, and how many idle."""
        return connections(self._redis)

    def counts(self, *, tenant: str | None = None) -> Mapping[tuple[str, State], int]:
        """Return how many jobs there are by kind and state."""
        with translated():
            counts = self._redis.hgetall("jobs:counts" if tenant is None else f"jobs:counts:{tenant}")
        named = ((*name.split("|"), int(number)) for name, number in counts.items())
        return {(kind, State(state)): number for kind, state, number in named if number > 0}

    def oldest_wait_s(self, kinds: Collection[str]) -> float:
        """Return for how long the longest waiting job of `kinds` has waited."""
        with translated():
            pipe = self._redis.pipeline(transaction=False)
            for kind in kinds:
                pipe.zrange(f"jobs:waiting:{kind}", 0, 0, withscores=True)
            pipe.time()
            *found, clock = pipe.execute()
        since = min((float(at) for first in found for _, at in first), default=None)
        return 0.0 if since is None else max(0.0, seconds(clock) - since)

    def dead_count(self) -> int:
        """Return how many dead letters there are."""
        with translated():
            return int(self._redis.scard("jobs:dead"))

    def take_ends(self, *, limit: int) -> Sequence[End]:
        """Remove and return the oldest ends that nobody has taken."""
        with translated():
            found = self._redis.lpop("jobs:ends", limit)
        # What an older version has left says no code.
        named = ((*end.split("|"), "")[:4] for end in found or ())
        return [End(kind, State(state), float(took_s), code or None) for kind, state, took_s, code in named]


def seconds(clock: tuple[int, int]) -> float:
    """Return the server's clock, from seconds and microseconds."""
    return clock[0] + clock[1] / 1e6
