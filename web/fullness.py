"""How full the queues are: refused is what comes to a full one."""

from collections.abc import Callable
from threading import Lock
from time import monotonic

from jobs.errors import Overloaded
from jobs.queue import JobQueue

RETRY_AFTER_S = 30
LOOK_S = 0.25
"""Counting ten lists costs as much as recording a job: this long a count is good, with what was let in since."""


class Fullness:
    """The depths of the queues, as this process knows them."""

    def __init__(
        self, queue: JobQueue, *, limit: int, look_s: float = LOOK_S, clock: Callable[[], float] = monotonic
    ) -> None:
        """Let in while a queue holds less than `limit` messages, which is looked at every `look_s`."""
        self._queue = queue
        self._limit = limit
        self._look_s = look_s
        self._clock = clock
        self._lock = Lock()
        self._known: dict[str, tuple[float, int]] = {}

    def admit(self, name: str, jobs: int = 1) -> None:
        """Count `jobs` that are about to be sent to the queue `name`; raise Overloaded if it is full."""
        now = self._clock()
        with self._lock:
            until, depth = self._known.get(name, (0.0, 0))
        if until <= now or depth + jobs > self._limit:
            # Nobody is refused for what was true a moment ago.
            until, depth = now + self._look_s, self._queue.depth(name)
        if depth + jobs > self._limit:
            raise Overloaded(f"The pool {name} is full; try again later.", retry_after_s=RETRY_AFTER_S)
        with self._lock:
            self._known[name] = until, depth + jobs
