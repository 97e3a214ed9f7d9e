"""The contract of the cache, on every store, and what becomes of it when its server is away."""

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from redis import Redis

from jobs.errors import InvalidInput, StoreUnavailable, TooLarge
from stores.cache_keys import MAX_REQUEST_BYTES, MAX_VALUE_BYTES, NOTED, NOTED_SLACK
from stores.cache_redis import REST_S, RedisCache
from stores.knowledge import Cache
from stores.memory_cache import MOST_VALUES, MemoryCache
from tests.servers import RedisServer, demand, eventually, has_redis
from tests.stores.document_servers import RedisClusterServer

ME, THEM = "me", "them"
KEY = "query:me:1"


@pytest.fixture
def memory_cache() -> Cache:
    return MemoryCache()


@pytest.fixture
def redis_cache(redis_url: str) -> Iterator[Cache]:
    cache = RedisCache(redis_url)
    yield cache
    cache.close()


@pytest.fixture(scope="session")
def cluster_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisClusterServer]:
    demand("redis", present=has_redis())
    server = RedisClusterServer(tmp_path_factory.mktemp("cluster"))
    try:
        server.start()
        yield server
    finally:
        server.kill()


@pytest.fixture
def cluster_cache(cluster_server: RedisClusterServer) -> Iterator[Cache]:
    cluster_server.flush()
    cache = RedisCache(cluster_server.url, cluster=True)
    yield cache
    cache.close()


@pytest.fixture(params=["memory", "redis", "cluster"])
def cache(request: pytest.FixtureRequest) -> Cache:
    """Keep answers in every cache that there is."""
    cache: Cache = request.getfixturevalue(f"{request.param}_cache")
    return cache


class TestValues:
    def test_a_value_comes_back_as_it_went(self, cache: Cache) -> None:
        value = bytes(range(256))

        cache.set(KEY, value, ttl_s=60)
        cache.set("query:me:empty", b"", ttl_s=60)

        assert cache.get(KEY) == value
        assert cache.get("query:me:empty") == b""
        assert cache.get("query:me:ünknown") is None

    def test_the_later_value_counts(self, cache: Cache) -> None:
        cache.set(KEY, b"1", ttl_s=60)
        cache.set(KEY, b"2", ttl_s=60)

        assert cache.get(KEY) == b"2"

    def test_a_value_expires(self, cache: Cache) -> None:
        cache.set(KEY, b"1", ttl_s=0.05)
        cache.set("query:me:2", b"2", ttl_s=60)

        eventually(lambda: cache.get(KEY) is None, what="the value expires")
        assert cache.get("query:me:2") == b"2"

    @pytest.mark.parametrize("ttl_s", [0, -1, float("nan"), float("inf")])
    def test_what_would_not_be_kept_for_some_time_is_refused(self, cache: Cache, ttl_s: float) -> None:
        for ask in (partial(cache.set, KEY, b"", ttl_s=ttl_s), partial(cache.lock, KEY, owner="a", ttl_s=ttl_s)):
            with pytest.raises(InvalidInput) as refused:
                ask()
            assert refused.value.field == "ttl_s"

    def test_what_is_too_large_is_refused(self, cache: Cache) -> None:
        cache.set(KEY, bytes(MAX_VALUE_BYTES), ttl_s=60)
        with pytest.raises(TooLarge):
            cache.set(KEY, bytes(MAX_VALUE_BYTES + 1), ttl_s=60)
        with pytest.raises(InvalidInput):
            cache.set("x" * 2000, b"", ttl_s=60)

        assert cache.get(KEY) == bytes(MAX_VALUE_BYTES)


