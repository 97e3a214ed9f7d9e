"""One WebSocket on a connected socket (RFC 6455, framed by wsproto): whole messages in, frames out, an orderly end.

No extension is offered: compression would keep some hundred kilobytes for each client.
"""

from contextlib import suppress
from socket import SHUT_RDWR, socket
from threading import Lock
from time import monotonic

from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, TextMessage
from wsproto.frame_protocol import ParseFailed
from wsproto.utilities import LocalProtocolError

PIECE = 16 * 1024
PARTS = 1000
"""Fragments of one message: empty ones cost something, too."""
GOOD_BYE_S = 1.0
NORMAL, GOING_AWAY, NO_BYTES, VANISHED, POLICY, TOO_BIG, TRY_LATER = 1000, 1001, 1003, 1006, 1008, 1009, 1013


class Closed(Exception):
    """The connection is over; `code` says how."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Wire:
    """Sends may come from several threads, one thread receives."""

    def __init__(self, connection: socket, *, limit: int, tick_s: float) -> None:
        """Take messages of at most `limit` characters; wait `tick_s` for something to come, and for room to send."""
        connection.settimeout(tick_s)
        self._socket = connection
        self._limit = limit
        self._frames = Connection(ConnectionType.SERVER)
        self._lock = Lock()
        self._partial: list[str] = []
        self.heard_at = monotonic()
        """When the client last sent anything."""

    def send(self, text: bytes) -> None:
        """Send a text message; raise Closed, also where the client did not make room for it in time."""
        self._write(TextMessage(data=text.decode()))

    def ping(self) -> None:
        """Ask for a sign of life; raise Closed."""
        self._write(Ping())

    def receive(self) -> list[str]:
        """Return the messages that came within a tick; raise Closed."""
        try:
            data = self._socket.recv(PIECE)
        except TimeoutError:
            return []
        except OSError as error:
            raise Closed(VANISHED) from error
        if not data:
            raise Closed(VANISHED)
        self.heard_at = monotonic()
        try:
            self._frames.receive_data(data)
            return [text for event in self._frames.events() for text in self._heard(event)]
        except ParseFailed as error:
            self.close(int(error.code))
            raise Closed(int(error.code)) from error
        except LocalProtocolError as error:
            raise Closed(VANISHED) from error

    def close(self, code: int, reason: str = "") -> None:
        """Say good-bye; may be called twice, and when the client is gone."""
        with suppress(Closed):
            self._write(CloseConnection(code=code, reason=reason or None))

    def cut(self) -> None:
        """End the connection, so that whoever receives returns."""
        with suppress(OSError):
            self._socket.shutdown(SHUT_RDWR)

    def linger(self) -> None:
        """Wait shortly for the client's good-bye, so that ours is not lost, and end; for the thread that receives."""
        with suppress(OSError, LocalProtocolError, ParseFailed):
            self._socket.settimeout(GOOD_BYE_S)
            ends = monotonic() + GOOD_BYE_S
            while self._frames.state is ConnectionState.LOCAL_CLOSING and monotonic() < ends:
                data = self._socket.recv(PIECE)
                if not data:
                    break
                self._frames.receive_data(data)
                list(self._frames.events())
        self.cut()

    def _heard(self, event: Event) -> list[str]:
        if isinstance(event, Ping):
            self._write(event.response())
        elif isinstance(event, CloseConnection):
            with suppress(Closed):
                self._write(event.response())
            raise Closed(int(event.code))
        elif isinstance(event, BytesMessage):
            self.close(NO_BYTES, "text only")
            raise Closed(NO_BYTES)
        elif isinstance(event, TextMessage):
            self._partial.append(event.data)
            if len(self._partial) > PARTS or sum(map(len, self._partial)) > self._limit:
                self.close(TOO_BIG, f"at most {self._limit} characters")
                raise Closed(TOO_BIG)
            if event.message_finished:
                text, self._partial = "".join(self._partial), []
                return [text]
        return []

    def _write(self, event: Event) -> None:
        # In order, and whole: a frame that was sent in part leaves nothing to go on with.
        with self._lock:
            try:
                self._socket.sendall(self._frames.send(event))
            except LocalProtocolError as error:
                raise Closed(NORMAL) from error
            except TimeoutError as error:
                self.cut()
                raise Closed(TRY_LATER) from error
            except OSError as error:
                raise Closed(VANISHED) from error
