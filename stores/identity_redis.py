"""Keys and tenants in Redis, beside the job records.

identity:key:<prefix>     hash: what is known of a key, and its digest; a key that expired goes EXPIRED_KEPT_S later
identity:keys[:<tenant>]  zset of prefixes by the time of their making; of all, or of a tenant
identity:tenant:<id>      hash: the record of a tenant (`identity_fields.py`)
identity:tenants          set of the ids of recorded tenants

The scripts name keys that they compute: one server, no cluster.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from redis import Redis

from jobs.errors import Conflict, NotFound
from jobs.identity import HOME
from stores.identity import ApiKey, Known, Tenant, home_tenant
from stores.identity_fields import (
    fields_of_key,
    fields_of_tenant,
    key_of,
    seconds,
    tenant_of,
)
from stores.redis_client import pairs, translated

EXPIRED_KEPT_S = 30 * 86_400

ADD_KEY = """
local key = 'identity:key:' .. ARGV[1]
if redis.call('EXISTS', key) == 1 then return 0 end
redis.call('HSET', key, unpack(ARGV, 5))
if ARGV[4] ~= '' then redis.call('EXPIREAT', key, ARGV[4]) end
redis.call('ZADD', 'identity:keys', ARGV[3], ARGV[1])
redis.call('ZADD', 'identity:keys:' .. ARGV[2], ARGV[3], ARGV[1])
return 1
"""
FIND_KEY = """
local key = redis.call('HGETALL', 'identity:key:' .. ARGV[1])
if #key == 0 then return false end
return {key, redis.call('HGETALL', 'identity:tenant:' .. redis.call('HGET', 'identity:key:' .. ARGV[1], 'tenant'))}
"""
TOUCH_KEY = """
if redis.call('EXISTS', 'identity:key:' .. ARGV[1]) == 1 then
  redis.call('HSET', 'identity:key:' .. ARGV[1], 'last_used_at', ARGV[2])
end
"""
EXPIRE_KEY = """
local key = 'identity:key:' .. ARGV[1]
if redis.call('EXISTS', key) == 0 then return end
local ends = redis.call('HGET', key, 'expires_at')
if not ends or tonumber(ARGV[2]) < tonumber(ends) then
  redis.call('HSET', key, 'expires_at', ARGV[2])
  redis.call('EXPIREAT', key, ARGV[3])
