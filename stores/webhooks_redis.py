"""Webhooks in Redis, beside the records of jobs: their script notes what is due (`jobs_lua/endings.lua`).

webhook:<job>               hash: tenant, url, state, attempts, seq, created, settled, status, problem
webhooks:due                zset of ids by when to try them
webhooks:list:<tenant>      zset of ids by number
webhooks:seq                counter
webhooks:wake               list: an entry for each delivery that was noted; capped, and nothing hangs on it
webhooks:secret:<tenant>    hash: current, created, previous, until

All times are seconds of the server's clock.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from redis import Redis

from jobs.errors import NotFound
from stores.job_fields import cursor_of, number_of
from stores.redis_client import ANSWER_S, pairs, translated
from stores.webhooks import Delivery, DeliveryPage, DeliveryState, Outcome, Secrets

DUE, WAKE = "webhooks:due", "webhooks:wake"
LONGEST_BLOCK_S = ANSWER_S / 2
LOOKED_AT = 1000
"""Due deliveries that a claim looks at, to find one of a tenant that is not busy."""
BATCH = 200
NOW = """
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1e6
local function text(number)
  return string.format('%.6f', number)
end
"""
CLAIM = f"""{NOW}
local lease_s = tonumber(table.remove(ARGV, 1))
local busy = {{}}
for _, tenant in ipairs(ARGV) do
  busy[tenant] = true
end
for _, id in ipairs(redis.call('ZRANGE', 'webhooks:due', '-inf', text(now), 'BYSCORE', 'LIMIT', 0, {LOOKED_AT})) do
  local found = redis.call('HMGET', 'webhook:' .. id, 'tenant', 'state')
  if found[2] ~= 'pending' then
    redis.call('ZREM', 'webhooks:due', id)
  elseif not busy[found[1]] then
    redis.call('ZADD', 'webhooks:due', text(now + lease_s), id)
    redis.call('HINCRBY', 'webhook:' .. id, 'attempts', 1)
    return {{id, redis.call('HGETALL', 'webhook:' .. id)}}
  end
end
return false
"""
SETTLE = f"""{NOW}
local id, attempt, state, again_s, status, problem = unpack(ARGV)
local name = 'webhook:' .. id
local found = redis.call('HMGET', name, 'state', 'attempts')
if found[1] ~= 'pending' or found[2] ~= attempt then
  return 0
end
redis.call('HDEL', name, 'status', 'problem')
if status ~= '' then
  redis.call('HSET', name, 'status', status)
end
if problem ~= '' then
  redis.call('HSET', name, 'problem', problem)
end
if state == 'pending' then
  redis.call('ZADD', 'webhooks:due', text(now + tonumber(again_s)), id)
else
  redis.call('HSET', name, 'state', state, 'settled', text(now))
  redis.call('ZREM', 'webhooks:due', id)
end
return 1
"""
REPLAY = f"""{NOW}
local id, tenant = unpack(ARGV)
local name = 'webhook:' .. id
local found = redis.call('HMGET', name, 'state', 'tenant')
if found[2] ~= tenant then
  return 0
end
if found[1] ~= 'pending' then
  redis.call('HSET', name, 'state', 'pending', 'attempts', 0)
  redis.call('HDEL', name, 'settled', 'status', 'problem')
  redis.call('ZADD', 'webhooks:due', text(now), id)
  redis.call('LPUSH', 'webhooks:wake', id)
end
return 1
"""
SECRET = f"""{NOW}
local name, secret, grace_s = unpack(ARGV)
if grace_s == '' then
  if redis.call('HSETNX', name, 'current', secret) == 1 then
    redis.call('HSET', name, 'created', text(now))
  end
else
  local before = redis.call('HGET', name, 'current')
  redis.call('HSET', name, 'current', secret, 'created', text(now))
  if before then
    redis.call('HSET', name, 'previous', before, 'until', text(now + tonumber(grace_s)))
  end