class TestLocks:
    def test_one_holds_a_lock_until_it_is_given_back(self, cache: Cache) -> None:
        assert cache.lock(KEY, owner="a", ttl_s=60)
        assert cache.lock(KEY, owner="a", ttl_s=60)
        assert not cache.lock(KEY, owner="b", ttl_s=60)
        assert cache.lock("query:me:2", owner="b", ttl_s=60)

        cache.unlock(KEY, owner="b")
        assert not cache.lock(KEY, owner="b", ttl_s=60)

        cache.unlock(KEY, owner="a")
        cache.unlock(KEY, owner="a")
        assert cache.lock(KEY, owner="b", ttl_s=60)

    def test_a_lock_is_lost_in_time(self, cache: Cache) -> None:
        assert cache.lock(KEY, owner="a", ttl_s=0.05)

        eventually(lambda: cache.lock(KEY, owner="b", ttl_s=60), what="the lock expires")
        cache.unlock(KEY, owner="a")

        assert not cache.lock(KEY, owner="a", ttl_s=60)

    def test_taking_it_again_prolongs_it(self, cache: Cache) -> None:
        begun = time.monotonic()
        cache.lock(KEY, owner="a", ttl_s=0.2)
        cache.lock(KEY, owner="a", ttl_s=0.6)

        eventually(lambda: cache.lock(KEY, owner="b", ttl_s=60), what="the lock expires")

        assert time.monotonic() - begun >= 0.6

    def test_a_lock_is_no_value(self, cache: Cache) -> None:
        cache.lock(KEY, owner="a", ttl_s=60)

        assert cache.get(KEY) is None

    def test_of_many_at_once_one_takes_it(self, cache: Cache) -> None:
        with ThreadPoolExecutor(8) as pool:
            taken = list(pool.map(lambda owner: cache.lock(KEY, owner=str(owner), ttl_s=60), range(8)))

        assert taken.count(True) == 1


