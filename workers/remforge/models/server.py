"""A Unix socket that only this user may open, one thread for each of a bounded number of connections."""

import contextlib
import os
import socket
from collections.abc import Callable
from pathlib import Path
from threading import Condition, Thread

import structlog

from jobs.errors import DaseinError, InvalidInput, StoreUnavailable
from workers.remforge.models.foreign import Raised, attempt
from workers.remforge.models.frames import BadFrame, Frame, receive, send
from workers.remforge.models.service import Reply

CONNECTIONS = 64
FRAME_S = 30.0
"""How long the next piece of a message that has begun is waited for, or room for a reply."""
GREETING = {"serves": "models"}
"""The first message on a connection. Whoever reads it knows that the host is there, and has sent nothing before."""

log = structlog.get_logger(__name__)


class Server:
    """Serves messages until it is stopped."""

    def __init__(
        self, path: Path, answer: Callable[[Frame], Reply], *, connections: int = CONNECTIONS, frame_s: float = FRAME_S
    ) -> None:
        """Listen at `path`, which is replaced; `answer` is called by many threads."""
        self._path = path
        self._answer = answer
        self._most = connections
        self._frame_s = frame_s
        self._open: set[socket.socket] = set()
        self._changed = Condition()
        self._stopping = False
        self._listener = _listening(path)
        self._acceptor = Thread(target=self._accept, name="accept", daemon=True)
        self._acceptor.start()

    def stop(self, *, grace_s: float) -> bool:
        """Take no more messages, finish those that came; return whether all were finished within `grace_s`."""
        with self._changed:
            if not self._stopping:
                self._stopping = True
                self._path.unlink(missing_ok=True)
                # Wakes the acceptor; what waits to be accepted is turned away with it.
                self._listener.shutdown(socket.SHUT_RDWR)
            for stream in self._open:
                with contextlib.suppress(OSError):
                    stream.shutdown(socket.SHUT_RD)
        self._acceptor.join()
        self._listener.close()
        with self._changed:
            return self._changed.wait_for(lambda: not self._open, grace_s)

    def _accept(self) -> None:
        while True:
            try:
                stream, _ = self._listener.accept()
            except OSError:
                if self._stopping:
                    return
                # Out of descriptors, for example: those that are open go on.
                log.exception("connection_not_accepted")
                with self._changed:
                    self._changed.wait(1.0)
                continue
            with self._changed:
                welcome = len(self._open) < self._most and not self._stopping
                if welcome:
                    self._open.add(stream)
            if welcome:
                Thread(target=self._serve, args=(stream,), name="connection", daemon=True).start()
            else:
                self._refuse(stream)

    def _refuse(self, stream: socket.socket) -> None:
        stream.settimeout(1.0)
        with stream, contextlib.suppress(OSError):
            send(stream, _told(StoreUnavailable("The model host has as many connections as it may.")))

    def _serve(self, stream: socket.socket) -> None:
        try:
            stream.settimeout(self._frame_s)
            send(stream, GREETING)
            while self._one(stream):
                pass
        except OSError as error:
            log.info("connection_lost", reason=str(error))
        finally:
            with self._changed:
                self._open.remove(stream)
                self._changed.notify_all()
            stream.close()

    def _one(self, stream: socket.socket) -> bool:
        """Answer one message; return whether another may follow."""
        try:
            frame = receive(stream, wait_s=None, frame_s=self._frame_s)
        except BadFrame as error:
            log.warning("message_refused", reason=str(error))
            send(stream, _told(InvalidInput(f"The message was refused: {error}.")))
            return False
        if frame is None:
            return False
        answered = attempt(lambda: self._answer(frame))
        header, parts = (_error(answered.error), []) if isinstance(answered, Raised) else answered
        stream.settimeout(self._frame_s)
        send(stream, header, parts)
        return not self._stopping


def _error(error: Exception) -> dict[str, object]:
    if isinstance(error, BadFrame):
        log.warning("message_refused", reason=str(error))
        return _told(InvalidInput(f"The message was refused: {error}."))
    if isinstance(error, DaseinError):
        return _told(error)
    log.error("message_not_answered", exc_info=error)
    return {"error": {"code": "internal", "message": "The model host failed; the fault is ours and has been logged."}}


def _told(error: DaseinError) -> dict[str, object]:
    return {"error": {"code": error.code, "message": error.message}}


def _listening(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # Never open to others, not even for a moment.
    before = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(before)
    listener.listen(socket.SOMAXCONN)
    return listener
