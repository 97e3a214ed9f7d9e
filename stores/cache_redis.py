"""A cache in Redis, alone or a cluster: every command is about one key.

cache:value:<key> bytes, expires. cache:lock:<key> its owner, expires. cache:noted:<tenant> zset of requests by how
often they came, expires when none came for 30 d. cache:tenants set. cache:counters hash.
The second part of a key is its tenant; by that the tenant's keys are found again.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import Any

from redis import Redis, RedisCluster
from redis.backoff import ConstantBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisClusterException
from redis.retry import Retry

from jobs.errors import StoreUnavailable
from stores.cache_keys import NOTED, NOTED_SLACK, check_key, check_value, is_counted, tenant_of
from stores.document_rows import check_tenant
from stores.redis_client import connections, translated

CONNECT_S = 0.2
ANSWER_S = 0.5
REST_S = 2.0
"""Who did not answer is not asked again for so long: a cache that is down must cost little, and not every time."""
NOTED_S = 30 * 24 * 3600
SCANNED_AT_ONCE = 1000
LOCK = """
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
UNLOCK = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"
NOTE = """
redis.call('ZINCRBY', KEYS[1], 1, ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
if redis.call('ZCARD', KEYS[1]) > ARGV[3] + ARGV[4] then
    redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -ARGV[3] - 1)
end
"""


class RedisCache:
    """Answers that were given before, in Redis.

    A server that is away is noticed at once, one that is frozen in half a second, a cluster in as much for each node.
    """

    def __init__(
        self,
        url: str,
        *,
        cluster: bool = False,
        patience_s: float = 0.1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Try a lost connection once more after `patience_s`; nothing is connected yet."""
        self._url = url
        self._cluster = cluster
        self._patience_s = patience_s
        self._clock = clock
        self._guard = Lock()
        self._client: Redis | RedisCluster | None = None
        self._asked_again_at = 0.0

    def get(self, key: str) -> bytes | None:
        """Return a value that has not expired."""
        with self._redis() as redis:
            value: bytes | None = redis.get(f"cache:value:{key}")
            return value

    def set(self, key: str, value: bytes, *, ttl_s: float) -> None:
        """Keep a value for a while."""
        check_key(key, ttl_s=ttl_s)
        check_value(value)
        with self._redis() as redis:
            redis.set(f"cache:value:{key}", value, px=_milliseconds(ttl_s))

    def lock(self, key: str, *, owner: str, ttl_s: float) -> bool:
        """Take a lock, or keep it."""
        check_key(key, ttl_s=ttl_s)
        with self._redis() as redis:
            return bool(redis.eval(LOCK, 1, f"cache:lock:{key}", owner, _milliseconds(ttl_s)))

    def unlock(self, key: str, *, owner: str) -> None:
        """Give back a lock."""
        with self._redis() as redis:
            redis.eval(UNLOCK, 1, f"cache:lock:{key}", owner)

    def note(self, tenant: str, request: str) -> None:
        """Count a request."""
        check_tenant(tenant)
        with self._redis() as redis:
            redis.sadd("cache:tenants", tenant)
            if is_counted(request):
                redis.eval(NOTE, 1, f"cache:noted:{tenant}", request, NOTED_S, NOTED, NOTED_SLACK)

    def frequent(self, tenant: str, *, limit: int) -> list[str]:
        """Return the most frequent requests."""
        check_tenant(tenant)
        if limit < 1:
            return []
        with self._redis() as redis:
            return [request.decode() for request in redis.zrange(f"cache:noted:{tenant}", 0, limit - 1, desc=True)]

    def tenants(self) -> list[str]:
        """Return the tenants that have asked something."""
        with self._redis() as redis:
            return sorted(tenant.decode() for tenant in redis.smembers("cache:tenants"))

    def count(self, name: str, by: int = 1) -> None:
        """Add to a counter."""
        with self._redis() as redis:
            redis.hincrby("cache:counters", name, by)

    def counters(self) -> Mapping[str, int]:
        """Return the counters."""
        with self._redis() as redis:
            return {name.decode(): int(value) for name, value in redis.hgetall("cache:counters").items()}

    def erase(self, tenant: str) -> None:
        """Remove everything of a tenant."""
        check_tenant(tenant)
        with self._redis() as redis:
            redis.unlink(f"cache:noted:{tenant}")
            for found in _keys(redis, tenant):
                redis.unlink(found)
            redis.srem("cache:tenants", tenant)

    def held(self, tenant: str) -> int:
        """Return how many values, locks and frequent requests there are."""
        check_tenant(tenant)
        with self._redis() as redis:
            known = int(redis.sismember("cache:tenants", tenant)) + int(redis.zcard(f"cache:noted:{tenant}"))
            return known + sum(1 for _ in _keys(redis, tenant))

    def ping(self) -> None:
        """Ask the server."""
        with self._redis() as redis:
            redis.ping()

    def connections(self) -> tuple[int, int]:
        """Return how many connections are in use, and how many idle, to all nodes."""
        client = self._client
        if client is None:
            return 0, 0
        known: Any = client
        nodes = [client] if isinstance(client, Redis) else [node.redis_connection for node in known.get_nodes()]
        each = [connections(node) for node in nodes if node is not None]
        return sum(used for used, _ in each), sum(idle for _, idle in each)

    def close(self) -> None:
        """Close the connections."""
        with self._guard:
            if self._client is not None:
                self._client.close()
                self._client = None

    @contextmanager
    def _redis(self) -> Iterator[Any]:
        """Lend the client, unless the server is left alone for a moment."""
        if self._clock() < self._asked_again_at:
            raise StoreUnavailable("Redis: the cache did not answer a moment ago.")
        try:
            with translated(), _cluster_translated():
                yield self._connected()
        except StoreUnavailable:
            self._asked_again_at = self._clock() + REST_S
            raise

    def _connected(self) -> Redis | RedisCluster:
        with self._guard:
            if self._client is None:
                options: dict[str, Any] = {
                    "socket_connect_timeout": CONNECT_S,
                    "socket_timeout": ANSWER_S,
                    "socket_keepalive": True,
                    "retry": Retry(ConstantBackoff(self._patience_s), 1, supported_errors=(RedisConnectionError,)),
                }
                # A cluster's client asks for the nodes as soon as it is made.
                make: Callable[..., Redis | RedisCluster] = RedisCluster.from_url if self._cluster else Redis.from_url
                self._client = make(self._url, **options)
            return self._client


def _keys(redis: Any, tenant: str) -> Iterator[bytes]:
    """Yield the keys of a tenant's values and locks."""
    for kind in ("value", "lock"):
        prefix = f"cache:{kind}:"
        # The pattern finds too many rather than too few.
        for found in redis.scan_iter(match=f"{prefix}*:{_literal(tenant)}*", count=SCANNED_AT_ONCE):
            if tenant_of(found.decode().removeprefix(prefix)) == tenant:
                yield found


@contextmanager
def _cluster_translated() -> Iterator[None]:
    """Turn what a cluster's client says of itself into StoreUnavailable, too: it is no RedisError."""
    try:
        yield
    except RedisClusterException as error:
        raise StoreUnavailable(f"Redis: {error}") from error


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def _literal(text: str) -> str:
    """Return a pattern that only the text itself matches."""
    return "".join(f"\\{letter}" if letter in "*?[]^\\" else letter for letter in text)
