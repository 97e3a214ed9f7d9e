"""What the child that reads a file says to its parent: frames of JSON, each with the bytes that it announces.

u32 length of the JSON, u64 length of the bytes, JSON, bytes; little-endian. First `head`, then `rows`, then `end`; or
`refused` at any time.
"""

import json
from collections.abc import Mapping, Sequence
from struct import Struct
from typing import IO, Any

LENGTHS = Struct("<IQ")
MAX_JSON = 2**20
MAX_BYTES = 2**30


class Nonsense(Exception):
    """The other end did not say what it should."""


def say(out: IO[bytes], kind: str, told: Mapping[str, Any], parts: Sequence[bytes | memoryview] = ()) -> None:
    """Write a frame."""
    text = json.dumps({"frame": kind, **told}).encode()
    out.write(LENGTHS.pack(len(text), sum(memoryview(part).nbytes for part in parts)))
    out.write(text)
    for part in parts:
        out.write(part)
    out.flush()


def lengths(data: bytes) -> tuple[int, int]:
    """Return how long the JSON and the bytes of a frame are; raise Nonsense."""
    text, more = LENGTHS.unpack(data)
    if text > MAX_JSON or more > MAX_BYTES:
        raise Nonsense(f"a frame of {text} and {more} bytes")
    return text, more


def parsed(data: bytes) -> Mapping[str, Any]:
    """Return the JSON of a frame; raise Nonsense."""
    try:
        told = json.loads(data)
    except ValueError as error:
        raise Nonsense("a frame that is not JSON") from error
    if not isinstance(told, dict) or not isinstance(told.get("frame"), str):
        raise Nonsense("a frame without a name")
    return told
