"""Conversations: a turn is a job, streamed while it runs; what was said is read from the documents."""

import re
from collections.abc import Iterator
from dataclasses import replace
from http import HTTPMethod, HTTPStatus

import structlog
from flask import Response, request
from pydantic import Field

from jobs.errors import DaseinError, Gone, InvalidInput, NotFound
from jobs.forms import Request
from jobs.model import Failure, State
from jobs.questions import ChatAnswer, ChatRequest, Turn
from jobs.queue import CHAT
from stores.documents import Shelf
from stores.ports import Jobs
from web import parsing
from web.api_v2.answers import Shown, answered
from web.api_v2.events import READ_TO_ITS_END, read_to_its_end
from web.api_v2.jobs import SUBMISSION_REFUSALS
from web.api_v2.submitted import ANSWERS, HEADERS, submitted
from web.api_v2.things import Knowledge
from web.caller import caller
from web.realtime.following import DONE, GAP, HEARTBEAT_S, events_of
from web.realtime.sse import EVENT_STREAM, HEARTBEAT, LAST, ResumeQuery, event_stream, message, resumed_after
from web.realtime.standing import Stand
from web.refusals import NotInTime, TooManyWaiters
from web.routing import PREFIX, Answer, Api, Header
from web.submitting import Submissions
from web.tenancy import TenantJobs
from web.waiting import Hub, Stay, Waiter
from web.wish import Wish

URGENT = 8
LONGEST_S = 120.0
SESSION = re.compile(r"[A-Za-z0-9_-]{8,64}")
ACCEPT = Header("Accept", f"`{EVENT_STREAM}` streams the answer as it is produced.", EVENT_STREAM)
ACCEPTED, ENDED = ANSWERS
EVENTS = (
    "the events `start`, `token` and, last, `done` or `error`, whose data are JSON objects. A second `start` says that the "
    "turn begins anew, `gap` that tokens were dropped before they could be read. `done` holds the answer as it is kept: what "
    "a language model said before it broke off is not part of it. `start` names the address at which a broken stream goes "
    "on, as it does after an `error` with the code `not-in-time`."
)
STREAMED = (
    ACCEPTED,
    replace(
        ENDED,
        description=f"{ENDED.description} Or, if that is preferred, {EVENTS}",
        media_types=("application/json", EVENT_STREAM),
    ),
)

log = structlog.get_logger(__name__)


class HistoryQuery(Request):
    """Which turns."""

    offset: int = Field(0, ge=0, le=1_000_000)
    limit: int = Field(20, ge=1, le=100)


class HistoryView(Shown):
    """Turns, oldest first."""

    session: str
    turns: tuple[Turn, ...]
    total: int
    offset: int


class ErasedView(Shown):
    """What was erased."""

    turns: int


def chat_api(jobs: TenantJobs, knowledge: Knowledge, submissions: Submissions, hub: Hub, stand: Stand) -> Api:
    """Serve conversations."""
    api = Api("chat")

    @api.on(
        HTTPMethod.POST,
        path="/chat",
        summary="Take a turn in a conversation",
        body=ChatRequest,
        headers=(ACCEPT, *HEADERS),
        answers=STREAMED,
        refusals=SUBMISSION_REFUSALS,
        example={"message": "Which instructions leak the key in aes128 build 7?"},
    )
    def take_turn(body: ChatRequest) -> Response:
        """Say something; without a session a conversation begins. It is a job, whose result names the session.

        A turn that cannot be streamed now is answered as a job.
        """
        wish = Wish(CHAT.name, body, priority=URGENT, tags=(), deadline_s=LONGEST_S)
        job, is_new = submissions.submit(wish, key=parsing.idempotency_key(request))
        if request.accept_mimetypes.best_match(["application/json", EVENT_STREAM]) == EVENT_STREAM:
            try:
                return streamed(job.id, jobs.jobs, hub, stand)
            except TooManyWaiters:
                # The job is recorded: not being able to stream it must not look like a refusal.
                log.info("turn_not_streamed", job_id=job.id)
        return submitted(job, is_new=is_new, hub=hub, request=request)

    @api.on(
        HTTPMethod.GET,
        path="/chat/turns/<job:job_id>/events",
        summary="Go on reading a turn",
        query=ResumeQuery,
        headers=(LAST,),
        answers=(Answer(HTTPStatus.OK, f"As they come, {EVENTS}", media_types=(EVENT_STREAM,)), READ_TO_ITS_END),
        refusals=(NotFound, Gone, InvalidInput, TooManyWaiters),
    )
    def follow_turn(job_id: str, query: ResumeQuery) -> Response:
        """Stream a turn, from its beginning or after `Last-Event-ID`, in the same words as `POST /chat` does."""
        after = resumed_after(request, query)
        if jobs.get(job_id).kind != CHAT.name:
            raise NotFound("There is no such turn.")
        if read_to_its_end(jobs, job_id, after):
            return Response(status=HTTPStatus.NO_CONTENT)
        return streamed(job_id, jobs.jobs, hub, stand, after=after)

    @api.on(
        HTTPMethod.GET,
        path="/chat/<name:session>/history",
        summary="Read a conversation",
        query=HistoryQuery,
        answers=(Answer(HTTPStatus.OK, "A page of its turns.", HistoryView),),
        refusals=(NotFound, InvalidInput),
    )
    def show_history(session: str, query: HistoryQuery) -> Response:
        """Return what was asked and answered, oldest first."""
        return answered(history(knowledge, session, offset=query.offset, limit=query.limit))

    @api.on(
        HTTPMethod.DELETE,
        path="/chat/<name:session>/history",
        summary="Erase a conversation",
        answers=(Answer(HTTPStatus.OK, "It is gone.", ErasedView),),
        refusals=(NotFound,),
    )
    def erase_history(session: str) -> Response:
        """Erase a conversation with all its turns."""
        return answered(erased(knowledge, session))

    return api