end
return {{text(now), redis.call('HGETALL', name)}}
"""


class RedisDeliveries:
    """Deliveries and secrets, in Redis."""

    def __init__(self, redis: Redis) -> None:
        """Keep them on the server of `redis`, which is that of the jobs."""
        # The driver's types allow bytes where this client was told to decode.
        self._redis: Any = redis
        self._claim = redis.register_script(CLAIM)
        self._settle = redis.register_script(SETTLE)
        self._replay = redis.register_script(REPLAY)
        self._secret = redis.register_script(SECRET)

    def wait(self, timeout_s: float) -> None:
        """Return when something may be due, or after `timeout_s`, at most LONGEST_BLOCK_S."""
        with translated():
            self._redis.blpop([WAKE], timeout=max(0.01, min(timeout_s, LONGEST_BLOCK_S)))

    def claim(self, *, lease_s: float, but: Collection[str] = ()) -> Delivery | None:
        """Take the delivery that is due the longest."""
        with translated():
            claimed: Any = self._claim(args=[lease_s, *but])
        return None if not claimed else _delivery(claimed[0], pairs(claimed[1]), due=None)

    def settle(self, delivery: Delivery, outcome: Outcome) -> bool:
        """Note what came of a claimed delivery."""
        told = [outcome.state, outcome.again_s or 0, outcome.status or "", outcome.problem or ""]
        with translated():
            return bool(self._settle(args=[delivery.id, delivery.attempts, *told]))

    def find(self, tenant: str, *, state: DeliveryState | None, cursor: str | None, limit: int) -> DeliveryPage:
        """Return a page of a tenant's deliveries."""
        before = None if cursor is None else number_of(cursor)
        found: list[tuple[int, Delivery]] = []
        while len(found) <= limit:
            entries = self._entries(tenant, before)
            if not entries:
                break
            found += [(number, one) for number, one in entries if one is not None and state in {None, one.state}]
            before = entries[-1][0]
        page = found[:limit]
        return DeliveryPage([one for _, one in page], cursor_of(page[-1][0]) if len(found) > limit else None)

    def replay(self, tenant: str, delivery_id: str) -> Delivery:
        """Make a settled delivery due again."""
        with translated():
            if not self._replay(args=[delivery_id, tenant]):
                raise NotFound("There is no such delivery.")
            pipe = self._redis.pipeline()
            pipe.hgetall(f"webhook:{delivery_id}")
            pipe.zscore(DUE, delivery_id)
            fields, due = pipe.execute()
        return _delivery(delivery_id, fields, due=due)

    def due(self) -> int:
        """Return how many deliveries are due, or will be."""
        with translated():
            return int(self._redis.zcard(DUE))

    def held(self, tenant: str) -> int:
        """Return how much there is of a tenant."""
        with translated():
            deliveries, secrets = self._redis.zcard(f"webhooks:list:{tenant}"), self._redis.exists(_secret(tenant))
        return int(deliveries) + int(secrets)

    def erase(self, tenant: str) -> None:
        """Remove everything of a tenant."""
        name = f"webhooks:list:{tenant}"
        with translated():
            while ids := self._redis.zrange(name, 0, BATCH - 1):
                pipe = self._redis.pipeline()
                pipe.delete(*(f"webhook:{delivery_id}" for delivery_id in ids))
                pipe.zrem(DUE, *ids)
                pipe.zrem(name, *ids)
                pipe.execute()
            self._redis.delete(_secret(tenant))

    def secrets(self, tenant: str, *, otherwise: str) -> Secrets:
        """Return a tenant's secrets, made if need be."""
        return self._secrets(tenant, otherwise, "")

    def rotate(self, tenant: str, secret: str, *, grace_s: float) -> Secrets:
        """Make `secret` the current one."""
        return self._secrets(tenant, secret, grace_s)

    def _secrets(self, tenant: str, secret: str, grace_s: float | str) -> Secrets:
        with translated():
            answer: Any = self._secret(args=[_secret(tenant), secret, grace_s])
        now, fields = float(answer[0]), pairs(answer[1])
        kept = "previous" in fields and float(fields["until"]) > now
        return Secrets(
            fields["current"],
            _time(fields["created"]),
            fields["previous"] if kept else None,
            _time(fields["until"]) if kept else None,
        )

    def _entries(self, tenant: str, before: int | None) -> list[tuple[int, Delivery | None]]:
        start = "+inf" if before is None else f"({before}"
        with translated():
            numbered = self._redis.zrange(
                f"webhooks:list:{tenant}", start, "-inf", desc=True, byscore=True, withscores=True, offset=0, num=BATCH
            )
            pipe = self._redis.pipeline(transaction=False)
            for delivery_id, _ in numbered:
                pipe.hgetall(f"webhook:{delivery_id}")
                pipe.zscore(DUE, delivery_id)
            answers = pipe.execute()
        return [
            (int(number), _delivery(delivery_id, fields, due=due) if fields else None)
            for (delivery_id, number), fields, due in zip(numbered, answers[0::2], answers[1::2], strict=True)
        ]


def _secret(tenant: str) -> str:
    return f"webhooks:secret:{tenant}"


def _time(seconds: str | float) -> datetime:
    return datetime.fromtimestamp(float(seconds), UTC)


def _delivery(delivery_id: str, fields: Mapping[str, str], *, due: float | None) -> Delivery:
    return Delivery(
        id=delivery_id,
        tenant=fields["tenant"],
        url=fields["url"],
        state=DeliveryState(fields["state"]),
        attempts=int(fields["attempts"]),
        created_at=_time(fields["created"]),
        due_at=None if due is None else _time(due),
        settled_at=_time(fields["settled"]) if "settled" in fields else None,
        status=int(fields["status"]) if "status" in fields else None,
        problem=fields.get("problem"),
    )
