"""What waits for a pool: messages in its queue, and jobs whose tenant's turn has not come."""

from collections.abc import Mapping
from dataclasses import dataclass

from jobs.queue import JobQueue, kinds_of
from stores.ports import Jobs


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a pool at a moment."""

    messages: int
    held: Mapping[str, int]
    """By tenant."""

    @property
    def depth(self) -> int:
        """Return how many jobs wait."""
        return self.messages + sum(self.held.values())


@dataclass(frozen=True, slots=True)
class Backlog:
    """Counts what waits."""

    jobs: Jobs
    queue: JobQueue

    def of(self, pool: str) -> Waiting:
        """Return what waits for a pool."""
        return Waiting(self.queue.depth(pool), self.jobs.held(pool))

    def depth(self, pool: str) -> int:
        """Return how many jobs wait for a pool, of all tenants."""
        return self.of(pool).depth

    def oldest_wait_s(self, pool: str) -> float:
        """Return for how many seconds the one has waited that waits for longest; 0: none does."""
        return self.jobs.oldest_wait_s(kinds_of(pool))
