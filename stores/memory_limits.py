"""Token buckets in this process's memory: for tests and for one process alone."""

from collections.abc import Callable, Sequence
from math import ceil
from threading import Lock
from time import time

from stores.limits import MICROS, Bucket, Level, Taken

SWEEP = 10_000
"""Buckets above which those that are full are forgotten."""


class MemoryBuckets:
    """Buckets, in memory. Safe for threads."""

    def __init__(self, clock: Callable[[], float] = time) -> None:
        """Count seconds by `clock`."""
        self._clock = clock
        self._lock = Lock()
        self._full: dict[str, float] = {}

    def take(self, buckets: Sequence[Bucket], tokens: Sequence[int] | None = None) -> Taken:
        """Take tokens of every bucket, or of none."""
        numbers = tokens or [1] * len(buckets)
        now = self._clock() * MICROS
        with self._lock:
            full = [max(self._full.get(bucket.id, now), now) for bucket in buckets]
            wanted = [at + number * bucket.step_us for at, number, bucket in zip(full, numbers, buckets, strict=True)]
            granted = all(at - now <= bucket.window_us + 0.5 for at, bucket in zip(wanted, buckets, strict=True))
            if granted:
                full = wanted
                self._full.update((bucket.id, at) for bucket, at in zip(buckets, full, strict=True))
            if len(self._full) > SWEEP:
                self._full = {name: at for name, at in self._full.items() if at > now}
        levels = [
            Level.of(bucket, ceil(at - now), refused=0 if granted else number)
            for bucket, at, number in zip(buckets, full, numbers, strict=True)
        ]
        return Taken(granted, levels)