class TestFrequentRequests:
    def test_they_are_ranked_by_how_often_they_came(self, cache: Cache) -> None:
        for request, times in [("rare", 1), ("¿qué?", 3), ("often", 5)]:
            for _ in range(times):
                cache.note(ME, request)
        cache.note(THEM, "theirs")

        assert cache.frequent(ME, limit=10) == ["often", "¿qué?", "rare"]
        assert cache.frequent(ME, limit=1) == ["often"]
        assert cache.frequent(ME, limit=0) == cache.frequent("nobody", limit=10) == []
        assert cache.tenants() == [ME, THEM]

    def test_of_too_many_the_rarest_are_forgotten(self, cache: Cache) -> None:
        for _ in range(2):
            for number in range(10):
                cache.note(ME, f"often {number}")
        for number in range(NOTED + NOTED_SLACK):
            cache.note(ME, f"once {number}")

        kept = cache.frequent(ME, limit=10 * NOTED)
        assert NOTED <= len(kept) <= NOTED + NOTED_SLACK
        assert set(kept[:10]) == {f"often {number}" for number in range(10)}

    def test_a_long_one_is_not_among_them(self, cache: Cache) -> None:
        cache.note(ME, "ü" * (MAX_REQUEST_BYTES // 2))
        cache.note(ME, "ü" * (MAX_REQUEST_BYTES // 2) + "x")
        cache.note(ME, "\ud800")

        assert cache.frequent(ME, limit=10) == ["ü" * (MAX_REQUEST_BYTES // 2)]

    @pytest.mark.parametrize("tenant", ["", "a:b", "a\n"])
    def test_a_tenant_that_could_be_a_part_of_a_key_is_refused(self, cache: Cache, tenant: str) -> None:
        asking: list[Callable[[], object]] = [
            lambda: cache.note(tenant, "x"),
            lambda: cache.frequent(tenant, limit=1),
            lambda: cache.erase(tenant),
        ]
        for ask in asking:
            with pytest.raises(InvalidInput):
                ask()


class TestTheRest:
    def test_counters_add_up(self, cache: Cache) -> None:
        assert cache.counters() == {}

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: cache.count("hit"), range(40)))
        cache.count("miss", 7)

        assert cache.counters() == {"hit": 40, "miss": 7}

    def test_erasing_a_tenant_leaves_nothing_of_it_and_all_of_the_others(self, cache: Cache) -> None:
        others = [THEM, "met", "m*", "m?", "[m]e", "em"]
        tenants = [ME, *others]
        for tenant in tenants:
            for number in range(3):
                cache.set(f"query:{tenant}:{number}", b"1", ttl_s=60)
            cache.set(f"query:{tenant}:x:me:y", b"1", ttl_s=60)
            cache.set(f"me:{tenant}", b"1", ttl_s=60)
            cache.lock(f"query:{tenant}:1", owner="a", ttl_s=60)
            cache.note(tenant, "x")

        held = cache.held(ME)
        cache.erase(ME)
        cache.erase("m*")

        assert held > 5
        assert [cache.held(tenant) > 0 for tenant in tenants] == [tenant not in (ME, "m*") for tenant in tenants]
        for tenant in tenants:
            here = tenant not in (ME, "m*")
            keys = [f"query:{tenant}:{number}" for number in range(3)] + [f"query:{tenant}:x:me:y", f"me:{tenant}"]
            assert [cache.get(key) is not None for key in keys] == [here] * 5
            assert cache.frequent(tenant, limit=1) == (["x"] if here else [])
            assert cache.lock(f"query:{tenant}:1", owner="b", ttl_s=60) is not here
        assert cache.tenants() == sorted(set(others) - {"m*"})

    def test_a_cache_that_is_there_answers(self, cache: Cache) -> None:
        cache.ping()


def test_memory_keeps_what_was_asked_for_last() -> None:
    cache = MemoryCache()
    cache.set("first", b"", ttl_s=60)
    cache.set("second", b"", ttl_s=60)
    for number in range(MOST_VALUES - 1):
        cache.get("first")
        cache.set(str(number), b"", ttl_s=60)

    assert cache.get("first") == b""
    assert cache.get("second") is None


def test_erasing_leaves_no_key_of_the_tenant_in_redis(redis_cache: RedisCache, redis_url: str) -> None:
    redis_cache.set(KEY, b"1", ttl_s=60)
    redis_cache.lock(KEY, owner="a", ttl_s=60)
    redis_cache.note(ME, "x")

    with Redis.from_url(redis_url) as redis:
        assert len(redis.keys()) == 4
        redis_cache.erase(ME)
        assert redis.keys() == []


class TestAServerThatIsAway:
    @pytest.mark.parametrize("kind", ["redis", "cluster"])
    def test_it_is_said_within_a_second_and_the_server_found_again(
        self, request: pytest.FixtureRequest, kind: str
    ) -> None:
        redis: RedisServer | RedisClusterServer = request.getfixturevalue(f"{kind}_server")
        now = 0.0
        cache = RedisCache(redis.url, cluster=kind == "cluster", clock=lambda: now)
        cache.set(KEY, b"1", ttl_s=60)
        asking: list[Callable[[], object]] = [
            lambda: cache.get(KEY),
            lambda: cache.set(KEY, b"2", ttl_s=60),
            lambda: cache.lock(KEY, owner="a", ttl_s=60),
            lambda: cache.unlock(KEY, owner="a"),
            lambda: cache.note(ME, "x"),
            lambda: cache.frequent(ME, limit=1),
            cache.tenants,
            lambda: cache.count("hit"),
            cache.counters,
            lambda: cache.erase(ME),
            cache.ping,
        ]

        redis.kill()
        for ask in asking:
            now += REST_S + 0.1
            begun = time.monotonic()
            with pytest.raises(StoreUnavailable):
                ask()
            assert time.monotonic() - begun < 1

        redis.start()
        with pytest.raises(StoreUnavailable, match="a moment ago"):
            cache.ping()
        now += REST_S + 0.1
        cache.set(KEY, b"3", ttl_s=60)
        assert cache.get(KEY) == b"3"
        cache.close()

    def test_a_restart_between_two_questions_is_not_noticed(self, redis_server: RedisServer) -> None:
        cache = RedisCache(redis_server.url)
        cache.count("hit")

        redis_server.kill()
        redis_server.start()

        cache.set(KEY, b"1", ttl_s=60)
        assert cache.get(KEY) == b"1"
        cache.close()

    @pytest.mark.parametrize("cluster", [False, True])
    def test_one_that_is_frozen_costs_a_second_once(self, *, cluster: bool) -> None:
        with socket.create_server(("127.0.0.1", 0)) as frozen:
            cache = RedisCache(f"redis://127.0.0.1:{frozen.getsockname()[1]}", cluster=cluster)

            begun = time.monotonic()
            for _ in range(100):
                with pytest.raises(StoreUnavailable):
                    cache.get(KEY)

            # Far from a second for each, whatever else the machine does.
            assert time.monotonic() - begun < 20
            cache.close()
