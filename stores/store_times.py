"""How long calls of stores take, for Prometheus: an observer of `stores/watched.py`."""

from time import perf_counter
from types import TracebackType

from prometheus_client import CollectorRegistry, Counter, Histogram

from jobs.errors import StoreUnavailable

BUCKETS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)
BLOCKING = frozenset({("jobs", "changes")})
"""Calls that wait for something to happen: how long they take says nothing of the store."""


class StoreTimes:
    """Times calls by store and operation, and counts those that the store did not answer."""

    def __init__(self, registry: CollectorRegistry) -> None:
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
        self._known: dict[tuple[str, str], Histogram] = {}

    def __call__(self, store: str, operation: str, /) -> "_Timed":
        """Return the context of one call."""
        return _Timed(self, store, operation)

    def note(self, store: str, operation: str, *, took_s: float, failed: bool) -> None:
        """Note one call."""
        place = store, operation
        if place not in BLOCKING:
            # Looked up once: finding it by its labels takes longer than counting.
            seconds = self._known.get(place) or self._known.setdefault(place, self._seconds.labels(*place))
            seconds.observe(took_s)
        if failed:
            self._errors.labels(*place).inc()


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
        took_s = perf_counter() - self._began
        self._times.note(self._store, self._operation, took_s=took_s, failed=isinstance(error, StoreUnavailable))
