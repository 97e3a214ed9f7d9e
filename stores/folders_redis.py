"""Which data folders the farm's web servers look into, in Redis.

folders:told  hash {id of a folder: the web machine that told of it last}

Web alone tells, of the folder that it has, at every start: so a folder that was wiped, restored or put elsewhere counts as
soon as web runs on it, and the one before it no more. Workers compare. Machines whose web servers share no folder each tell of
their own.
"""

from collections.abc import Collection
from typing import Any

from redis import Redis

from stores.redis_client import translated

TOLD = "folders:told"


class RedisFolders:
    """Folders, in Redis."""

    def __init__(self, redis: Redis) -> None:
        """Keep them on the server of `redis`."""
        # The driver's types allow bytes where this client was told to decode.
        self._redis: Any = redis

    def tell(self, folder: str, *, machine: str) -> None:
        """Note that web on `machine` looks into `folder` from now on, and into no other."""
        with translated():
            before = [each for each, by in self._redis.hgetall(TOLD).items() if by == machine and each != folder]
            pipe = self._redis.pipeline()
            pipe.hset(TOLD, folder, machine)
            if before:
                pipe.hdel(TOLD, *before)
            pipe.execute()

    def told(self) -> Collection[str]:
        """Return the ids of folders that web looks into; none where no web server has told yet."""
        with translated():
            found: list[str] = self._redis.hkeys(TOLD)
        return found
