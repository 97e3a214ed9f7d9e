"""Job ids: UUIDs of version 7, so that they sort by the time of submission."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

VERSION = 7
VARIANT = 0b10


def new_job_id(now: datetime, entropy: Callable[[int], bytes]) -> str:
    """Return a UUIDv7 (RFC 9562, 5.7) of the millisecond of `now`; `entropy(n)` returns n random bytes."""
    milliseconds = int(now.timestamp() * 1000)
    chance = int.from_bytes(entropy(10))
    first = chance & 0xFFF
    second = (chance >> 12) & (2**62 - 1)
    return str(UUID(int=milliseconds << 80 | VERSION << 76 | first << 64 | VARIANT << 62 | second))
