"""A job's events as a stream (server-sent events), which resumes where it broke."""

from collections.abc import Iterator
from http import HTTPMethod, HTTPStatus

from flask import Response, request

from jobs.errors import Gone, InvalidInput, NotFound
from stores.ports import Jobs
from web.realtime.following import HEARTBEAT_S, events_of
from web.realtime.sse import EVENT_STREAM, HEARTBEAT, LAST, ResumeQuery, event_stream, message, resumed_after
from web.realtime.standing import Stand
from web.refusals import TooManyWaiters
from web.routing import Answer, Api
from web.tenancy import TenantJobs
from web.waiting import Hub, Stay, Waiter

READ_TO_ITS_END = Answer(HTTPStatus.NO_CONTENT, "The stream was read to its end before: do not reconnect.")


def events_api(jobs: TenantJobs, hub: Hub, stand: Stand, *, heartbeat_s: float = HEARTBEAT_S) -> Api:
    """Serve event streams, with a comment at least every `heartbeat_s`."""
    api = Api("events")

    @api.on(
        HTTPMethod.GET,
        path="/jobs/<job:job_id>/events",
        summary="Follow a job",
        query=ResumeQuery,
        headers=(LAST,),
        answers=(
            Answer(
                HTTPStatus.OK,
                "Events `state`, `progress`, `partial` and, last, `done`; `gap` where events were dropped before they "
                "could be read. Their data are JSON objects.",
                media_types=(EVENT_STREAM,),
            ),
            READ_TO_ITS_END,
        ),
        refusals=(NotFound, Gone, InvalidInput, TooManyWaiters),
    )
    def follow_job(job_id: str, query: ResumeQuery) -> Response:
        """Stream what happens to a job, from its beginning or after `Last-Event-ID`, until it has ended.

        The stream also ends when the key or the token that opened it does not count any more, and when the server
        stops: clients come back after `retry` and go on after the last id.
        """
        after = resumed_after(request, query)
        if read_to_its_end(jobs, job_id, after):
            return Response(status=HTTPStatus.NO_CONTENT)
        waiter = hub.enter(job_id, Stay.SSE)
        return event_stream(_lines(jobs.jobs, hub, waiter, after, heartbeat_s), waiter, stand(), look_s=heartbeat_s)

    return api


def read_to_its_end(jobs: TenantJobs, job_id: str, after: str | None) -> bool:
    """Say whether a job has ended and nothing happened after `after`; raise NotFound or Gone."""
    return jobs.get(job_id).state.final and not jobs.events(job_id, after=after, limit=1)


def _lines(jobs: Jobs, hub: Hub, waiter: Waiter, after: str | None, heartbeat_s: float) -> Iterator[bytes]:
    for event in events_of(jobs, hub, waiter, after=after, heartbeat_s=heartbeat_s):
        yield HEARTBEAT if event is None else message(event.name, event.data, event_id=event.id)
