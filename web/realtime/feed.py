"""What changed, read once per process however many listen: one reading of changes, one look at each changed job."""

from collections import OrderedDict
from collections.abc import Mapping
from threading import Event, Lock, Thread
from typing import Protocol

import structlog

from jobs.errors import StoreUnavailable
from stores.ports import Jobs
from web.realtime.news import News
from web.waiting import Hub

AT_ONCE = 500
"""Jobs that one look reads, and events of each."""
REMEMBERED = 10_000
PLACE_S = 2.0
IDLE_S = 1.0

log = structlog.get_logger(__name__)


class Listener(Protocol):
    """Somebody who is told of changes; nothing here may block."""

    def offer(self, news: News) -> None:
        """Take what happened to a job."""

    def lost(self) -> None:
        """Know that changes may have gone by unseen."""

    def wants(self) -> frozenset[str] | None:
        """Return the ids of the only jobs that are of interest, None if any may be."""


class Feed:
    """Tells the listeners of this process what happens to jobs."""

    def __init__(self, jobs: Jobs, hub: Hub) -> None:
        """Look at `jobs` that `hub` says have changed."""
        self._jobs = jobs
        self._hub = hub
        self._lock = Lock()
        self._listeners: set[Listener] = set()
        self._pending: dict[str, str | None] = {}
        self._lost = False
        self._ready = Event()
        # The last event that was told of a job: several changes are often read at once, and then come again.
        self._told: OrderedDict[str, str] = OrderedDict()
        self._teller: Thread | None = None

    def join(self, listener: Listener) -> None:
        """Tell `listener` of every change from now on; raise StoreUnavailable where none can be read."""
        self._hub.attach(self._note, within_s=PLACE_S)
        with self._lock:
            self._listeners.add(listener)
            if self._teller is None or not self._teller.is_alive():
                self._teller = Thread(target=self._tell, name="feed", daemon=True)
                self._teller.start()

    def leave(self, listener: Listener) -> None:
        """Tell it nothing more; twice does no harm."""
        with self._lock:
            self._listeners.discard(listener)

    def _note(self, changed: Mapping[str, str | None] | None) -> None:
        with self._lock:
            if not self._listeners:
                return
            if changed is None:
                self._lost = True
                self._pending.clear()
            else:
                for job_id, after in changed.items():
                    # The first change that was not told yet says from where on there is news.
                    self._pending.setdefault(job_id, after)
        self._ready.set()

    def _tell(self) -> None:
        while not self._hub.stopped:
            if not self._ready.wait(IDLE_S):
                continue
            self._ready.clear()
            with self._lock:
                pending, self._pending = self._pending, {}
                lost, self._lost = self._lost, False
                listeners = list(self._listeners)
            if lost:
                for listener in listeners:
                    listener.lost()
            self._look(pending, listeners)

    def _look(self, pending: Mapping[str, str | None], listeners: list[Listener]) -> None:
        interests = [listener.wants() for listener in listeners]
        some = None if None in interests else frozenset().union(*(wanted for wanted in interests if wanted is not None))
        wanted = {
            job_id: self._from(job_id, after) for job_id, after in pending.items() if some is None or job_id in some
        }
        while wanted:
            part = dict(list(wanted.items())[:AT_ONCE])
            for job_id in part:
                del wanted[job_id]
            try:
                looks = self._jobs.looks(part, limit=AT_ONCE)
            except StoreUnavailable as error:
                log.warning("changes_not_told", jobs=len(part) + len(wanted), error=error.message)
                for listener in listeners:
                    listener.lost()
                return
            for job_id, look in looks.items():
                if look.events:
                    self._remember(job_id, look.events[-1].id)
                if len(look.events) == AT_ONCE:
                    wanted[job_id] = look.events[-1].id
                news = News(look)
                for listener in listeners:
                    listener.offer(news)

    def _from(self, job_id: str, after: str | None) -> str | None:
        told = self._told.get(job_id)
        return after if told is None else told if after is None else max(after, told, key=_place)

    def _remember(self, job_id: str, event_id: str) -> None:
        self._told[job_id] = event_id
        self._told.move_to_end(job_id)
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)


def _place(event_id: str) -> tuple[int, ...]:
    return tuple(map(int, event_id.split("-")))
