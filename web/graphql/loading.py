"""Reading in levels: what a level of a query needs is noted while it is resolved, and then read at once.

An event loop for each request would do the same, but under gevent all requests share one thread, which runs one loop. So a
query is resolved several times over what is known so far: a resolver that needs more gets an empty value, and its need is
noted. When nothing is needed any more the answer is whole. Resolving costs no store anything; each level of loading costs
one call for each kind of thing, however many things there are.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
LEVELS = 12
"""A query is not deep enough to need more."""


class Loader(Generic[Key, Value]):
    """Values by key, read in bulk; what is asked for again is there already."""

    def __init__(self, read: Callable[[Sequence[Key]], Mapping[Key, Value]]) -> None:
        """Read by `read`, which leaves out what is not there."""
        self._read = read
        self._known: dict[Key, Value | None] = {}
        self._needed: dict[Key, None] = {}

    def get(self, key: Key) -> Value | None:
        """Return a value, None if there is none, or if it is not known yet."""
        if key not in self._known:
            self._needed[key] = None
        return self._known.get(key)

    def settle(self) -> bool:
        """Read what was asked for; return whether that was anything."""
        needed, self._needed = list(self._needed), {}
        if needed:
            found = self._read(needed)
            self._known |= {key: found.get(key) for key in needed}
        return bool(needed)


def one_by_one(read: Callable[[Key], Value]) -> Callable[[Sequence[Key]], Mapping[Key, Value]]:
    """Read what comes in pages, of which a query asks for few: each by itself."""
    return lambda keys: {key: read(key) for key in keys}
