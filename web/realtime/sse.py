"""Server-sent events (WHATWG HTML, 9.2) as an answer: counted, kept alive, and ended when its caller may not go on."""

import re
from collections.abc import Iterator, Mapping
from time import monotonic
from typing import Any

from flask import Request, Response
from pydantic import Field
from pydantic_core import to_json

from jobs.errors import InvalidInput
from jobs.forms import Request as Query
from web.realtime.standing import StillAllowed
from web.routing import Header
from web.waiting import Waiter

EVENT_STREAM = "text/event-stream"
HEARTBEAT = b": still here\n\n"
RECONNECT_MS = 1000
EVENT_ID = re.compile(r"^[0-9]{1,19}-[0-9]{1,19}$")
LAST = Header(
    "Last-Event-ID", "The id of the last event that was seen: go on after it.", "1732166400000-0", EVENT_ID.pattern
)


class ResumeQuery(Query):
    """Where to go on, for clients that cannot set headers."""

    last_event_id: str | None = Field(None, pattern=EVENT_ID.pattern)


def resumed_after(request: Request, query: ResumeQuery) -> str | None:
    """Return the id to go on after; raise InvalidInput for one that is none."""
    after = request.headers.get(LAST.name, query.last_event_id)
    if after is not None and not EVENT_ID.fullmatch(after):
        raise InvalidInput("This is not an id of an event.", field=LAST.name)
    return after


def message(name: str, data: Mapping[str, Any], *, event_id: str = "") -> bytes:
    """Return an event; one without an id does not move the point from which a client resumes."""
    head = f"id: {event_id}\n" if event_id else ""
    return f"{head}event: {name}\ndata: {to_json(dict(data)).decode()}\n\n".encode()


def event_stream(pieces: Iterator[bytes], waiter: Waiter, allowed: StillAllowed, *, look_s: float) -> Response:
    """Answer with a stream that ends with `pieces`, or within `look_s` of a piece after its caller lost the right to it.

    The waiter is closed with the answer.
    """
    response = Response(
        _sustained(pieces, allowed, look_s),
        content_type=f"{EVENT_STREAM}; charset=utf-8",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
    # Also when the stream never begins: a generator that was not started runs no finally.
    response.call_on_close(waiter.close)
    return response


def _sustained(pieces: Iterator[bytes], allowed: StillAllowed, look_s: float) -> Iterator[bytes]:
    looked = monotonic()
    yield f"retry: {RECONNECT_MS}\n\n".encode()
    for piece in pieces:
        if monotonic() - looked >= look_s:
            if not allowed():
                return
            looked = monotonic()
        yield piece
