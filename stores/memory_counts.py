"""What can be counted of job records in memory."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from jobs.model import State
from stores.memory_holdings import MemoryHoldings
from stores.ports import End


class MemoryCounts(MemoryHoldings):
    """How many jobs there are, wait, and have ended."""

    def counts(self, *, tenant: str | None = None) -> Mapping[tuple[str, State], int]:
        """Return how many jobs there are by kind and state."""
        with self._lock:
            jobs = (record.job for record in self._records.values())
            return Counter((job.kind, job.state) for job in jobs if job.parent is None and tenant in {None, job.tenant})

    def oldest_wait_s(self, kinds: Collection[str]) -> float:
        """Return for how long the longest waiting job of `kinds` has waited."""
        with self._lock:
            waiting = (at for job_id, at in self._waiting.items() if self._records[job_id].job.kind in kinds)
            return max(0.0, self._now() - min(waiting, default=self._now()))

    def dead_count(self) -> int:
        """Return how many dead letters there are."""
        with self._lock:
            return len(self._dead)

    def take_ends(self, *, limit: int) -> Sequence[End]:
        """Remove and return the oldest ends that nobody has taken."""
        with self._lock:
            return [self._ends.popleft() for _ in range(min(limit, len(self._ends)))]
