"""Job records in Redis, as they lie there, and all that only reads them.

job:<id>            hash: what a client sees, and holder, lost, role, then, parts_total (`memory_records.py`);
                    and pool, began, turn, charge, again (`jobs_lua/turns.lua`)
job:<id>:events     stream of its events: name, data; capped
job:<id>:pending    set of its children that have not succeeded yet
job:<id>:gone       tombstone of an expired job: its tenant
jobs:seq            counter; a job's number orders the listings
jobs:list:<tenant>[:kind:<kind> | :state:<state> | :tag:<tag>]     zset of ids by number, without parts
jobs:due            zset of ids by when to look at them again: message not confirmed, lease's end, deadline
jobs:waiting:<kind> zset of queued ids by when they were sent or posted, held ones too
jobs:messages       hash <id> -> message of a job that was posted and has not started
jobs:held:<tenant>:<pool>    zset of held ids, the most urgent first and then the oldest
jobs:placed:<tenant>:<pool>  zset of ids whose message is out, in that order
jobs:out:<pool>     zset of ids whose message is out, by when it went; the messages lie in the list <pool>, Celery's own
jobs:turns:<pool>   zset of tenants with held jobs by their account
jobs:share:<tenant> hash account:<pool>, mean:<pool> -> seconds that it has had for its weight, and that its jobs took lately
jobs:pool:<pool>    hash: places (how many messages may lie in the list), clock (account of the last job that started, when it was let in)
jobs:ended          zset of ended ids by when their retention ends
jobs:dead:<tenant>  zset of dead letters by when they were given up
jobs:dead           set of the dead letters of all tenants
jobs:ends           list of ends, <kind>|<state>|<seconds since submission>, until somebody counts them; capped
jobs:counts[:<tenant>]   hash <kind>|<state> -> number, without parts; of all, or of a tenant
jobs:key:<tenant>:<key>  hash: id and fingerprint of the request that used an idempotency key
jobs:traces:<tenant>:<day>   traces that were asked for on a day, counted from 1970; goes after two days
jobs:changes        stream of ids that changed, of jobs, each with its last event before that, and of batches; capped
batch:<id>          hash: tenant, submitted, version, left, and how many jobs are in each state; finished, expires
batch:<id>:jobs     list of the ids of its jobs
batches:<tenant>    zset of ids of batches by when they were submitted

All times are seconds of the server's clock. Tenants' weights are read from their records (`identity_redis.py`). The scripts
name keys that they compute: one server, no cluster.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from jobs.errors import Gone, NotFound
from jobs.model import Event, Job, State
from stores.job_fields import Fields, cursor_of, is_birth, job_of, letter_of, number_of
from stores.jobs_redis_batches import RedisJobsBatches
from stores.jobs_redis_counts import seconds
from stores.ports import DeadLetter, Look, Page
from stores.redis_client import ANSWER_S, translated

CHANGES_READ = 10_000
BATCH = 500
LONGEST_BLOCK_S = ANSWER_S / 2


class RedisJobsReader(RedisJobsBatches):
    """What can be asked of job records without changing them."""

    def get(self, job_id: str, *, tenant: str | None = None) -> Job:
        """Return a job."""
        with translated():
            fields = self._redis.hgetall(f"job:{job_id}")
            owner = fields.get("tenant") or self._redis.get(f"job:{job_id}:gone")
            # Only the end of a retention needs the server's clock.
            now = seconds(self._redis.time()) if "expires" in fields else 0
        if owner is None or tenant not in {None, owner}:
            raise NotFound("There is no such job.")
        job = job_of(job_id, fields, now=now)
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

    def waiting(self, kind: str, *, older_s: float = 0, limit: int) -> Sequence[Job]:
        """Return queued jobs that were sent or posted, the longest waiting first."""
        with translated():
            before = seconds(self._redis.time()) - older_s
            found = self._redis.zrange(f"jobs:waiting:{kind}", "-inf", f"{before:f}", byscore=True, offset=0, num=limit)
        return self._jobs(found)

    def events(self, job_id: str, *, after: str | None, limit: int = 1000) -> Sequence[Event]:
        """Return a job's events, oldest first."""
        self.get(job_id)
        with translated():
            entries = self._redis.xrange(f"job:{job_id}:events", "-" if after is None else f"({after}", "+", limit)
        return [_event(*entry) for entry in entries]

    def many(self, job_ids: Sequence[str]) -> Mapping[str, Job]:
        """Return the jobs that there are among `job_ids`."""
        return {job.id: job for job in self._jobs(job_ids)}

    def looks(self, after: Mapping[str, str | None], *, limit: int = 1000) -> Mapping[str, Look]:
        """Return jobs with their events after the ids given, in one exchange for BATCH of them."""
        found: dict[str, Look] = {}
        wanted = list(after.items())
        for first in range(0, len(wanted), BATCH):
            some = wanted[first : first + BATCH]
            with translated():
                pipe = self._redis.pipeline(transaction=False)
                for job_id, last in some:
                    events = f"job:{job_id}:events"
                    pipe.hgetall(f"job:{job_id}")
                    pipe.xrange(events, "-" if last is None else f"({last}", "+", limit)
                    # Events are dropped from the front: if the last one that was seen is there, none is missing.
                    pipe.xrange(events, *(("-", "+") if last is None else (last, last)), 1)
                pipe.time()
                *answers, clock = pipe.execute()
            for (job_id, last), fields, entries, probe in zip(
                some, answers[0::3], answers[1::3], answers[2::3], strict=True
            ):
                job = job_of(job_id, fields, now=seconds(clock))
                if job is not None:
                    whole = bool(probe) and (last is not None or is_birth(_event(*probe[0])))
                    found[job_id] = Look(job, [_event(*entry) for entry in entries], gap=not whole)
        return found

    def changes(self, *, after: str | None, wait_s: float) -> tuple[str, Mapping[str, str | None]]:
        """Wait for changes of any job, for at most LONGEST_BLOCK_S."""
        with translated():
            if after is None:
                newest = self._redis.xrevrange("jobs:changes", "+", "-", 1)
                return (newest[0][0] if newest else "0-0"), {}
            block = max(1, int(min(wait_s, LONGEST_BLOCK_S) * 1000))
            answer = self._redis.xread({"jobs:changes": after}, count=CHANGES_READ, block=block)
        streams = list(answer.values() if isinstance(answer, dict) else (entries for _, entries in answer or ()))
        entries = [entry for stream in streams for entry in _flat(stream)]
        changed: dict[str, str | None] = {}
        for _, entry in entries:
            changed.setdefault(entry["id"], entry.get("after") or None)
        return (entries[-1][0] if entries else after), changed

    def dead_letters(self, *, tenant: str, limit: int) -> Sequence[DeadLetter]:
        """Return the newest dead letters of a tenant."""
        with translated():
            found = self._redis.zrange(f"jobs:dead:{tenant}", 0, limit - 1, desc=True)
        return [letter_of(job) for job in self._jobs(found)]

    def owners(self, job_ids: Sequence[str]) -> Mapping[str, str]:
        """Return the tenants of those jobs that are recorded."""
        found: dict[str, str] = {}
        for first in range(0, len(job_ids), BATCH):
            some = job_ids[first : first + BATCH]
            with translated():
                pipe = self._redis.pipeline(transaction=False)
                for job_id in some:
                    pipe.hget(f"job:{job_id}", "tenant")
                found |= {
                    job_id: tenant for job_id, tenant in zip(some, pipe.execute(), strict=True) if tenant is not None
                }
        return found

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
            (int(number), job_of(job_id, fields, now=seconds(clock)))
            for (job_id, number), fields in zip(entries, records, strict=True)
        ]


def _event(event_id: str, entry: Mapping[str, str]) -> Event:
    return Event(event_id, entry["name"], json.loads(entry["data"]))


def _flat(entries: Sequence[Any]) -> Sequence[Any]:
    """Undo the extra list that the driver's RESP3 answers carry."""
    return entries[0] if entries and isinstance(entries[0], list) else entries
