"""Which workers are alive, in Redis.

workers:alive               zset <queue> <worker> by when it will be taken for dead, in seconds of the server's clock
workers:processes:<worker>  how many jobs it runs at once at most; expires with its life
workers:busy:<worker>       how many it ran at its last beat; the same
workers:abilities:<worker>  what it can do beyond others: {name: [version, why absent]}, JSON; the same
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from redis import Redis

from jobs.abilities import Abilities, Ability
from stores.redis_client import translated

ALIVE = "workers:alive"
PROCESSES = "workers:processes:"
BUSY = "workers:busy:"
ABILITIES = "workers:abilities:"


class RedisWorkers:
    """Workers, in Redis."""

    def __init__(self, redis: Redis) -> None:
        """Keep them on the server of `redis`."""
        # The driver's types allow bytes where this client was told to decode.
        self._redis: Any = redis

    def beat(
        self,
        worker: str,
        *,
        queue: str,
        ttl_s: float,
        processes: int | None = None,
        busy: int | None = None,
        abilities: Abilities | None = None,
    ) -> None:
        """Note that a worker of `queue` is alive, and will be for `ttl_s`; how many jobs it runs at once at most, and now."""
        with translated():
            now = self._redis.time()[0]
            pipe = self._redis.pipeline()
            pipe.zadd(ALIVE, {f"{queue} {worker}": now + ttl_s})
            pipe.zremrangebyscore(ALIVE, "-inf", now)
            for place, said in ((PROCESSES, processes), (BUSY, busy), (ABILITIES, _written(abilities))):
                if said is not None and ttl_s > 0:
                    pipe.set(f"{place}{worker}", said, px=int(ttl_s * 1000))
            pipe.execute()

    def leave(self, worker: str, *, queue: str) -> None:
        """Note that a worker has stopped."""
        with translated():
            self._redis.zrem(ALIVE, f"{queue} {worker}")
            self._redis.delete(*(f"{place}{worker}" for place in (PROCESSES, BUSY, ABILITIES)))

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
        return {worker: int(said) for worker, said in self._said(PROCESSES, workers).items()}

    def busy(self, workers: Sequence[str]) -> Mapping[str, int]:
        """Return how many jobs these workers ran when they said so last, of those that are alive and do."""
        return {worker: int(said) for worker, said in self._said(BUSY, workers).items()}

    def abilities(self, workers: Sequence[str]) -> Mapping[str, Abilities]:
        """Return what these workers can do, of those that are alive and say so."""
        return {worker: _read(said) for worker, said in self._said(ABILITIES, workers).items()}

    def _said(self, place: str, workers: Sequence[str]) -> Mapping[str, str]:
        if not workers:
            return {}
        with translated():
            found = self._redis.mget([f"{place}{worker}" for worker in workers])
        return {worker: said for worker, said in zip(workers, found, strict=True) if said is not None}


def _written(abilities: Abilities | None) -> str | None:
    if abilities is None:
        return None
    return json.dumps({name: [ability.version, ability.absent] for name, ability in abilities.items()})


def _read(said: str) -> Abilities:
    return {name: Ability(version, absent) for name, (version, absent) in json.loads(said).items()}
