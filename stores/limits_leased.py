"""Token buckets of which a process takes a handful at a time, so that most requests ask nobody.

A hundredth of a bucket is leased at once, one token of a small one. Never more is given out than there is; a process
that ends takes its handful along, so a bucket may seem emptier by a hundredth for each process.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from time import monotonic

from stores.limits import MICROS, Bucket, Buckets, Level, Taken

PART = 100
KEPT = 10_000
"""Buckets that are known at a time: those that were used last."""


@dataclass(slots=True)
class Lease:
    """Tokens that are in hand, and how far the bucket was from full when they were taken."""

    tokens: int
    missing_us: float
    at: float

    def level(self, bucket: Bucket, now: float) -> Level:
        """Return the level of the bucket as it is likely to be, with what is in hand."""
        missing_us = self.missing_us - (now - self.at) * MICROS - self.tokens * bucket.step_us
        return Level.of(bucket, max(0, round(missing_us)))


class LeasedBuckets:
    """Buckets that are asked for handfuls. Safe for threads."""

    def __init__(self, buckets: Buckets, *, clock: Callable[[], float] = monotonic) -> None:
        """Lease of `buckets`."""
        self._buckets = buckets
        self._clock = clock
        self._lock = Lock()
        self._leases: OrderedDict[str, Lease] = OrderedDict()

    def take(self, buckets: Sequence[Bucket], tokens: Sequence[int] | None = None) -> Taken:
        """Take tokens of every bucket, or of none."""
        wanted = tokens or [1] * len(buckets)
        pairs = list(zip(buckets, wanted, strict=True))
        with self._lock:
            short = [(bucket, number) for bucket, number in pairs if self._in_hand(bucket) < number]
            if not short:
                return self._spent(pairs)
        asked = [max(number, bucket.size // PART) for bucket, number in short]
        taken = self._buckets.take([bucket for bucket, _ in short], asked)
        if not taken.granted and asked != [number for _, number in short]:
            # Nearly empty: every token counts.
            asked = [number for _, number in short]
            taken = self._buckets.take([bucket for bucket, _ in short], asked)
        with self._lock:
            if taken.granted:
                for (bucket, _), number, level in zip(short, asked, taken.levels, strict=True):
                    self._add(bucket, number, level)
                return self._spent(pairs)
            known = {bucket.id: level for (bucket, _), level in zip(short, taken.levels, strict=True)}
            levels = [known.get(bucket.id) or self._level(bucket) for bucket in buckets]
            return Taken(granted=False, levels=levels)

    def _in_hand(self, bucket: Bucket) -> int:
        lease = self._leases.get(bucket.id)
        return 0 if lease is None else lease.tokens

    def _add(self, bucket: Bucket, number: int, level: Level) -> None:
        lease = Lease(self._in_hand(bucket) + number, level.full_in_s * MICROS, self._clock())
        self._leases[bucket.id] = lease
        self._leases.move_to_end(bucket.id)
        if len(self._leases) > KEPT:
            self._leases.popitem(last=False)

    def _spent(self, pairs: Sequence[tuple[Bucket, int]]) -> Taken:
        for bucket, number in pairs:
            # One that was forgotten meanwhile is in debt now, as one is that others were quicker to use.
            lease = self._leases.setdefault(bucket.id, Lease(0, 0, self._clock()))
            lease.tokens -= number
            self._leases.move_to_end(bucket.id)
        return Taken(granted=True, levels=[self._level(bucket) for bucket, _ in pairs])

    def _level(self, bucket: Bucket) -> Level:
        return self._leases[bucket.id].level(bucket, self._clock())
