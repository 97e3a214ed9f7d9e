"""What a submission says of itself beside what is to be done."""

from collections.abc import Iterable
from typing import Any


def how(*, tags: Iterable[str], **given: Any) -> dict[str, Any]:
    """Return the fields that were given."""
    given["tags"] = list(tags) or None
    return {name: value for name, value in given.items() if value is not None}
