"""How slow a client may be: the least that its body must come with, and its answer be taken with.

Only time that is spent waiting for the client counts, so a long poll or a quiet event stream is not slow.
"""

import errno
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import structlog
from gevent import Timeout

PIECE = 256 * 1024

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Slowest:
    """No wait is longer than `patience_s`, and all of them together than that and what `bytes_per_s` allow (0: no such rule)."""

    patience_s: float = 20
    bytes_per_s: float = 16 * 1024


class Pace:
    """What one client still may take, in one direction."""

    def __init__(self, slowest: Slowest) -> None:
        """Allow for what `slowest` says."""
        self._slowest = slowest
        self._waited_s = 0.0
        self._moved = 0

    @property
    def left_s(self) -> float:
        """Return how long the next wait may be; not above zero when the client was too slow."""
        patience_s, rate = self._slowest.patience_s, self._slowest.bytes_per_s
        if not rate:
            return patience_s
        return min(patience_s, patience_s + self._moved / rate - self._waited_s)

    def move(self, step: Callable[[], Any], *, count: Callable[[Any], int]) -> Any:
        """Do one step that may wait for the client, and note what it moved; raise TimeoutError for one too slow."""
        left_s = self.left_s
        if left_s <= 0:
            raise TimeoutError(errno.ETIMEDOUT, "the client is too slow")
        began = perf_counter()
        try:
            with Timeout(left_s, TimeoutError(errno.ETIMEDOUT, "the client is too slow")):
                done = step()
        finally:
            self._waited_s += perf_counter() - began
        self._moved += count(done)
        return done


class Source:
    """The socket that a body is read from."""

    def __init__(self, sock: Any, slowest: Slowest, give_up: Callable[[], None]) -> None:
        """Read from `sock`; call `give_up` before a client that is too slow is told so."""
        self._sock = sock
        self._pace = Pace(slowest)
        self._give_up = give_up

    def recv(self, size: int) -> bytes:
        """Return what came; raise TimeoutError."""
        try:
            received: bytes = self._pace.move(lambda: self._sock.recv(size), count=len)
        except TimeoutError:
            log.info("client_too_slow", sending="body")
            self._give_up()
            raise
        return received

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


class Sink:
    """The socket that an answer is written to; a client that does not take it has hung up."""

    def __init__(self, sock: Any, slowest: Slowest) -> None:
        """Write to `sock`, which is also to be had `bare`."""
        self._sock = self.bare = sock
        self._pace = Pace(slowest)

    def send(self, data: Any, *flags: int) -> int:
        """Send some of the data; return how much."""
        try:
            sent: int = self._pace.move(lambda: self._sock.send(data, *flags), count=int)
        except TimeoutError as error:
            log.info("client_too_slow", sending="answer")
            raise ConnectionResetError(errno.ECONNRESET, "the client does not read") from error
        return sent

    def sendall(self, data: Any) -> None:
        """Send all of the data."""
        rest = memoryview(data)
        while rest:
            rest = rest[self.send(rest) :]

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        """Send a part of a file; return how much."""
        file.seek(offset)
        sent = 0
        while piece := file.read(PIECE if count is None else min(PIECE, count - sent)):
            self.sendall(piece)
            sent += len(piece)
        return sent

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)
