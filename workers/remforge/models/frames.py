"""Messages on a stream: a head, a JSON object, and raw bytes that the object describes. Nothing in them is executed.

head: magic "DSM1", length of the JSON (uint32), length of the bytes (uint64), big-endian
"""

import json
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

HEAD = struct.Struct("!4sIQ")
MAGIC = b"DSM1"
HEADER_LIMIT = 16 << 20
PAYLOAD_LIMIT = 256 << 20
PIECE_BYTES = 1 << 20


class BadFrame(Exception):
    """What came is no message; what follows on the stream cannot be understood either."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A message."""

    header: dict[str, Any]
    payload: memoryview


def send(stream: socket.socket, header: dict[str, Any], parts: Sequence[bytes] = ()) -> None:
    """Send a message; raise BadFrame if it exceeds a limit, before anything is sent, and OSError."""
    text = json.dumps(header).encode()
    size = sum(len(part) for part in parts)
    if len(text) > HEADER_LIMIT or size > PAYLOAD_LIMIT:
        raise BadFrame(f"a message of {len(text)} and {size} bytes is too large")
    stream.sendall(HEAD.pack(MAGIC, len(text), size) + text)
    for part in parts:
        stream.sendall(part)


def receive(stream: socket.socket, *, wait_s: float | None, frame_s: float) -> Frame | None:
    """Return the next message, or None at the end of the stream.

    Wait for its first byte as long as `wait_s`, for each further piece as long as `frame_s`. Raise BadFrame, and
    OSError (TimeoutError is one).
    """
    stream.settimeout(wait_s)
    first = stream.recv(1)
    if not first:
        return None
    stream.settimeout(frame_s)
    magic, header_size, size = HEAD.unpack(first + _exactly(stream, HEAD.size - 1))
    if magic != MAGIC or header_size > HEADER_LIMIT or size > PAYLOAD_LIMIT:
        raise BadFrame("this is no message, or one that is too large")
    header = _object(_exactly(stream, header_size))
    return Frame(header, memoryview(_exactly(stream, size)))


def _exactly(stream: socket.socket, size: int) -> bytearray:
    """Read so many bytes; memory grows as they come, not as they are announced."""
    received = bytearray()
    while len(received) < size:
        piece = stream.recv(min(PIECE_BYTES, size - len(received)))
        if not piece:
            raise BadFrame("the message ends in the middle")
        received += piece
    return received


def _object(text: bytearray) -> dict[str, Any]:
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadFrame("the header is not JSON") from error
    if not isinstance(header, dict):
        raise BadFrame("the header is no object")
    return header
