"""Audit trails in Redis, beside the job records.

audit:<tenant>[:denied]  streams of a tenant's audit trail: entry; capped. Apart, so that nobody flushes out what was done
                         by being denied. `audit:` and `audit::denied` are those of callers nobody knows
audit:seq                counter: makes the ids of entries differ between streams

The script names keys that it computes: one server, no cluster.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from redis import Redis

from jobs.identity import HOME
from stores.identity import Entry, Outcome, outcome_of
from stores.identity_fields import entry_of, position_of, text_of_entry
from stores.redis_client import translated

ENTRIES_KEPT = 100_000
DENIED = ":denied"
READ_AT_ONCE = 500
READ_AT_MOST = 10_000
"""Of entries for one page: a filter that few of them meet must not read a whole trail in one request."""

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
