"""How full a Redis is."""

import pytest
from redis import Redis

from jobs.errors import StoreUnavailable
from stores.redis_memory import RedisMemory
from tests.servers import free_port


def test_a_server_tells_what_it_uses_and_what_it_may(redis_url: str) -> None:
    memory = RedisMemory(redis_url)
    with Redis.from_url(redis_url) as redis:
        without = memory.memory()
        redis.config_set("maxmemory", 123_456_789)
        with_limit = memory.memory()
        redis.config_set("maxmemory", 0)

    memory.close()
    assert without.used_bytes > 0
    assert (without.limit_bytes, with_limit.limit_bytes) == (None, 123_456_789)


def test_one_that_is_away_is_unavailable() -> None:
    memory = RedisMemory(f"redis://127.0.0.1:{free_port()}/0")

    with pytest.raises(StoreUnavailable):
        memory.memory()
