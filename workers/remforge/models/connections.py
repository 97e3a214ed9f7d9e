"""Connections to the model host: a few, kept open, each process its own."""

import os
import socket
import time
from pathlib import Path
from threading import Lock
from typing import Any

from jobs.errors import DeadlineExceeded, InvalidInput, StoreUnavailable
from workers.remforge.models.frames import BadFrame, Frame, receive, send

AWAY = "The model host did not answer; it may be starting."
LATE = "The models did not get through in time."
MARGIN_S = 2.0
RETRY_S = 0.05


class Connections:
    """Asks the host. Threads may share it; a child that was forked opens connections of its own.

    A connection is used once the host has greeted on it: one that is ending accepts some that nobody will serve.
    """

    def __init__(self, path: Path, *, patience_s: float, margin_s: float = MARGIN_S) -> None:
        """Connect to `path` when first asked; wait `patience_s` for a host that is starting.

        The host ends a request at its deadline itself; after `margin_s` more it is taken for hung.
        """
        self._path = path
        self._patience_s, self._margin_s = patience_s, margin_s
        self._mine = _Idle()

    def ask(self, header: dict[str, Any], parts: list[bytes], *, deadline_s: float) -> Frame:
        """Return the reply to a message; raise StoreUnavailable, DeadlineExceeded and InvalidInput.

        What was sent is not sent again: it may be what ended the host.
        """
        stream = self._own().take() or self._connected(deadline_s)
        try:
            stream.settimeout(deadline_s + self._margin_s)
            send(stream, header, parts)
            frame = receive(stream, wait_s=deadline_s + self._margin_s, frame_s=deadline_s + self._margin_s)
        except TimeoutError as error:
            stream.close()
            raise DeadlineExceeded(LATE) from error
        except (OSError, BadFrame) as error:
            stream.close()
            raise StoreUnavailable(AWAY) from error
        except BaseException:
            # A time limit that falls here leaves half a message behind.
            stream.close()
            raise
        if frame is None or "error" in frame.header:
            stream.close()
            raise StoreUnavailable(AWAY) if frame is None else _error(frame.header["error"])
        self._own().give(stream)
        return frame

    def close(self) -> None:
        """Close this process's connections; the next use opens new ones."""
        while stream := self._own().take():
            stream.close()

    def _own(self) -> "_Idle":
        if self._mine.pid != os.getpid():
            self._mine.abandon()
            self._mine = _Idle()
        return self._mine

    def _connected(self, deadline_s: float) -> socket.socket:
        until = time.monotonic() + min(self._patience_s, deadline_s)
        while True:
            stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                stream.settimeout(max(RETRY_S, deadline_s))
                stream.connect(str(self._path))
                greeting = receive(stream, wait_s=max(RETRY_S, deadline_s), frame_s=self._margin_s)
            except (OSError, BadFrame):
                greeting = None
            if greeting is not None and "error" not in greeting.header:
                return stream
            stream.close()
            if greeting is not None:
                raise _error(greeting.header["error"])
            if time.monotonic() >= until:
                raise StoreUnavailable(AWAY)
            time.sleep(RETRY_S)


class _Idle:
    """Connections of one process that wait for a next message."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._lock = Lock()
        self._streams: list[socket.socket] = []

    def take(self) -> socket.socket | None:
        """Return a connection that the host has not closed meanwhile, or None."""
        with self._lock:
            while self._streams:
                stream = self._streams.pop()
                if _is_quiet(stream):
                    return stream
                stream.close()
        return None

    def give(self, stream: socket.socket) -> None:
        """Keep a connection for the next message."""
        with self._lock:
            self._streams.append(stream)

    def abandon(self) -> None:
        """Close a parent's connections in its child, where that closes copies alone."""
        for stream in self._streams:
            stream.close()


def _is_quiet(stream: socket.socket) -> bool:
    """Say whether nothing came since the last reply: the end of the stream, above all."""
    stream.settimeout(0)
    try:
        stream.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _error(told: Any) -> Exception:
    code, message = (str(told.get(name, "")) for name in ("code", "message")) if isinstance(told, dict) else ("", AWAY)
    if code == DeadlineExceeded.code:
        return DeadlineExceeded(message)
    return InvalidInput(message) if code == InvalidInput.code else StoreUnavailable(message)
