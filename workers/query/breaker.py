"""A store that may be gone without: after a failure it is left alone for a while."""

from threading import Lock

REST_S = 5.0
GRAPH_REST_S = 2.0
"""Shorter, as without the graph little can be answered."""


class Breaker:
    """Remembers until when not to try, and how often it failed. `now` is in seconds, monotonic."""

    def __init__(self, rest_s: float = REST_S) -> None:
        """Begin closed: everything may be tried."""
        self._rest_s = rest_s
        self._guard = Lock()
        self._until = float("-inf")
        self._failures = 0

    def allows(self, now: float) -> bool:
        """Say whether it may be tried."""
        with self._guard:
            return now >= self._until

    def failed(self, now: float) -> None:
        """Take note of a failure."""
        with self._guard:
            self._until = now + self._rest_s
            self._failures += 1

    @property
    def failures(self) -> int:
        """Return how many failures nobody has been told of."""
        with self._guard:
            return self._failures

    def told(self, failures: int) -> None:
        """Take note that somebody was told of failures."""
        with self._guard:
            self._failures -= failures
