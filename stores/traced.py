"""A span for each call of a store, inside of a trace that is recorded: an observer of `stores/watched.py`."""

from contextlib import AbstractContextManager, nullcontext

from jobs import tracing

CHATTY = frozenset({("jobs", "renew"), ("jobs", "progress"), ("jobs", "publish"), ("jobs", "changes")})
"""A job makes them every second: their spans would bury all others."""
CARRIERS = frozenset({("queue", "send"), ("queue", "envelope")})
"""A message says which span it comes from: the one that sends it, not the call that carries it."""
UNSEEN = CHATTY | CARRIERS


def traced(store: str, operation: str, /) -> AbstractContextManager[object]:
    """Return the context of one call. Outside of a trace nobody asked for anything: what only looks is not recorded."""
    place = tracing.here()
    if place is None or not place.sampled or (store, operation) in UNSEEN:
        return nullcontext()
    told = {"dasein.store": store, "db.operation.name": operation}
    return tracing.span(f"{store} {operation}", tracing.Kind.CLIENT, told)
