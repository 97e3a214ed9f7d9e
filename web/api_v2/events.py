"""A job's events as a stream (server-sent events), which resumes where it broke."""

import re
from collections.abc import Iterator
from http import HTTPMethod, HTTPStatus

import structlog
from flask import Response, request
from pydantic import Field
from pydantic_core import to_json

from jobs.errors import DaseinError, Gone, InvalidInput, NotFound
from jobs.model import Event
from jobs.payloads import Request
from stores.ports import Jobs
from web.refusals import TooManyWaiters
from web.routing import Answer, Api, Header
from web.tenancy import TenantJobs
from web.waiting import Hub, Waiter

EVENT_STREAM = "text/event-stream"
HEARTBEAT_S = 15.0
HEARTBEAT = b": still here\n\n"
BATCH = 500
RECONNECT_MS = 1000
LAST = Header("Last-Event-ID", "The id of the last event that was seen: go on after it.", "1732166400000-0")
EVENT_ID = re.compile(r"^[0-9]{1,19}-[0-9]{1,19}$")
DONE = "done"

log = structlog.get_logger(__name__)


class EventsQuery(Request):
    """Where to go on, for clients that cannot set headers."""

    last_event_id: str | None = Field(None, pattern=EVENT_ID.pattern)


def events_api(jobs: TenantJobs, hub: Hub, *, heartbeat_s: float = HEARTBEAT_S) -> Api:
    """Serve event streams, with a comment at least every `heartbeat_s`."""
    api = Api("events")

    @api.on(
        HTTPMethod.GET,
        path="/jobs/<job:job_id>/events",
        summary="Follow a job",
        query=EventsQuery,
        headers=(LAST,),
        answers=(
            Answer(
                HTTPStatus.OK,
                "Events `state`, `progress`, `partial` and, last, `done`; their data are JSON objects.",
                media_types=(EVENT_STREAM,),
            ),
            Answer(HTTPStatus.NO_CONTENT, "The stream was read to its end before: do not reconnect."),
        ),
        refusals=(NotFound, Gone, InvalidInput, TooManyWaiters),
    )
    def follow_job(job_id: str, query: EventsQuery) -> Response:
        """Stream what happens to a job, from its beginning or after `Last-Event-ID`, until it has ended."""
        after = request.headers.get("Last-Event-ID", query.last_event_id)
        if after is not None and not EVENT_ID.fullmatch(after):
            raise InvalidInput("This is not an id of an event.", field="Last-Event-ID")
        job = jobs.get(job_id)
        first = jobs.events(job_id, after=after, limit=BATCH)
        if job.state.final and not first:
            return Response(status=HTTPStatus.NO_CONTENT)
        waiter = hub.enter(job_id)
        response = Response(
            _stream(jobs.jobs, hub, waiter, after, heartbeat_s),
            content_type=f"{EVENT_STREAM}; charset=utf-8",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )
        # Also when the stream never begins: a generator that was not started runs no finally.
        response.call_on_close(waiter.close)
        return response

    return api


def _stream(jobs: Jobs, hub: Hub, waiter: Waiter, after: str | None, heartbeat_s: float) -> Iterator[bytes]:
    yield f"retry: {RECONNECT_MS}\n\n".encode()
    for event in events_of(jobs, hub, waiter, after=after, heartbeat_s=heartbeat_s):
        yield HEARTBEAT if event is None else _line(event)


def events_of(
    jobs: Jobs, hub: Hub, waiter: Waiter, *, after: str | None, heartbeat_s: float = HEARTBEAT_S
) -> Iterator[Event | None]:
    """Yield a job's events until it has ended, and None where nothing happened for `heartbeat_s`."""
    while not hub.stopped:
        try:
            ended = jobs.get(waiter.job_id).state.final
            # Read after the state: what an ended job still has to say is then in this batch.
            events = jobs.events(waiter.job_id, after=after, limit=BATCH)
        except DaseinError as error:
            # The answer has begun: ending it makes the client ask again, and then it gets the problem itself.
            log.info("event_stream_ended", job_id=waiter.job_id, code=error.code)
            return
        for event in events:
            yield event
            after = event.id
            if event.name == DONE:
                return
        if not events and ended:
            return
        if not events and not waiter.wait(heartbeat_s):
            yield None


def _line(event: Event) -> bytes:
    return f"id: {event.id}\nevent: {event.name}\ndata: {to_json(dict(event.data)).decode()}\n\n".encode()
