"""A queue and a list of workers in this process's memory, for tests."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from time import monotonic
from typing import TypeVar

from jobs.abilities import Abilities
from jobs.queue import Kind

Said = TypeVar("Said")


class MemoryQueue:
    """Keeps messages until they are taken."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._messages: list[tuple[int, int, Kind, str]] = []
        self._sent = 0

    def send(self, kind: Kind, job_id: str, *, priority: int) -> None:
        """Enqueue `job_id`."""
        with self._lock:
            self._sent += 1
            self._messages.append((-priority, self._sent, kind, job_id))

    def envelope(self, kind: Kind, job_id: str, *, priority: int) -> None:
        """Return None: no store reaches into this queue."""

    def depth(self, queue: str) -> int:
        """Return how many messages wait in `queue`."""
        with self._lock:
            return sum(kind.queue == queue for _, _, kind, _ in self._messages)

    def take(self) -> tuple[Kind, str] | None:
        """Remove and return the most urgent message, the oldest among equals; None if there is none."""
        with self._lock:
            if not self._messages:
                return None
            first = min(self._messages, key=lambda message: message[:2])
            self._messages.remove(first)
            return first[2], first[3]


class MemoryWorkers:
    """Workers, in memory."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """Count seconds by `clock`."""
        self._clock = clock
        self._until: dict[tuple[str, str], float] = {}
        self._processes: dict[str, int] = {}
        self._busy: dict[str, int] = {}
        self._abilities: dict[str, Abilities] = {}

    def beat(
        self,
        worker: str,
        *,
        queue: str,
        ttl_s: float,
        processes: int | None = None,
        busy: int | None = None,
        abilities: Abilities | None = None,
    ) -> None:
        """Note that a worker of `queue` is alive, and will be for `ttl_s`; how many jobs it runs at once at most, and now."""
        self._until[queue, worker] = self._clock() + ttl_s
        for said, number in ((self._processes, processes), (self._busy, busy)):
            if number is not None:
                said[worker] = number
        if abilities is not None:
            self._abilities[worker] = abilities

    def leave(self, worker: str, *, queue: str) -> None:
        """Note that a worker has stopped."""
        self._until.pop((queue, worker), None)
        self._processes.pop(worker, None)
        self._busy.pop(worker, None)
        self._abilities.pop(worker, None)

    def alive(self) -> Mapping[str, Sequence[str]]:
        """Return the names of the workers alive, sorted, by queue."""
        workers: defaultdict[str, list[str]] = defaultdict(list)
        for (queue, worker), until in sorted(self._until.items()):
            if until > self._clock():
                workers[queue].append(worker)
        return workers

    def processes(self, workers: Sequence[str]) -> Mapping[str, int]:
        """Return how many jobs these workers run at once, of those that are alive and say so."""
        return self._said(self._processes, workers)

    def busy(self, workers: Sequence[str]) -> Mapping[str, int]:
        """Return how many jobs these workers ran when they said so last, of those that are alive and do."""
        return self._said(self._busy, workers)

    def abilities(self, workers: Sequence[str]) -> Mapping[str, Abilities]:
        """Return what these workers can do, of those that are alive and say so."""
        return self._said(self._abilities, workers)

    def _said(self, of_each: Mapping[str, Said], workers: Sequence[str]) -> Mapping[str, Said]:
        alive = {worker for (_, worker), until in self._until.items() if until > self._clock()}
        return {worker: of_each[worker] for worker in workers if worker in alive and worker in of_each}


class MemoryPools:
    """Workers of which some do not answer, and some have processes that are busy."""

    def __init__(self, sizes: Mapping[str, int], *, busy: Mapping[str, int] | None = None) -> None:
        """Begin with these sizes; a worker keeps at least those that are `busy`."""
        self.sizes = dict(sizes)
        self.busy = dict(busy or {})

    def resize(self, sizes: Mapping[str, int]) -> Mapping[str, int]:
        """Have workers keep so many processes; return how many each one that answered has now."""
        answered = {
            worker: max(size, self.busy.get(worker, 0)) for worker, size in sizes.items() if worker in self.sizes
        }
        self.sizes |= answered
        return answered
