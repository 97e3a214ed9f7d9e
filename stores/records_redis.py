"""Records of jobs and accounts, copied out of Redis key by key while it is written to, and put back into an empty one.

A line is {key, type, value} and, where it expires, `until` in milliseconds since the epoch. Lists of jobs, counts and
whatever else follows from the records is made again (`jobs_lua/adopt.lua`), so that nothing can contradict them;
`records_keys.py` says which key is what.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from redis import Redis

from jobs.queue import QUEUES
from stores.copying import Adopted, Line, NoteEnded
from stores.jobs_redis import CHANGES_KEPT, EVENTS_KEPT
from stores.records_keys import Fate, companion, fate_of
from stores.records_lines import READ, batched, check, ended_job, is_before, is_long, line_of, write
from stores.redis_client import translated
from stores.workers_redis import RedisWorkers

SCRIPTS = tuple(Path(__file__).parent / "jobs_lua" / f"{name}.lua" for name in ("records", "adopt"))
LOOKED_AT_ONCE = 500
MEMBERS_AT_ONCE = 2000
"""Of long streams, in one line."""
ADOPTED_AT_ONCE = 200
SOME = 3


class RedisRecords:
    """Records, in Redis."""

    def __init__(self, redis: Redis) -> None:
        """Copy from, or into, the server of `redis`."""
        # The driver's types allow bytes where this client was told to decode.
        self._redis: Any = redis
        constants = {"EVENTS_KEPT": EVENTS_KEPT, "CHANGES_KEPT": CHANGES_KEPT}
        head = "".join(f"local {name} = {value}\n" for name, value in constants.items())
        self._script: Any = redis.register_script(head + "".join(path.read_text() for path in SCRIPTS))
        self._unknown: Counter[str] = Counter()

    def copy(self, note_ended: NoteEnded) -> Iterator[Line]:
        """Yield all records; a key that comes twice in a scan is copied once."""
        self._unknown = Counter()
        with translated():
            last = int(self._redis.get("jobs:seq") or 0)
            seconds, micros = self._redis.time()
        began = seconds + micros / 1e6
        seen: set[str] = set()
        for keys in self._scanned():
            wanted = [key for key in dict.fromkeys(keys) if key not in seen and self._wanted(key)]
            seen.update(wanted)
            for line in self._lines(wanted):
                if is_before(line, last=last, began=began):
                    if (ended := ended_job(line[0])) is not None:
                        note_ended(ended)
                    yield from line

    def left_out(self) -> Mapping[str, int]:
        """Return how many keys nobody knows, by how they begin."""
        return dict(sorted(self._unknown.items()))

    def anything(self) -> list[str]:
        """Return some records."""
        kept = (key for keys in self._scanned() for key in keys if fate_of(key, QUEUES) is Fate.KEPT)
        return [key for key, _ in zip(kept, range(SOME), strict=False)]

    def workers(self) -> list[str]:
        """Return the workers that are alive."""
        return sorted(chain.from_iterable(RedisWorkers(self._redis).alive().values()))

    def erase(self) -> None:
        """Remove all that is ours."""
        for keys in self._scanned():
            ours = [key for key in keys if fate_of(key, QUEUES) is not None]
            if ours:
                with translated():
                    self._redis.delete(*ours)

    def check(self, line: Line) -> None:
        """Raise InvalidInput for a line that is none of ours."""
        check(line)

    def load(self, lines: Iterable[Line], *, unwanted: Sequence[str]) -> Adopted:
        """Write the lines, then take up what they are about."""
        jobs: list[str] = []
        batches: list[str] = []
        keys: list[str] = []
        letters: list[str] = []
        last = 0
        for some in batched(lines, LOOKED_AT_ONCE):
            with translated():
                pipe = self._redis.pipeline()
                for line in some:
                    write(pipe, line)
                pipe.execute()
            for line in some:
                parts = line["key"].split(":")
                if parts[0] == "job" and len(parts) == 2:
                    jobs.append(parts[1])
                    last = max(last, int(line["value"]["seq"]))
                elif parts[0] == "batch" and len(parts) == 2:
                    batches.append(parts[1])
                elif parts[:2] == ["jobs", "key"]:
                    keys.append(line["key"])
                elif parts[:2] == ["jobs", "dead"]:
                    letters.append(line["key"])
        with translated():
            self._redis.set("jobs:seq", last)
        adopted = self._adopt(jobs, unwanted)
        for names in batched(batches, ADOPTED_AT_ONCE):
            self._call("count_batches", *names)
        for names in batched(letters, ADOPTED_AT_ONCE):
            self._call("check_letters", *names)
        self._forget_keys(keys)
        self._watch_deliveries()
        return adopted

    def _adopt(self, jobs: Sequence[str], unwanted: Sequence[str]) -> Adopted:
        ended = queued = dropped = 0
        for ids in batched(jobs, ADOPTED_AT_ONCE):
            told = self._call("adopt", json.dumps(list(unwanted)), *ids)
            ended, queued, dropped = ended + told[0], queued + told[1], dropped + told[2]
        return Adopted(ended, queued, dropped)

    def _forget_keys(self, keys: Sequence[str]) -> None:
        """Remove idempotency keys of what is not there: who repeats such a request is served."""
        for some in batched(keys, LOOKED_AT_ONCE):
            with translated():
                pipe = self._redis.pipeline(transaction=False)
                for key in some:
                    pipe.hget(key, "id")
                ids = pipe.execute()
                for name in ids:
                    pipe.exists(f"job:{name}", f"batch:{name}")
                there = pipe.execute()
                gone = [key for key, found in zip(some, there, strict=True) if not found]
                if gone:
                    self._redis.delete(*gone)

    def _watch_deliveries(self) -> None:
        """Have deliveries tried that are due, and listed that were noted while the lists were copied; end dangling ones."""
        with translated():
            now = self._redis.time()[0]
            named = set(self._redis.zrange("webhooks:due", 0, -1))
            # The counter may have been copied before what it has counted since.
            lists = self._redis.scan_iter("webhooks:list:*", count=LOOKED_AT_ONCE)
            newest = (self._redis.zrange(name, -1, -1, withscores=True) for name in lists)
            last = max((int(number) for some in newest for _, number in some), default=0)
            self._redis.set("webhooks:seq", max(last, int(self._redis.get("webhooks:seq") or 0)))
            for key in self._redis.scan_iter("webhook:*", count=LOOKED_AT_ONCE):
                told = self._redis.hmget(key, "state", "tenant")
                name = key.partition(":")[2]
                if told[0] == "pending" and name not in named:
                    self._redis.zadd("webhooks:due", {name: now})
                if told[1] and self._redis.zscore(f"webhooks:list:{told[1]}", name) is None:
                    self._redis.zadd(f"webhooks:list:{told[1]}", {name: self._redis.incr("webhooks:seq")})
                named.discard(name)
            if named:
                self._redis.zrem("webhooks:due", *named)

    def _wanted(self, key: str) -> bool:
        fate = fate_of(key, QUEUES)
        if fate is None:
            self._unknown[key.partition(":")[0][:40]] += 1
        return fate is Fate.KEPT

    def _scanned(self) -> Iterator[list[str]]:
        cursor = 0
        while True:
            with translated():
                cursor, keys = self._redis.scan(cursor, count=LOOKED_AT_ONCE)
            yield keys
            if cursor == 0:
                return

    def _lines(self, keys: Sequence[str]) -> Iterator[list[dict[str, Any]]]:
        """Yield what is read of each key, with its companion; of a key that has gone, nothing."""
        if not keys:
            return
        groups = [[key, *filter(None, [companion(key)])] for key in keys]
        flat = list(chain.from_iterable(groups))
        with translated():
            pipe = self._redis.pipeline(transaction=False)
            for key in flat:
                pipe.type(key)
            kinds = dict(zip(flat, pipe.execute(), strict=True))
            pipe = self._redis.pipeline()
            read = [key for key in flat if kinds[key] in READ and not is_long(key, kinds[key])]
            for key in read:
                READ[kinds[key]](pipe, key)
                pipe.pexpiretime(key)
            answers = pipe.execute()
        found = {
            key: line_of(key, kinds[key], value, until)
            for key, value, until in zip(read, answers[::2], answers[1::2], strict=True)
            if value or kinds[key] == "string"
        }
        for group in groups:
            if is_long(group[0], kinds[group[0]]):
                yield from ([line] for line in self._stream(group[0]))
            else:
                yield [found[key] for key in group if key in found]

    def _stream(self, key: str) -> Iterator[dict[str, Any]]:
        """Yield a long stream in lines of a bounded length."""
        after = "-"
        while True:
            with translated():
                entries = self._redis.xrange(key, after, "+", MEMBERS_AT_ONCE)
            if not entries:
                return
            yield {"key": key, "type": "stream", "value": entries} | ({"more": True} if after != "-" else {})
            after = f"({entries[-1][0]}"

    def _call(self, name: str, *arguments: str) -> Any:
        with translated():
            return self._script(args=[name, *arguments])
