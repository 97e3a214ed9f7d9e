"""Waiting as HTTP asks for it: for the end of something (`Prefer: wait`), or for news of it (a long poll, with a tag or
without).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Protocol, TypeVar

import structlog
from flask import Request, g

from jobs.errors import Gone, NotFound
from web import parsing
from web.refusals import TooManyWaiters

Seen = TypeVar("Seen")
Seen_co = TypeVar("Seen_co", covariant=True)

log = structlog.get_logger(__name__)


class Wait(Protocol[Seen_co]):
    """The hub's way to wait for one thing."""

    def __call__(self, *, until: Callable[[Seen_co], bool], timeout_s: float) -> Seen_co:
        """Return the thing as soon as `until` holds; raise NotFound, Gone or TooManyWaiters."""


def until_over(
    seen: Seen, wait: Wait[Seen], request: Request, *, is_over: Callable[[Seen], bool]
) -> tuple[Seen, dict[str, str]]:
    """Return what was just recorded as it is after the wait that the client prefers, and the headers that say so."""
    wait_s = parsing.preferred_wait_s(request)
    if not wait_s or is_over(seen):
        return seen, {}
    try:
        with _waiting():
            return wait(until=is_over, timeout_s=wait_s), {"Preference-Applied": f"wait={wait_s}"}
    except (TooManyWaiters, NotFound, Gone) as error:
        # It is recorded: not being able to wait for it must not look like a refusal.
        log.info("preference_not_applied", code=error.code)
        return seen, {}


def until_news(
    seen: Seen,
    wait: Wait[Seen],
    request: Request,
    *,
    wait_s: float,
    is_over: Callable[[Seen], bool],
    tag: Callable[[Seen], str],
    state: Callable[[Seen], object],
) -> Seen:
    """Return a thing once its state has changed, or, for a client that names the tag it has, once its tag has.

    What is over, or newer than that tag, is returned at once. A tag is as good weak: answers get smaller on their way.
    """
    known, before = request.if_none_match, state(seen)
    if not wait_s or is_over(seen) or (known and not known.contains_weak(tag(seen))):
        return seen

    def is_news(now: Seen) -> bool:
        return not known.contains_weak(tag(now)) if known else state(now) != before

    with _waiting():
        return wait(until=is_news, timeout_s=wait_s)


@contextmanager
def _waiting() -> Iterator[None]:
    """Note how long the request waits because its client wants it to: that is no time that we took."""
    began = perf_counter()
    try:
        yield
    finally:
        g.waited_s = g.get("waited_s", 0.0) + perf_counter() - began
