"""One thread for each loaded model: what waits is batched across all who asked.

A second thread prepares the next batch while the device works, where a whole one waits already.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from threading import Condition, Lock, Thread
from time import monotonic
from typing import Any

import structlog

from jobs.errors import DeadlineExceeded, StoreUnavailable
from workers.remforge.inference import Item, Output, Refused
from workers.remforge.models.batch_plan import Waiting, fills, next_batch
from workers.remforge.models.batch_run import INTERNAL, refusal, run_batch
from workers.remforge.models.foreign import Raised, attempt
from workers.remforge.models.model import LoadedModel

WAIT_S = 0.003
"""How long an idle model waits for more before it begins with less than a full batch."""
QUEUED_BATCHES = 4
"""What may wait, in batches of the model's budget; who brings more waits at the door."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Tally:
    """What a model did, and the largest batch of each bucket after one that did not fit: kept while it is unloaded."""

    batches: int = 0
    items: int = 0
    safe: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class _Ticket:
    """What one caller waits for."""

    results: list[Output | Refused | None]
    missing: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    item: Item
    size: Waiting
    ticket: _Ticket | None
    """None: a warm-up, which nobody waits for."""
    position: int = 0


@dataclass(frozen=True, slots=True)
class _Work:
    entries: Sequence[_Entry]
    prepared: Any = None


class Batcher:
    """A loaded model with a queue."""

    def __init__(
        self, model: LoadedModel, tally: Tally, *, warm_up: Sequence[Item] = (), wait_s: float = WAIT_S
    ) -> None:
        """Begin to serve; `warm_up` has an item for each bucket, run one by one whenever nothing else waits."""
        self.model = model
        self.broken: str | None = None
        """Why it cannot go on: an item that it could do before fails as well."""
        self._tally = tally
        self._wait_s = wait_s
        self._warm_up = list(warm_up)
        self._proven: Item | None = None
        self._queue: list[_Entry] = []
        self._queued_cost = 0
        self._changed = Condition()
        self._preparing = Lock()
        self._closed = False
        self._helper = ThreadPoolExecutor(1, thread_name_prefix="prepare")
        self._thread = Thread(target=self._serve, name=f"model-{model.card.role}", daemon=True)
        self._thread.start()

    def submit(self, items: Sequence[Item], *, deadline: float) -> list[Output | Refused]:
        """Return a result for each item, in their order; may be called by many threads.

        Raise DeadlineExceeded at `deadline`, on the monotonic clock, and StoreUnavailable where the model is broken.
        """
        ticket = _Ticket([None] * len(items))
        entries = [self._entry(item, ticket, position) for position, item in enumerate(items)]
        accepted = [entry for entry in entries if entry is not None]
        ticket.missing = len(accepted)
        with self._changed:
            try:
                for entry in accepted:
                    self._await(partial(self._has_room, entry), deadline)
                    self._queue.append(entry)
                    self._queued_cost += entry.size.cost
                self._await(lambda: not ticket.missing, deadline)
            finally:
                self._keep([entry for entry in self._queue if entry.ticket is not ticket])
        return [result for result in ticket.results if result is not None]

    def close(self) -> None:
        """End the threads and give the model's memory back; whoever still waits gets StoreUnavailable."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()
        self._helper.shutdown()
        closed = attempt(self.model.close)
        if isinstance(closed, Raised):
            log.error("model_not_closed", model=self.model.card.model.name, exc_info=closed.error)

    def _entry(self, item: Item, ticket: _Ticket, position: int) -> _Entry | None:
        size = attempt(lambda: Waiting(self.model.bucket(item), self.model.cost(item)))
        if isinstance(size, Raised):
            ticket.results[position] = refusal(self.model, size.error)
            return None
        return _Entry(item, size, ticket, position)

    def _has_room(self, entry: _Entry) -> bool:
        return not self._queue or self._queued_cost + entry.size.cost <= QUEUED_BATCHES * self.model.budget

    def _keep(self, entries: list[_Entry]) -> None:
        self._queue = entries
        self._queued_cost = sum(entry.size.cost for entry in entries)
        self._changed.notify_all()

    def _await(self, holds: Callable[[], bool], deadline: float) -> None:
        while not holds():
            if self.broken or self._closed:
                raise StoreUnavailable(f"The model stopped working: {self.broken or 'it is being unloaded'}.")
            left = deadline - monotonic()
            if left <= 0:
                raise DeadlineExceeded("The models did not get through in time.")
            self._changed.notify_all()
            self._changed.wait(left)

    def _serve(self) -> None:
        ahead: _Work | None = None
        while work := ahead or self._take():
            coming = self._helper.submit(self._prepared_ahead)
            self._run(work)
            ahead = coming.result()
            if self.broken:
                return

    def _take(self) -> _Work | None:
        """Wait for the next batch; None at the end."""
        with self._changed:
            while not self._closed:
                if self._queue:
                    return self._pop()
                if self._warm_up:
                    return _Work([_Entry(self._warm_up.pop(0), Waiting(0, 0), None)])
                self._changed.wait_for(lambda: self._queue or self._closed)
                self._changed.wait_for(lambda: self._closed or self._is_full(), self._wait_s)
            return None

    def _prepared_ahead(self) -> _Work | None:
        """Prepare the next batch if it is as large as it may be; a smaller one had better wait for company."""
        with self._changed:
            if self._closed or not self._is_full():
                return None
            work = self._pop()
        prepared = attempt(lambda: self._prepare([entry.item for entry in work.entries]))
        return work if isinstance(prepared, Raised) else _Work(work.entries, prepared)

    def _prepare(self, items: Sequence[Item]) -> Any:
        with self._preparing:
            return self.model.prepare(items)

    def _is_full(self) -> bool:
        sizes = [entry.size for entry in self._queue]
        return fills(sizes, budget=self.model.budget, most=self._most())

    def _pop(self) -> _Work:
        sizes = [entry.size for entry in self._queue]
        chosen = next_batch(sizes, budget=self.model.budget, most=self._most())
        entries = [self._queue[index] for index in chosen]
        taken = set(chosen)
        self._keep([entry for index, entry in enumerate(self._queue) if index not in taken])
        return _Work(entries)

    def _most(self) -> int | None:
        return self._tally.safe.get(self._queue[0].size.bucket) if self._queue else None

    def _run(self, work: _Work) -> None:
        items = [entry.item for entry in work.entries]
        results = run_batch(
            self.model,
            items,
            prepare=self._prepare,
            bucket=work.entries[0].size.bucket,
            safe=self._tally.safe,
            prepared=work.prepared,
        )
        failed = all(isinstance(result, Refused) and result.reason == INTERNAL for result in results)
        if work.entries[0].ticket is None:
            if not failed:
                self._proven = items[0]
            return
        broken = failed and self._fails_what_it_could_do()
        with self._changed:
            self._changed.notify_all()
            if broken:
                self.broken = "an item that it could do before failed as well"
                return
            self._tally.batches += 1
            self._tally.items += len(items)
            for entry, result in zip(work.entries, results, strict=True):
                if entry.ticket is not None:
                    entry.ticket.results[entry.position] = result
                    entry.ticket.missing -= 1

    def _fails_what_it_could_do(self) -> bool:
        """Tell a broken device or model from items that break it."""
        if self._proven is None:
            return False
        [result] = run_batch(self.model, [self._proven], prepare=self._prepare, bucket=0, safe={})
        return isinstance(result, Refused)
