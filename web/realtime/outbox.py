"""What waits to be sent to one client: bounded, so that a slow client costs little and learns what it missed."""

from collections import deque
from threading import Condition
from time import monotonic

MESSAGES = 256
BYTES = 2**20
REPLIES = 64


class Overrun(Exception):
    """A client asks faster than it reads the answers."""


class Outbox:
    """Messages in the order in which they came. News that do not fit are dropped, all that wait, and counted."""

    def __init__(self, *, messages: int = MESSAGES, size: int = BYTES) -> None:
        """Hold at most so many news, of so many bytes together."""
        self._limit = messages
        self._size_limit = size
        self._changed = Condition()
        self._waiting: deque[tuple[bytes, bool]] = deque()
        self._news = 0
        self._size = 0
        self._missed = 0
        self._lagging = False
        self._closed = False

    def news(self, text: bytes) -> None:
        """Add what happened; nothing is kept for a client that lags already: it gets a snapshot instead."""
        with self._changed:
            if self._closed:
                return
            full = self._news >= self._limit or self._size + len(text) > self._size_limit
            if full and not self._lagging:
                self._lag(self._news)
            if self._lagging:
                self._missed += 1
            else:
                self._waiting.append((text, True))
                self._news += 1
                self._size += len(text)
            self._changed.notify()

    def reply(self, text: bytes) -> None:
        """Add an answer to the client; raise Overrun if too many wait."""
        with self._changed:
            if len(self._waiting) - self._news >= REPLIES:
                raise Overrun
            self._waiting.append((text, False))
            self._changed.notify()

    def lose(self) -> None:
        """Know that news went by that nobody counted."""
        with self._changed:
            if not self._lagging:
                self._lag(self._news)
            self._changed.notify()

    def close(self) -> None:
        """Let `take` return None once all that waits is taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def take(self, timeout_s: float) -> bytes | int | None:
        """Return the next message, empty after `timeout_s` without one; a number: that many were missed; None: the end."""
        with self._changed:
            ends = monotonic() + timeout_s
            while not (self._waiting or self._lagging or self._closed):
                left_s = ends - monotonic()
                if left_s <= 0 or not self._changed.wait(left_s):
                    return b""
            if self._waiting:
                text, is_news = self._waiting.popleft()
                if is_news:
                    self._news -= 1
                    self._size -= len(text)
                return text
            if self._lagging:
                self._lagging = False
                missed, self._missed = self._missed, 0
                return missed
            return None

    def _lag(self, dropped: int) -> None:
        self._lagging = True
        self._missed += dropped
        self._waiting = deque(item for item in self._waiting if not item[1])
        self._news = self._size = 0
