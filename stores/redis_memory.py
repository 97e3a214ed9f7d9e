"""How full a Redis is, or a FalkorDB, which is one."""

from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from stores.ports import Memory
from stores.redis_client import translated

PATIENCE_S = 1
"""Who asks has others to ask: one that does not answer at once is left out."""


class RedisMemory:
    """Looks at one server, through a connection of its own that waits for nothing."""

    def __init__(self, url: str) -> None:
        """Ask the server at `url`; nothing connects yet."""
        # The driver's types allow answers of other protocols.
        self._redis: Any = Redis.from_url(
            url,
            decode_responses=True,
            retry=Retry(NoBackoff(), 0),
            socket_timeout=PATIENCE_S,
            socket_connect_timeout=PATIENCE_S,
        )

    def memory(self) -> Memory:
        """Return what it uses, and what it may."""
        with translated():
            told = self._redis.info("memory")
        return Memory(int(told["used_memory"]), int(told["maxmemory"]) or None)

    def close(self) -> None:
        """Close the connection."""
        self._redis.close()
