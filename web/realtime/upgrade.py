"""From a request to a WebSocket (RFC 6455, 4.2): what is asked for, and the answer that keeps the connection."""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from hashlib import sha1
from socket import socket
from typing import Any, cast

from flask import Request, Response

from web.refusals import UpgradeRequired

VERSION = "13"
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
SOCKETS = ("gunicorn.socket", "werkzeug.socket")
"""Where servers keep the connection."""
NO_SOCKET = "Speak HTTP/1.1 here, and ask to upgrade to a WebSocket of version 13."


def accepted(request: Request) -> str:
    """Return the answer to a request's key; raise UpgradeRequired for one that does not ask for a WebSocket."""
    asks = "websocket" in _words(request, "Upgrade") and "upgrade" in _words(request, "Connection")
    key = request.headers.get("Sec-WebSocket-Key", "")
    if not asks or request.headers.get("Sec-WebSocket-Version") != VERSION or not _is_key(key):
        raise UpgradeRequired(NO_SOCKET)
    return b64encode(sha1((key + GUID).encode(), usedforsecurity=False).digest()).decode()


def connection_of(environ: dict[str, Any]) -> socket:
    """Return the connection itself; raise UpgradeRequired where the server does not give it."""
    for name in SOCKETS:
        if name in environ:
            # Not as answers are written to it, at a client's pace: a WebSocket has times of its own.
            return cast("socket", getattr(environ[name], "bare", environ[name]))
    raise UpgradeRequired(NO_SOCKET)


class Upgraded(Response):
    """Answers 101 and hands the connection on; when `hold` returns the connection is over."""

    def __init__(self, connection: socket, key: str, hold: Callable[[], None]) -> None:
        super().__init__(status=101)
        self._connection = connection
        self._key = key
        self._hold = hold

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:  # noqa: ARG002  # there is no answer
        """Serve the connection, inside the request, and tell the server that nothing is left to answer."""
        lines = (
            "HTTP/1.1 101 Switching Protocols",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Accept: {self._key}",
        )
        self._connection.sendall("".join(f"{line}\r\n" for line in (*lines, "")).encode())
        self._hold()
        # How servers are told: gunicorn takes it for the end of a connection, as Werkzeug does an error of it.
        raise StopIteration if "gunicorn.socket" in environ else ConnectionAbortedError


def _words(request: Request, header: str) -> set[str]:
    return {word.strip().lower() for word in request.headers.get(header, "").split(",")}


def _is_key(key: str) -> bool:
    try:
        return len(b64decode(key, validate=True)) == 16
    except (binascii.Error, ValueError):
        return False
