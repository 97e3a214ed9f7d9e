"""What the job records in Redis hold of a tenant, found by looking at all keys: rare, and nothing can be forgotten so.

`jobs_redis_reader.py` says what lies where.
"""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from redis import Redis

from jobs.model import Job
from stores.job_fields import job_of
from stores.redis_client import translated

SCRIPTS = tuple(Path(__file__).parent / "jobs_lua" / f"{name}.lua" for name in ("records", "turns", "erase"))
SHARED = ("jobs:list:", "jobs:counts:", "jobs:traces:", "jobs:held:", "jobs:placed:", "jobs:share:", "webhooks:")
"""Keys beside the records that are about all jobs of a tenant."""
LOOKED_AT_ONCE = 1000
CHANGED_AT_ONCE = 200
RECORD, TOMBSTONE, BATCH, OTHER = "record", "tombstone", "batch", "other"
BESIDE = (TOMBSTONE, BATCH, OTHER)
"""What there is of a tenant beside the records of its jobs."""
OF_A_TENANT = {
    "jobs": ("list", "dead", "counts", "key", "traces", "held", "placed", "share"),
    "webhooks": ("list", "secret"),
}
"""Keys whose third part is the tenant, by their first two."""


class RedisHoldings:
    """Holdings, in Redis."""

    def __init__(self, redis: Redis) -> None:
        """Look at the server of `redis`."""
        # The driver's types allow bytes where this client was told to decode.
        self._redis: Any = redis
        self._script: Any = redis.register_script("".join(path.read_text() for path in SCRIPTS))

    def every(self, tenant: str) -> Iterator[Job]:
        """Yield the tenant's jobs."""
        for ids in self._ids(tenant):
            with translated():
                pipe = self._redis.pipeline(transaction=False)
                for job_id in ids:
                    pipe.hgetall(f"job:{job_id}")
                records = pipe.execute()
            for job_id, fields in zip(ids, records, strict=True):
                job = job_of(job_id, fields, now=0)
                if job is not None:
                    yield job

    def keep_for(self, tenant: str, seconds: float, *, tombstone_s: float, dry: bool = False) -> int:
        """Let ended jobs expire."""
        given = -seconds if dry else seconds
        return sum(
            int(self._call("keep_for", tenant, given, tombstone_s, some))
            for ids in self._ids(tenant)
            for some in _parts(ids)
        )

    def erase(self, tenant: str, *, spare: Collection[str] = ()) -> None:
        """Remove all that is known; what is to be spared stays in the listings, too."""
        gone: set[str] = set()
        for ids in self._ids(tenant):
            kept = [job_id for job_id in ids if job_id not in spare]
            gone.update(kept)
            for some in _parts(kept):
                self._call("erase", tenant, "", "", some)
        for kind, keys in self._keys(tenant, kinds=BESIDE):
            left = [key for key in keys if not self._spared(key, spare)]
            if kind == BATCH:
                gone.update(key.removeprefix("batch:") for key in left)
                left += [f"{key}:jobs" for key in left]
            if left:
                with translated():
                    self._redis.delete(*left)
        self._forget_changes(gone)

    def count(self, tenant: str, *, spare: Collection[str] = ()) -> int:
        """Return how many records there are."""
        records = sum(job_id not in spare for ids in self._ids(tenant) for job_id in ids)
        others = sum(not self._spared(key, spare) for _, keys in self._keys(tenant, kinds=BESIDE) for key in keys)
        return records + others

    def _ids(self, tenant: str) -> Iterator[list[str]]:
        for _, keys in self._keys(tenant, kinds=(RECORD,)):
            yield [key.removeprefix("job:") for key in keys]

    def _keys(self, tenant: str, *, kinds: Collection[str]) -> Iterator[tuple[str, list[str]]]:
        """Yield keys that are the tenant's, by kind, each once, a bounded number at a time."""
        seen: set[str] = set()
        cursor = 0
        while True:
            with translated():
                cursor, keys = self._redis.scan(cursor, count=LOOKED_AT_ONCE)
            by_kind: dict[str, list[str]] = {RECORD: [], TOMBSTONE: [], BATCH: [], OTHER: []}
            for key in keys:
                kind = _kind(key, tenant)
                if kind is not None and kind in kinds:
                    by_kind[kind].append(key)
            by_kind[RECORD] = self._owned(by_kind[RECORD], tenant, field="tenant")
            by_kind[BATCH] = self._owned(by_kind[BATCH], tenant, field="tenant")
            by_kind[TOMBSTONE] = self._owned(by_kind[TOMBSTONE], tenant, field=None)
            for kind, found in by_kind.items():
                # A scan may come by a key twice.
                new = [key for key in found if key not in seen]
                seen.update(new)
                if new:
                    yield kind, new
            if cursor == 0:
                return

    def _owned(self, keys: Sequence[str], tenant: str, *, field: str | None) -> list[str]:
        if not keys:
            return []
        with translated():
            pipe = self._redis.pipeline(transaction=False)
            for key in keys:
                pipe.get(key) if field is None else pipe.hget(key, field)
            owners = pipe.execute()
        return [key for key, owner in zip(keys, owners, strict=True) if owner == tenant]

    def _spared(self, key: str, spare: Collection[str]) -> bool:
        """Say whether a key beside the records is also about a job to be spared."""
        if not spare:
            return False
        if key.startswith("jobs:key:"):
            with translated():
                return self._redis.hget(key, "id") in spare
        return key.startswith(SHARED)

    def _forget_changes(self, gone: Collection[str]) -> None:
        """Take jobs and batches out of the stream of changes."""
        after = "-"
        while gone:
            with translated():
                read = self._redis.xrange("jobs:changes", after, "+", LOOKED_AT_ONCE)
                if not read:
                    return
                theirs = [entry_id for entry_id, entry in read if entry["id"] in gone]
                if theirs:
                    self._redis.xdel("jobs:changes", *theirs)
            after = f"({read[-1][0]}"

    def _call(self, name: str, tenant: str, first: object, second: object, ids: Sequence[str]) -> Any:
        with translated():
            return self._script(args=[name, tenant, first, second, *ids])


def _kind(key: str, tenant: str) -> str | None:
    """Return what a key is, if it may be the tenant's."""
    parts = key.split(":")
    if parts[0] == "job" and len(parts) == 2:
        return RECORD
    if parts[0] == "job" and parts[2] == "gone":
        return TOMBSTONE
    if parts[0] == "batch" and len(parts) == 2:
        return BATCH
    if parts == ["batches", tenant]:
        return OTHER
    named = len(parts) > 2 and parts[1] in OF_A_TENANT.get(parts[0], ())
    return OTHER if named and parts[2] == tenant else None


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(ids), CHANGED_AT_ONCE):
        yield ids[first : first + CHANGED_AT_ONCE]
