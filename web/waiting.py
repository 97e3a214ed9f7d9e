"""Waiting for jobs: one hub per process reads the one stream of changes and wakes who waits for a changed job.

A waiter costs an event and nothing in Redis; the hub costs one connection. It is built on threads, which gevent's
monkey patching turns into greenlets.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from enum import StrEnum
from threading import Event, Lock, Thread
from time import monotonic
from types import TracebackType
from typing import Self, TypeVar

import structlog

from jobs.errors import StoreUnavailable
from jobs.model import Job
from stores.ports import Jobs
from web.refusals import TooManyWaiters

Noted = Callable[[Mapping[str, str | None] | None], None]
"""Told the ids that changed, as `Jobs.changes` gives them; None: changes may have gone by unseen. Must return at once."""
READ_S = 10.0
"""How long one read of the stream blocks, and how long a waiter trusts the hub before it looks for itself."""
RECONNECT_S = 0.5
RETRY_AFTER_S = 5

Seen = TypeVar("Seen")

log = structlog.get_logger(__name__)


class Stay(StrEnum):
    """How somebody waits."""

    POLL = "poll"
    SSE = "sse"
    WEBSOCKET = "websocket"


class Waiter(AbstractContextManager["Waiter"]):
    """One request that waits for changes of one job; closing it twice does no harm."""

    def __init__(self, job_id: str, leave: Callable[["Waiter"], None], stay: Stay = Stay.POLL) -> None:
        self.job_id = job_id
        self.stay = stay
        self._leave = leave
        self._held: ExitStack | None = None
        self._changed = Event()

    def hold(self, held: ExitStack) -> None:
        """Keep `held` until it is closed."""
        self._held = held

    def wake(self) -> None:
        """Let `wait` return."""
        self._changed.set()

    def wait(self, timeout_s: float) -> bool:
        """Wait for a change since the last call; return whether there may have been one."""
        changed = self._changed.wait(timeout_s)
        # Cleared before the caller reads the job: a change after that reading sets it again.
        self._changed.clear()
        return changed

    def close(self) -> None:
        """Stop waiting."""
        self._leave(self)
        if self._held is not None:
            self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Hub:
    """Wakes the waiters of this process."""

    def __init__(
        self,
        jobs: Jobs,
        *,
        limit: int,
        watch: Callable[[int], None] = lambda _count: None,
        watch_stay: Callable[[Stay, int], None] = lambda _stay, _count: None,
        read_s: float = READ_S,
        seat: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """Read changes from `jobs`, hold at most `limit` waiters, tell `watch` their number as it changes.

        And `watch_stay` that of those who wait in one way.

        One read blocks for at most `read_s`. Every waiter holds what `seat` gives to who makes the present request; it
        may raise TooManyStreams.
        """
        self._jobs = jobs
        self._limit = limit
        self._watch = watch
        self._watch_stay = watch_stay
        self._read_s = read_s
        self._seat = seat
        self._lock = Lock()
        self._waiters: defaultdict[str, set[Waiter]] = defaultdict(set)
        self._count = 0
        self._by_stay: Counter[Stay] = Counter()
        self._reader: Thread | None = None
        self._noted: list[Noted] = []
        self._at_stop: list[Callable[[], None]] = []
        self._placed = Event()
        self._stopped = Event()

    @property
    def waiting(self) -> int:
        """Return how many waiters there are."""
        return self._count

    def enter(self, job_id: str, stay: Stay = Stay.POLL) -> Waiter:
        """Return a waiter for `job_id`, to be closed; raise TooManyWaiters, or TooManyStreams, which is one."""
        with ExitStack() as held:
            held.enter_context(self._seat())
            waiter = Waiter(job_id, self._leave, stay)
            self._enter(waiter)
            waiter.hold(held.pop_all())
        return waiter

    def _enter(self, waiter: Waiter) -> None:
        with self._lock:
            if self._count >= self._limit:
                raise TooManyWaiters("Too many requests are waiting here.", retry_after_s=RETRY_AFTER_S)
            self._waiters[waiter.job_id].add(waiter)
            self._changed_by(waiter.stay, 1)
            self._start()

    def attach(self, noted: Noted, *, within_s: float) -> None:
        """Tell `noted` of every change from now on; twice does no harm. Raise StoreUnavailable if none can be read yet."""
        with self._lock:
            if noted not in self._noted:
                self._noted.append(noted)
            self._start()
        if not self._placed.wait(within_s):
            raise StoreUnavailable("the stream of changes is not read")

    def at_stop(self, leave: Callable[[], None]) -> None:
        """Call `leave`, once, when `stop` is called."""
        self._at_stop.append(leave)

    def wait(self, job_id: str, *, until: Callable[[Job], bool], timeout_s: float) -> Job:
        """Return the job as soon as `until` holds for it, and at the latest after `timeout_s`.

        Raise NotFound, Gone or TooManyWaiters.
        """
        return self.watch(job_id, lambda: self._jobs.get(job_id), until=until, timeout_s=timeout_s)

    def watch(self, name: str, look: Callable[[], Seen], *, until: Callable[[Seen], bool], timeout_s: float) -> Seen:
        """Return what `look` sees of what changes under `name`, as `wait` does."""
        ends = monotonic() + timeout_s
        with self.enter(name) as waiter:
            while True:
                seen = look()
                left_s = ends - monotonic()
                if left_s <= 0 or until(seen) or self._stopped.is_set():
                    return seen
                waiter.wait(min(left_s, READ_S))

    def stop(self) -> None:
        """Send everyone home; the reader ends after its present read."""
        self._stopped.set()
        self._wake_all()
        while self._at_stop:
            self._at_stop.pop()()

    @property
    def stopped(self) -> bool:
        """Say whether `stop` was called: whoever waits should answer with what there is."""
        return self._stopped.is_set()

    def _leave(self, waiter: Waiter) -> None:
        with self._lock:
            waiters = self._waiters.get(waiter.job_id, set())
            if waiter in waiters:
                waiters.remove(waiter)
                self._changed_by(waiter.stay, -1)
            if not waiters:
                self._waiters.pop(waiter.job_id, None)

    def _changed_by(self, stay: Stay, change: int) -> None:
        self._count += change
        self._by_stay[stay] += change
        self._watch(self._count)
        self._watch_stay(stay, self._by_stay[stay])

    def _start(self) -> None:
        if self._reader is None or not self._reader.is_alive():
            # Not before the first who waits: a thread started before a fork would not be in the child.
            self._reader = Thread(target=self._read, name="hub", daemon=True)
            self._reader.start()

    def _read(self) -> None:
        position: str | None = None
        while not self._stopped.is_set():
            try:
                if position is None:
                    position, _ = self._jobs.changes(after=None, wait_s=0)
                    # Whatever changed before this position went by unseen: everyone looks again.
                    self._wake_all()
                    self._tell(None)
                    self._placed.set()
                position, changed = self._jobs.changes(after=position, wait_s=self._read_s)
            except StoreUnavailable as error:
                log.warning("hub_disconnected", error=str(error))
                position = None
                self._placed.clear()
                self._stopped.wait(RECONNECT_S)
                continue
            self._wake(changed)
            if changed:
                self._tell(changed)

    def _tell(self, changed: Mapping[str, str | None] | None) -> None:
        with self._lock:
            noted = list(self._noted)
        for tell in noted:
            tell(changed)

    def _wake(self, job_ids: Iterable[str]) -> None:
        with self._lock:
            woken = [waiter for job_id in job_ids for waiter in self._waiters.get(job_id, ())]
        for waiter in woken:
            waiter.wake()

    def _wake_all(self) -> None:
        with self._lock:
            woken = [waiter for waiters in self._waiters.values() for waiter in waiters]
        for waiter in woken:
            waiter.wake()
