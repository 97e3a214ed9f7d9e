"""Keys, tenants and audit trails in Redis, beside the job records.

identity:key:<prefix>     hash: what is known of a key, and its digest; a key that expired goes EXPIRED_KEPT_S later
identity:keys[:<tenant>]  zset of prefixes by the time of their making; of all, or of a tenant
identity:tenant:<id>      hash: the record of a tenant (`identity_fields.py`)
identity:tenants          set of the ids of recorded tenants
audit:<tenant>[:denied]   streams of a tenant's audit trail: entry; capped. Apart, so that nobody flushes out what was done
                          by being denied. `audit:` and `audit::denied` are those of callers nobody knows
audit:seq                 counter: makes the ids of entries differ between streams

The scripts name keys that they compute: one server, no cluster.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from redis import Redis

from jobs.errors import Conflict, NotFound
from jobs.identity import HOME
from stores.identity import ApiKey, Entry, Known, Outcome, Tenant, home_tenant, outcome_of
from stores.identity_fields import (
    entry_of,
    fields_of_key,
    fields_of_tenant,
    key_of,
    position_of,
    seconds,
    tenant_of,
    text_of_entry,
)
from stores.redis_client import pairs, translated

EXPIRED_KEPT_S = 30 * 86_400
ENTRIES_KEPT = 100_000
DENIED = ":denied"
READ_AT_ONCE = 500
READ_AT_MOST = 10_000
"""Of entries for one page: a filter that few of them meet must not read a whole trail in one request."""

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
APPEND = """
local name = ARGV[1]
if name ~= '' and name ~= ARGV[2] and redis.call('EXISTS', 'identity:tenant:' .. name) == 0 then name = ARGV[2] end
name = 'audit:' .. name .. ARGV[3]
local clock = redis.call('TIME')
local id = string.format('%d-%d', clock[1] * 1000 + math.floor(clock[2] / 1000), redis.call('INCR', 'audit:seq'))
local added = redis.pcall('XADD', name, 'MAXLEN', '~', ARGV[4], id, 'entry', ARGV[5])
-- The clock was set back: what comes now is dated as what came last.
if type(added) == 'table' and added.err then redis.call('XADD', name, 'MAXLEN', '~', ARGV[4], '*', 'entry', ARGV[5]) end
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


class RedisAudit:
    """Audit trails, in Redis."""

    def __init__(self, redis: Redis, *, kept: int = ENTRIES_KEPT) -> None:
        """Keep about the newest `kept` entries of each trail on the server of `redis`."""
        self._redis: Any = redis
        self._kept = kept
        self._append: Any = redis.register_script(APPEND)

    def append(self, entry: Entry) -> None:
        """Add an entry."""
        denied = DENIED if outcome_of(entry.status) == "denied" else ""
        with translated():
            self._append(args=[entry.tenant or "", HOME, denied, self._kept, text_of_entry(entry)])

    def page(
        self, tenant: str | None, *, outcome: Outcome | None, cursor: str | None, limit: int
    ) -> tuple[Sequence[Entry], str | None]:
        """Return entries, newest first."""
        before = None if cursor is None else "{}-{}".format(*position_of(cursor))
        plain, denied = _trails(tenant)
        if outcome is None:
            found = [*self._read(plain, before, limit + 1), *self._read(denied, before, limit + 1)]
            found.sort(key=lambda entry: position_of(entry.id), reverse=True)
            return _cut(found, limit)
        if outcome == "denied":
            return _cut(self._read(denied, before, limit + 1), limit)
        found = []
        for _ in range(READ_AT_MOST // READ_AT_ONCE):
            read = self._read(plain, before, READ_AT_ONCE)
            found += [entry for entry in read if outcome_of(entry.status) == outcome]
            if len(found) > limit or len(read) < READ_AT_ONCE:
                return _cut(found, limit)
            before = read[-1].id
        return found, before

    def trim(self, tenant: str | None, *, before: datetime, dry: bool = False) -> int:
        """Remove the entries before a time."""
        first = f"{round(before.timestamp() * 1000)}-0"
        return sum(self._trim(name, first, dry=dry) for name in _trails(tenant))

    def erase(self, tenant: str) -> None:
        """Remove a tenant's trail."""
        with translated():
            self._redis.delete(*_trails(tenant))

    def count(self, tenant: str | None) -> int:
        """Return how many entries there are."""
        with translated():
            return sum(int(self._redis.xlen(name)) for name in _trails(tenant))

    def _read(self, name: str, before: str | None, count: int) -> list[Entry]:
        with translated():
            read = self._redis.xrevrange(name, "+" if before is None else f"({before}", "-", count)
        return [entry_of(entry_id, fields["entry"]) for entry_id, fields in read]

    def _trim(self, name: str, first: str, *, dry: bool) -> int:
        with translated():
            if not dry:
                return int(self._redis.xtrim(name, minid=first, approximate=False))
            counted, start = 0, "-"
            while read := self._redis.xrange(name, start, f"({first}", READ_AT_ONCE):
                counted, start = counted + len(read), f"({read[-1][0]}"
            return counted


def _cut(found: Sequence[Entry], limit: int) -> tuple[Sequence[Entry], str | None]:
    """Return a page, and the cursor of the next one if more was found."""
    page = found[:limit]
    return page, page[-1].id if len(found) > limit else None


def _trails(tenant: str | None) -> tuple[str, str]:
    """Return the names of what was done and of what was denied."""
    name = f"audit:{tenant or ''}"
    return name, f"{name}{DENIED}"


def _flat(fields: dict[str, str]) -> list[str]:
    return [part for pair in fields.items() for part in pair]
