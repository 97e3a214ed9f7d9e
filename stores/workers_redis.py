"""Which workers are alive, in Redis.

workers:alive               zset <queue> <worker> by when it will be taken for dead, in seconds of the server's clock
workers:processes:<worker>  how many jobs it runs at once at most; expires with its life
workers:busy:<worker>       how many it ran at its last beat; the same
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from redis import Redis

from stores.redis_client import translated

ALIVE = "workers:alive"
PROCESSES = "workers:processes:"
BUSY = "workers:busy:"


class RedisWorkers:
    """Workers, in Redis."""

    def __init__(self, redis: Redis) -> None:
        """Keep them on the server of `redis`."""
        # The driver's types allow bytes where this client was told to decode.
        self._redis: Any = redis

    def beat(
        self, worker: str, *, queue: str, ttl_s: float, processes: int | None = None, busy: int | None = None
    ) -> None:
        """Note that a worker of `queue` is alive, and will be for `ttl_s`; how many jobs it runs at once at most, and now."""
        with translated():
            now = self._redis.time()[0]
            pipe = self._redis.pipeline()
            pipe.zadd(ALIVE, {f"{queue} {worker}": now + ttl_s})
            pipe.zremrangebyscore(ALIVE, "-inf", now)
            for place, number in ((PROCESSES, processes), (BUSY, busy)):
                if number is not None and ttl_s > 0:
                    pipe.set(f"{place}{worker}", number, px=int(ttl_s * 1000))
            pipe.execute()

    def leave(self, worker: str, *, queue: str) -> None:
        """Note that a worker has stopped."""
        with translated():
            self._redis.zrem(ALIVE, f"{queue} {worker}")
            self._redis.delete(f"{PROCESSES}{worker}", f"{BUSY}{worker}")

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

    def processes(self, workers: Sequence[str]) -> Mapping[str, int]:
        """Return how many jobs these workers run at once, of those that are alive and say so."""
        return self._said(PROCESSES, workers)

    def busy(self, workers: Sequence[str]) -> Mapping[str, int]:
        """Return how many jobs these workers ran when they said so last, of those that are alive and do."""
        return self._said(BUSY, workers)

    def _said(self, place: str, workers: Sequence[str]) -> Mapping[str, int]:
        if not workers:
            return {}
        with translated():
            found = self._redis.mget([f"{place}{worker}" for worker in workers])
        return {worker: int(said) for worker, said in zip(workers, found, strict=True) if said is not None}
