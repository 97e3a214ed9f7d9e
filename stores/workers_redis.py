"""Which workers are alive, in Redis.

workers:alive   zset <queue> <worker> by when it will be taken for dead, in seconds of the server's clock
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from redis import Redis

from stores.redis_client import translated

ALIVE = "workers:alive"


class RedisWorkers:
    """Workers, in Redis."""

    def __init__(self, redis: Redis) -> None:
        """Keep them on the server of `redis`."""
        # The driver's types allow bytes where this client was told to decode.
        self._redis: Any = redis

    def beat(self, worker: str, *, queue: str, ttl_s: float) -> None:
        """Note that a worker of `queue` is alive, and will be for `ttl_s`."""
        with translated():
            now = self._redis.time()[0]
            pipe = self._redis.pipeline()
            pipe.zadd(ALIVE, {f"{queue} {worker}": now + ttl_s})
            pipe.zremrangebyscore(ALIVE, "-inf", now)
            pipe.execute()

    def leave(self, worker: str, *, queue: str) -> None:
        """Note that a worker has stopped."""
        with translated():
            self._redis.zrem(ALIVE, f"{queue} {worker}")

    def alive(self) -> Mapping[str, Sequence[str]]:
        """Return the names of the workers alive, sorted, by queue."""
        with translated():
            now = self._redis.time()[0]
            found = self._redis.zrange(ALIVE, f"({now}", "+inf", byscore=True)
        workers: defaultdict[str, list[str]] = defaultdict(list)
        for name in sorted(found):
            queue, _, worker = name.partition(" ")
            workers[queue].append(worker)
        return workers
