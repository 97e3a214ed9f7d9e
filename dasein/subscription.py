"""A job's events over a connection that may break: resumed where it was, so that none is missed and none comes twice."""

import json
import math
import time
from collections.abc import Callable, Iterator

import httpx

from dasein.answers import Event
from dasein.errors import BadAnswer, Unreachable, WaitTimeout
from dasein.event_stream import EventReader, Frame
from dasein.transport import Transport

SILENCE_S = 60.0
"""A stream that says nothing for so long, not even that it is alive, is taken for lost."""
LEAST_S = 0.5
NO_CONTENT = 204


def subscribe(
    http: Transport, job_id: str, path: str, *, after: str | None, timeout_s: float | None
) -> Iterator[Event]:
    """Yield the events of the stream at `path` up to `done`, from the first one or the one after the id `after`.

    Raise WaitTimeout, Unreachable, BadAnswer, or what the farm refuses.
    """
    began = time.monotonic()
    reader = EventReader(after or "")
    patience = http.patience()
    while True:
        left_s = math.inf if timeout_s is None else timeout_s - (time.monotonic() - began)
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
        if reader.last_id:
            headers["Last-Event-ID"] = reader.last_id
        why = "the event stream ended early"
        try:
            with http.stream("GET", path, headers=headers, timeout_s=max(min(SILENCE_S, left_s), LEAST_S)) as answer:
                if answer.status_code == NO_CONTENT:
                    return
                for frame in reader.frames(_lines(answer, patience.renew)):
                    yield _event(frame)
                    if frame.name == "done":
                        return
                    _in_time(job_id, began, timeout_s)
        except httpx.TransportError as error:
            why = str(error) or type(error).__name__
        _in_time(job_id, began, timeout_s)
        if not patience.pause(reader.retry_s):
            raise Unreachable(http.url, why)


def _lines(answer: httpx.Response, note: Callable[[], None]) -> Iterator[str]:
    """Yield lines, and `note` each one.

    Not by httpx, which also cuts at line ends that JSON may hold, such as U+2028.
    """
    rest = b""
    for piece in answer.iter_bytes():
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            note()
            yield line.removesuffix(b"\r").decode("utf-8", "replace")


def _event(frame: Frame) -> Event:
    try:
        data = json.loads(frame.data)
    except ValueError as error:
        raise BadAnswer(f"The event {frame.id} is not JSON.") from error
    if not isinstance(data, dict):
        raise BadAnswer(f"The event {frame.id} is not a JSON object.")
    return Event(frame.id, frame.name, data)


def _in_time(job_id: str, began: float, timeout_s: float | None) -> None:
    if timeout_s is not None and time.monotonic() - began >= timeout_s:
        raise WaitTimeout(job_id, waited_s=timeout_s)
