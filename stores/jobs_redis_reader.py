"""Job records in Redis, as they lie there, and all that only reads them.

job:<id>            hash: what a client sees, and holder, lost, role, then, parts_total (`memory_records.py`)
job:<id>:events     stream of its events: name, data; capped
job:<id>:pending    set of its children that have not succeeded yet
job:<id>:gone       tombstone of an expired job: its tenant
jobs:seq            counter; a job's number orders the listings
jobs:list:<tenant>[:kind:<kind> | :state:<state> | :tag:<tag>]     zset of ids by number, without parts
jobs:due            zset of ids by when to look at them again: message not confirmed, lease's end, deadline
jobs:waiting:<kind> zset of queued ids by when their message was sent
jobs:ended          zset of ended ids by when their retention ends
jobs:dead:<tenant>  zset of dead letters by when they were given up
jobs:counts[:<tenant>]   hash <kind>|<state> -> number, without parts; of all, or of a tenant
jobs:key:<tenant>:<key>  hash: id and fingerprint of the request that used an idempotency key
jobs:changes        stream of ids that changed, of jobs and of batches; capped
batch:<id>          hash: tenant, submitted, version, left, and how many jobs are in each state; finished, expires
batch:<id>:jobs     list of the ids of its jobs
batches:<tenant>    zset of ids of batches by when they were submitted

All times are seconds of the server's clock. The scripts name keys that they compute: one server, no cluster.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from redis import Redis

from jobs.errors import Gone, NotFound
from jobs.model import Batch, Event, Job, Member, State
from stores.job_fields import Fields, batch_of, cursor_of, job_of, letter_of, member_of, number_of
from stores.ports import DeadLetter, Page
from stores.redis_client import ANSWER_S, translated

CHANGES_READ = 10_000
BATCH = 500
LONGEST_BLOCK_S = ANSWER_S / 2


class RedisJobsReader:
    """What can be asked of job records without changing them."""

    def __init__(self, redis: Redis) -> None:
        """Read from the server of `redis`."""
        # The driver's types allow bytes where this client was told to decode.
        self._redis: Any = redis

    def get(self, job_id: str, *, tenant: str | None = None) -> Job:
        """Return a job."""
        with translated():
            pipe = self._redis.pipeline()
            pipe.hgetall(f"job:{job_id}")
            pipe.get(f"job:{job_id}:gone")
            pipe.time()
            fields, gone, clock = pipe.execute()
        owner = fields.get("tenant", gone)
        if owner is None or tenant not in {None, owner}:
            raise NotFound("There is no such job.")
        job = job_of(job_id, fields, now=_seconds(clock))
        if job is None:
            raise Gone("The job has expired.")
        return job

    def find(
        self, *, tenant: str, kind: str | None, state: State | None, tag: str | None, cursor: str | None, limit: int
    ) -> Page:
        """Return a page of jobs without parents."""
        before = number_of(cursor) if cursor is not None else None
        everything = f"jobs:list:{tenant}"
        wanted = {"kind": kind, "state": state, "tag": tag}
        names = [f"{everything}:{name}:{value}" for name, value in wanted.items() if value is not None]
        found: list[tuple[int, Job]] = []
        while len(found) <= limit:
            scanned = self._scan(names or [everything], before, limit + 1)
            if not scanned:
                break
            found += [
                (number, job)
                for number, job in scanned
                if job is not None
                and kind in {None, job.kind}
                and state in {None, job.state}
                and (tag is None or tag in job.tags)
            ]
            before = scanned[-1][0]
        page = found[:limit]
        return Page([job for _, job in page], cursor_of(page[-1][0]) if len(found) > limit else None)

    def batch(self, batch_id: str, *, tenant: str | None = None) -> Batch:
        """Return a batch."""
        with translated():
            pipe = self._redis.pipeline()
            pipe.hgetall(f"batch:{batch_id}")
            pipe.time()
            fields, clock = pipe.execute()
        if not fields or tenant not in {None, fields["tenant"]}:
            raise NotFound("There is no such batch.")
        batch = batch_of(batch_id, fields, now=_seconds(clock))
        if batch is None:
            raise Gone("The batch has expired.")
        return batch

    def members(self, batch_id: str) -> Sequence[Member]:
        """Return the jobs of a batch, as they were given."""
        with translated():
            ids = self._redis.lrange(f"batch:{batch_id}:jobs", 0, -1)
            pipe = self._redis.pipeline(transaction=False)
            for job_id in ids:
                pipe.hmget(f"job:{job_id}", "kind", "state", "error")
            said = pipe.execute()
        return [member_of(job_id, each) for job_id, each in zip(ids, said, strict=True)]

    def waiting(self, kind: str, *, older_s: float = 0, limit: int) -> Sequence[Job]:
        """Return queued jobs whose message is out, the longest waiting first."""
        with translated():
            before = _seconds(self._redis.time()) - older_s
            found = self._redis.zrange(f"jobs:waiting:{kind}", "-inf", f"{before:f}", byscore=True, offset=0, num=limit)
        return self._jobs(found)

    def events(self, job_id: str, *, after: str | None, limit: int = 1000) -> Sequence[Event]:
        """Return a job's events, oldest first."""
        self.get(job_id)
        with translated():
            entries = self._redis.xrange(f"job:{job_id}:events", "-" if after is None else f"({after}", "+", limit)
        return [Event(event_id, entry["name"], json.loads(entry["data"])) for event_id, entry in entries]

    def changes(self, *, after: str | None, wait_s: float) -> tuple[str, frozenset[str]]:
        """Wait for changes of any job, for at most LONGEST_BLOCK_S."""
        with translated():
            if after is None:
                newest = self._redis.xrevrange("jobs:changes", "+", "-", 1)
                return (newest[0][0] if newest else "0-0"), frozenset()
            block = max(1, int(min(wait_s, LONGEST_BLOCK_S) * 1000))
            answer = self._redis.xread({"jobs:changes": after}, count=CHANGES_READ, block=block)
        streams = list(answer.values() if isinstance(answer, dict) else (entries for _, entries in answer or ()))
        entries = [entry for stream in streams for entry in _flat(stream)]
        return (entries[-1][0] if entries else after), frozenset(entry["id"] for _, entry in entries)

    def dead_letters(self, *, tenant: str, limit: int) -> Sequence[DeadLetter]:
        """Return the newest dead letters of a tenant."""
        with translated():
            found = self._redis.zrange(f"jobs:dead:{tenant}", 0, limit - 1, desc=True)
        return [letter_of(job) for job in self._jobs(found)]

    def counts(self, *, tenant: str | None = None) -> Mapping[tuple[str, State], int]:
        """Return how many jobs there are by kind and state."""
        with translated():
            counts = self._redis.hgetall("jobs:counts" if tenant is None else f"jobs:counts:{tenant}")
        named = ((*name.split("|"), int(number)) for name, number in counts.items())
        return {(kind, State(state)): number for kind, state, number in named if number > 0}

    def ping(self) -> None:
        """Return if the server answers."""
        with translated():
            self._redis.ping()

    def _jobs(self, ids: Sequence[str]) -> list[Job]:
        """Return the recorded jobs among `ids`, in order."""
        found: list[Job] = []
        for first in range(0, len(ids), BATCH):
            some = ids[first : first + BATCH]
            with translated():
                pipe = self._redis.pipeline(transaction=False)
                for job_id in some:
                    pipe.hgetall(f"job:{job_id}")
                records: list[Fields] = pipe.execute()
            jobs = (job_of(job_id, fields, now=0) for job_id, fields in zip(some, records, strict=True))
            found += [job for job in jobs if job is not None]
        return found

    def _scan(self, names: Sequence[str], before: int | None, limit: int) -> list[tuple[int, Job | None]]:
        """Return the next entries of the shortest of the lists `names`, None for those that have expired."""
        with translated():
            sizes = self._redis.pipeline(transaction=False)
            for name in names:
                sizes.zcard(name)
            name = min(zip(sizes.execute(), names, strict=True))[1]
            start = "+inf" if before is None else f"({before}"
            entries = self._redis.zrange(
                name, start, "-inf", desc=True, byscore=True, withscores=True, offset=0, num=limit
            )
            pipe = self._redis.pipeline(transaction=False)
            for job_id, _ in entries:
                pipe.hgetall(f"job:{job_id}")
            pipe.time()
            *records, clock = pipe.execute()
        return [
            (int(number), job_of(job_id, fields, now=_seconds(clock)))
            for (job_id, number), fields in zip(entries, records, strict=True)
        ]


def _seconds(clock: tuple[int, int]) -> float:
    """Return the server's clock, from seconds and microseconds."""
    return clock[0] + clock[1] / 1e6


def _flat(entries: Sequence[Any]) -> Sequence[Any]:
    """Undo the extra list that the driver's RESP3 answers carry."""
    return entries[0] if entries and isinstance(entries[0], list) else entries
