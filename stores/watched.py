"""Calls of a store, told to whoever watches: times for Prometheus, spans for traces. Adapters know nothing of it.

A composition root wraps what it builds, `watched(RedisJobs(...), "jobs", observe)`; where nobody watches it gets the
adapter itself back, so that being able to watch costs nothing.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any, Protocol, TypeVar, cast, runtime_checkable

T = TypeVar("T")


class Observe(Protocol):
    """What surrounds every call of a store."""

    def __call__(self, store: str, operation: str, /) -> AbstractContextManager[object]:
        """Return the context in which `operation` runs; it sees what the call raises, and lets it pass."""


@runtime_checkable
class Adopts(Protocol):
    """An observer that also looks at the adapters themselves."""

    def adopt(self, store: str, adapter: object) -> None:
        """Look at `adapter` from now on, in place of one that was there before."""


def watched(adapter: T, store: str, *observers: Observe) -> T:
    """Return `adapter` with every call of a public method inside of all contexts that `observers` make, first outermost.

    An iterator that a method returns is not watched: what it takes lies in the hands of who reads it.
    """
    for observe in observers:
        if isinstance(observe, Adopts):
            observe.adopt(store, adapter)
    return cast("T", _Watched(adapter, store, observers)) if observers else adapter


class _Watched:
    """An adapter that is looked at."""

    def __init__(self, adapter: object, store: str, observers: tuple[Observe, ...]) -> None:
        self._adapter = adapter
        self._store = store
        self._observers = observers

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._adapter, name)
        if name.startswith("_") or not callable(found):
            return found
        method = found
        for observe in reversed(self._observers):
            method = _inside(method, observe, self._store, name)
        # Looked up once: from now on the attribute is there.
        self.__dict__[name] = method
        return method


def _inside(method: Callable[..., Any], observe: Observe, store: str, operation: str) -> Callable[..., Any]:
    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        with observe(store, operation):
            return method(*args, **kwargs)

    return call