end
"""
ADD_TENANT = """
if redis.call('EXISTS', 'identity:tenant:' .. ARGV[1]) == 1 then return 0 end
redis.call('HSET', 'identity:tenant:' .. ARGV[1], unpack(ARGV, 2))
redis.call('SADD', 'identity:tenants', ARGV[1])
return 1
"""
CHANGE_TENANT = """
if ARGV[1] ~= ARGV[2] and redis.call('EXISTS', 'identity:tenant:' .. ARGV[1]) == 0 then return 0 end
redis.call('HSET', 'identity:tenant:' .. ARGV[1], unpack(ARGV, 3))
redis.call('SADD', 'identity:tenants', ARGV[1])
return 1
"""


class RedisKeys:
    """Keys, in Redis."""

    def __init__(self, redis: Redis) -> None:
        """Keep them on the server of `redis`."""
        # The driver's types allow bytes where this client was told to decode.
        self._redis: Any = redis
        self._add: Any = redis.register_script(ADD_KEY)
        self._find: Any = redis.register_script(FIND_KEY)
        self._touch: Any = redis.register_script(TOUCH_KEY)
        self._expire: Any = redis.register_script(EXPIRE_KEY)

    def add(self, key: ApiKey, digest: str) -> None:
        """Record a key."""
        goes = "" if key.expires_at is None else str(int(key.expires_at.timestamp()) + EXPIRED_KEPT_S)
        with translated():
            flat = _flat(fields_of_key(key) | {"digest": digest})
            added = self._add(args=[key.prefix, key.tenant, seconds(key.created_at), goes, *flat])
        if not added:
            raise Conflict("There is a key of this prefix.", field="prefix")

    def find(self, prefix: str) -> Known | None:
        """Return what a check takes, in one round trip."""
        with translated():
            found = self._find(args=[prefix])
        if not found:
            return None
        fields, recorded = pairs(found[0]), pairs(found[1])
        key = key_of(prefix, fields)
        tenant = tenant_of(key.tenant, recorded) if recorded else home_tenant() if key.tenant == HOME else None
        return Known(key, fields["digest"], tenant)

    def touch(self, prefix: str, at: datetime) -> None:
        """Note that a key was used."""
        with translated():
            self._touch(args=[prefix, seconds(at)])

    def expire(self, prefix: str, at: datetime) -> None:
        """Let a key end."""
        with translated():
            self._expire(args=[prefix, seconds(at), int(at.timestamp()) + EXPIRED_KEPT_S])

    def revoke(self, prefix: str) -> ApiKey:
        """Remove a key."""
        with translated():
            pipe = self._redis.pipeline()
            pipe.hgetall(f"identity:key:{prefix}")
            pipe.delete(f"identity:key:{prefix}")
            pipe.zrem("identity:keys", prefix)
            fields, removed, _ = pipe.execute()
            if not removed:
                raise NotFound("There is no such key.")
            self._redis.zrem(f"identity:keys:{fields['tenant']}", prefix)
        return key_of(prefix, fields)

    def of(self, tenant: str | None) -> Sequence[ApiKey]:
        """Return the keys of a tenant, or all."""
        name = "identity:keys" if tenant is None else f"identity:keys:{tenant}"
        with translated():
            prefixes = self._redis.zrange(name, 0, -1)
            pipe = self._redis.pipeline(transaction=False)
            for prefix in prefixes:
                pipe.hgetall(f"identity:key:{prefix}")
            records = dict(zip(prefixes, pipe.execute(), strict=True))
            if gone := [prefix for prefix, fields in records.items() if not fields]:
                self._redis.zrem(name, *gone)
        return [key_of(prefix, fields) for prefix, fields in records.items() if fields]

    def erase(self, tenant: str) -> None:
        """Remove all keys of a tenant."""
        name = f"identity:keys:{tenant}"
        with translated():
            prefixes = self._redis.zrange(name, 0, -1)
            pipe = self._redis.pipeline()
            for prefix in prefixes:
                pipe.delete(f"identity:key:{prefix}")
                pipe.zrem("identity:keys", prefix)
            pipe.delete(name)
            pipe.execute()


class RedisTenants:
    """Tenants, in Redis."""

    def __init__(self, redis: Redis) -> None:
        """Keep them on the server of `redis`."""
        self._redis: Any = redis
        self._add: Any = redis.register_script(ADD_TENANT)
        self._change: Any = redis.register_script(CHANGE_TENANT)

    def add(self, tenant: Tenant) -> None:
        """Record a tenant."""
        with translated():
            added = tenant.id != HOME and self._add(args=[tenant.id, *_flat(fields_of_tenant(tenant))])
        if not added:
            raise Conflict("There is a tenant of this id.", field="id")

    def get(self, tenant: str) -> Tenant:
        """Return a tenant."""
        with translated():
            fields = self._redis.hgetall(f"identity:tenant:{tenant}")
        if fields:
            return tenant_of(tenant, fields)
        if tenant == HOME:
            return home_tenant()
        raise NotFound("There is no such tenant.")

    def change(self, tenant: Tenant) -> None:
        """Replace a tenant's record."""
        with translated():
            changed = self._change(args=[tenant.id, HOME, *_flat(fields_of_tenant(tenant))])
        if not changed:
            raise NotFound("There is no such tenant.")

    def every(self) -> Sequence[Tenant]:
        """Return all tenants."""
        with translated():
            ids = sorted(self._redis.smembers("identity:tenants") - {HOME})
            pipe = self._redis.pipeline(transaction=False)
            for tenant in ids:
                pipe.hgetall(f"identity:tenant:{tenant}")
            records = zip(ids, pipe.execute(), strict=True)
        return [self.get(HOME), *(tenant_of(tenant, fields) for tenant, fields in records if fields)]

    def remove(self, tenant: str) -> None:
        """Forget a tenant."""
        with translated():
            pipe = self._redis.pipeline()
            pipe.srem("identity:tenants", tenant)
            pipe.delete(f"identity:tenant:{tenant}")
            pipe.execute()


def _flat(fields: dict[str, str]) -> list[str]:
    return [part for pair in fields.items() for part in pair]
