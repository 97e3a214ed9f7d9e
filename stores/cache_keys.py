"""What every cache asks of its keys and values: `<what>:<tenant>:<more>`, the same limits on all of them."""

import math

from jobs.errors import InvalidInput, TooLarge

MAX_KEY = 1000
"""Characters."""
MAX_VALUE_BYTES = 8 * 1024 * 1024
MAX_REQUEST_BYTES = 8 * 1024
"""A longer request is not counted among the frequent ones."""
NOTED = 1000
"""Requests of a tenant that are remembered."""
NOTED_SLACK = 100
"""By how many more before the rarest are forgotten, so that a new one has a chance to become frequent."""


def check_key(key: str, *, ttl_s: float) -> None:
    """Raise InvalidInput where a key is too long or would not be kept for any time."""
    if not 0 < len(key) <= MAX_KEY:
        raise InvalidInput(f"A key has 1 to {MAX_KEY} characters.", field="key")
    if not (math.isfinite(ttl_s) and ttl_s > 0):
        raise InvalidInput("What is kept is kept for some time.", field="ttl_s")


def check_value(value: bytes) -> None:
    """Raise TooLarge."""
    if len(value) > MAX_VALUE_BYTES:
        raise TooLarge(f"A cached value has at most {MAX_VALUE_BYTES} bytes.", field="value")


def is_counted(request: str) -> bool:
    """Say whether a request is short enough to be remembered, and text that can be sent."""
    try:
        return len(request.encode()) <= MAX_REQUEST_BYTES
    except UnicodeEncodeError:
        return False


def tenant_of(key: str) -> str | None:
    """Return the tenant that a key belongs to, if to any."""
    parts = key.split(":", 2)
    return parts[1] if len(parts) > 1 else None