def history(knowledge: Knowledge, session: str, *, offset: int, limit: int) -> HistoryView:
    """Return a page of a conversation; raise NotFound for one that never was."""
    if not SESSION.fullmatch(session) or not knowledge.documents.get(caller().tenant, Shelf.CHATS, [session]):
        raise NotFound("There is no such conversation.")
    # Old turns are dropped from the front: an offset counts from the first that is kept.
    records = knowledge.documents.find(caller().tenant, Shelf.TURNS, groups=[session], limit=offset + limit)
    total = knowledge.documents.count(caller().tenant, Shelf.TURNS, groups=[session])
    turns = tuple(Turn.model_validate(record.body) for record in records[offset:])
    return HistoryView(session=session, turns=turns, total=total, offset=offset)


def erased(knowledge: Knowledge, session: str) -> ErasedView:
    """Erase a conversation; raise NotFound for one that never was. The session goes last, so that it can be repeated."""
    if not SESSION.fullmatch(session) or not knowledge.documents.get(caller().tenant, Shelf.CHATS, [session]):
        raise NotFound("There is no such conversation.")
    turns = knowledge.documents.remove(caller().tenant, Shelf.TURNS, groups=[session])
    knowledge.documents.remove(caller().tenant, Shelf.CHATS, ids=[session])
    return ErasedView(turns=turns)


def streamed(job_id: str, jobs: Jobs, hub: Hub, stand: Stand, *, after: str | None = None) -> Response:
    """Answer with the turn's events as they come, those after the id `after` alone."""
    waiter = hub.enter(job_id, Stay.SSE)
    return event_stream(_lines(job_id, jobs, hub, waiter, after), waiter, stand(), look_s=HEARTBEAT_S)


def _lines(job_id: str, jobs: Jobs, hub: Hub, waiter: Waiter, after: str | None) -> Iterator[bytes]:
    start = {"job": job_id, "events": f"{PREFIX}/chat/turns/{job_id}/events"}
    # Whoever resumes has seen a start and, for all we know, tokens.
    told = after is not None
    ended = ""
    if not told:
        yield message("start", start)
    for event in events_of(jobs, hub, waiter, after=after):
        if event is None:
            yield HEARTBEAT
        elif event.name == GAP:
            yield message(GAP, event.data)
        elif event.name == "partial" and "token" in event.data:
            told = True
            yield message("token", {"text": event.data["token"]}, event_id=event.id)
        elif told and event.name == "state" and event.data.get("state") == State.RUNNING:
            told = False
            yield message("start", start, event_id=event.id)
        elif event.name == DONE:
            ended = event.id
    yield _end(job_id, jobs, ended)


def _end(job_id: str, jobs: Jobs, event_id: str) -> bytes:
    try:
        job = jobs.get(job_id)
    except DaseinError as error:
        log.info("event_stream_ended", job_id=job_id, code=error.code)
        return message("error", {"code": NotInTime.code, "detail": f"Look at the job {job_id} for its end."})
    if job.state is State.SUCCEEDED:
        return message("done", ChatAnswer.model_validate(job.result).model_dump(mode="json"), event_id=event_id)
    failure = job.error or Failure(NotInTime.code, f"Look at the job {job_id} for its end: it is {job.state}.")
    return message("error", {"code": failure.code, "detail": failure.message}, event_id=event_id)
