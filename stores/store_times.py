"""How long calls of stores take, for Prometheus: an observer of `stores/watched.py`."""

import os
from time import perf_counter
from types import TracebackType
from typing import Protocol, runtime_checkable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from jobs.errors import StoreUnavailable
from stores.shared_numbers import GUARD

BUCKETS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)
BLOCKING = frozenset({("jobs", "changes")})
"""Calls that wait for something to happen: how long they take says nothing of the store."""
LOOK_S = 0.5
"""How often connections are counted at most: after a call, so never by a process that does nothing."""


@runtime_checkable
class Pooled(Protocol):
    """An adapter whose driver tells of its connections."""

    def connections(self) -> tuple[int, int]:
        """Return how many are in use, and how many idle."""


class StoreTimes:
    """Times calls by store and operation, counts those that the store did not answer, and connections."""

    def __init__(self, registry: CollectorRegistry, *, look_s: float = LOOK_S) -> None:
        """Keep the numbers in `registry`, or, in prometheus_client's multiprocess mode, in its folder."""
        self._seconds = Histogram(
            "dasein_store_seconds",
            "Time that a call of a store took.",
            ["store", "operation"],
            buckets=BUCKETS_S,
            registry=registry,
        )
        self._errors = Counter(
            "dasein_store_errors",
            "Calls that a store did not answer.",
            ["store", "operation"],
            registry=registry,
        )
        self._connections = Gauge(
            "dasein_store_connections",
            "Connections to a store, where its driver tells.",
            ["store", "state"],
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._known: dict[tuple[str, str], Histogram] = {}
        self._pooled: dict[str, Pooled] = {}
        # A child of a fork must not touch what its parent's threads may have held: it adopts adapters of its own.
        os.register_at_fork(after_in_child=self._pooled.clear)
        self._look_s = look_s
        self._look_at = 0.0

    def __call__(self, store: str, operation: str, /) -> "_Timed":
        """Return the context of one call."""
        return _Timed(self, store, operation)

    def adopt(self, store: str, adapter: object) -> None:
        """Count the connections of `adapter`, if it tells, in place of those of one before it."""
        if isinstance(adapter, Pooled):
            self._pooled[store] = adapter

    def note(self, store: str, operation: str, *, began: float, failed: bool) -> None:
        """Note a call that has just ended."""
        place, now = (store, operation), perf_counter()
        with GUARD:
            if place not in BLOCKING:
                # Looked up once: finding it by its labels takes longer than counting.
                seconds = self._known.get(place) or self._known.setdefault(place, self._seconds.labels(*place))
                seconds.observe(now - began)
            if failed:
                self._errors.labels(*place).inc()
            if now >= self._look_at:
                self._look_at = now + self._look_s
                self._count_connections()

    def _count_connections(self) -> None:
        for store, adapter in self._pooled.items():
            for state, number in zip(("used", "idle"), adapter.connections(), strict=True):
                self._connections.labels(store, state).set(number)


class _Timed:
    """One call."""

    __slots__ = ("_began", "_operation", "_store", "_times")

    def __init__(self, times: StoreTimes, store: str, operation: str) -> None:
        self._times = times
        self._store = store
        self._operation = operation

    def __enter__(self) -> None:
        self._began = perf_counter()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        failed = isinstance(error, StoreUnavailable)
        self._times.note(self._store, self._operation, began=self._began, failed=failed)
