"""Batches: up to a thousand jobs in one call, and how far all of them are."""

from collections import Counter
from datetime import datetime
from functools import partial
from http import HTTPMethod, HTTPStatus
from typing import Literal, Self

from flask import Response, request
from flask.typing import ResponseReturnValue
from pydantic import Field

from jobs.errors import Conflict, Gone, InvalidInput, NotFound, Overloaded, TooLarge
from jobs.model import Batch, Member, State
from web import parsing
from web.api_v2.answers import ProgressView, Shown, answered
from web.api_v2.job_bodies import MOST_JOBS, JobBatchSubmission, wish_of
from web.api_v2.jobs import TAG, WaitQuery
from web.api_v2.submitted import KEY, LOOK_AGAIN_S, PREFER, REPLAYED
from web.api_v2.waited import until_news, until_over
from web.limiting import Limiter
from web.refusals import IncompleteBody, MalformedBody, TooManyWaiters, UnsupportedMediaType
from web.routing import PREFIX, Answer, Api
from web.submitting import Submissions
from web.tenancy import TenantJobs
from web.waiting import Hub

EXAMPLE = {
    "jobs": [
        {"kind": "ping", "params": {"echo": "first"}},
        {"kind": "query", "params": {"question": "Which instructions leak?"}, "priority": 7, "tags": ["nightly"]},
    ]
}
PLACE = {"Location": "Where the batch is."}


class MemberView(Shown):
    """A job of a batch in one line."""

    id: str
    kind: str | None = Field(description="Null: the job has expired, before others of the batch had ended.")
    state: State | None
    code: str | None = Field(description="Why it failed.")

    @classmethod
    def of(cls, member: Member) -> Self:
        """Show a job of a batch."""
        code = None if member.error is None else member.error.code
        return cls(id=member.id, kind=member.kind, state=member.state, code=code)


class BatchLinks(Shown):
    """Where to go on."""

    self: str


class JobBatchView(Shown):
    """Jobs that were submitted together."""

    id: str
    state: Literal["queued", "running", "ended"] = Field(
        description="Whether none has begun, or all have ended, well or badly."
    )
    progress: ProgressView = Field(description="How many have ended.")
    states: dict[State, int] = Field(description="How many are in each state.")
    jobs: tuple[str, ...] = Field(description="Ids, in the order in which they were given.")
    members: tuple[MemberView, ...] = Field(description="The same jobs, and where each of them stands.")
    submitted_at: datetime
    finished_at: datetime | None
    links: BatchLinks

    @classmethod
    def of(cls, batch: Batch, members: tuple[Member, ...]) -> Self:
        """Show a batch."""
        return cls(
            id=batch.id,
            state=_state(batch),
            progress=ProgressView(done=batch.ended, total=batch.size, message=""),
            states=dict(batch.states),
            jobs=tuple(member.id for member in members),
            members=tuple(map(MemberView.of, members)),
            submitted_at=batch.submitted_at,
            finished_at=batch.finished_at,
            links=BatchLinks(self=_place(batch)),
        )


def batches_api(jobs: TenantJobs, submissions: Submissions, hub: Hub, limiter: Limiter) -> Api:
    """Serve batches."""
    api = Api("batches")
    _serve_submission(api, jobs, submissions, hub, limiter)
    _serve_batch(api, jobs, hub)
    return api


def _serve_submission(api: Api, jobs: TenantJobs, submissions: Submissions, hub: Hub, limiter: Limiter) -> None:
    @api.on(
        HTTPMethod.POST,
        path="/batches",
        summary="Submit many jobs",
        body=JobBatchSubmission,
        headers=(KEY, PREFER),
        answers=(
            Answer(
                HTTPStatus.ACCEPTED,
                "All of them are recorded and will run.",
                JobBatchView,
                headers={**PLACE, "Retry-After": "Seconds to wait before looking.", **REPLAYED},
            ),
            Answer(
                HTTPStatus.OK,
                "All of them have ended already.",
                JobBatchView,
                headers={**PLACE, "Preference-Applied": "The wait that was asked for.", **REPLAYED},
            ),
        ),
        refusals=(
            *(InvalidInput, Conflict, Overloaded, TooLarge),
            *(MalformedBody, IncompleteBody, UnsupportedMediaType),
        ),
        example=EXAMPLE,
        most_errors=MOST_JOBS,
    )
    def submit_batch(body: JobBatchSubmission) -> Response:
        """Record up to 1,000 jobs and queue them, or none of them: then the faults of every wrong one are named.

        They are jobs as any others; the batch only follows them. A job that fails does not stop the rest.
        """
        wishes = [wish_of(job, within=f"jobs.{number}.") for number, job in enumerate(body.jobs)]
        limiter.submitted(Counter(wish.kind for wish in wishes))
        batch, is_new = submissions.submit_batch(wishes, key=parsing.idempotency_key(request))
        wait = partial(hub.watch, batch.id, partial(jobs.batch, batch.id))
        batch, waited = until_over(batch, wait, request, is_over=_is_over)
        headers = {"Location": _place(batch)} | waited
        if not is_new:
            headers["Idempotency-Replayed"] = "true"
        if _is_over(batch):
            return _shown(jobs, batch, headers=headers)
        return _shown(jobs, batch, status=HTTPStatus.ACCEPTED, headers=headers | {"Retry-After": str(LOOK_AGAIN_S)})


def _serve_batch(api: Api, jobs: TenantJobs, hub: Hub) -> None:
    @api.on(
        HTTPMethod.GET,
        path="/batches/<job:batch_id>",
        summary="Look at a batch, or wait for it",
        query=WaitQuery,
        headers=(TAG,),
        answers=(
            Answer(HTTPStatus.OK, "The batch.", JobBatchView, headers={"ETag": "Changes with the state of every job."}),
            Answer(HTTPStatus.NOT_MODIFIED, "Nothing is newer than the tag that was sent."),
        ),
        refusals=(NotFound, Gone, InvalidInput, TooManyWaiters),
    )
    def show_batch(batch_id: str, query: WaitQuery) -> ResponseReturnValue:
        """Return how far all the jobs of a batch are.

        With `wait`, as for a job: as soon as the batch's state changes, or, when `If-None-Match` is sent, as soon as
        that of any of its jobs does.
        """
        look = partial(jobs.batch, batch_id)
        batch = until_news(
            look(),
            partial(hub.watch, batch_id, look),
            request,
            wait_s=query.wait,
            is_over=_is_over,
            tag=_tag,
            state=_state,
        )
        return _shown(jobs, batch).make_conditional(request)

    @api.on(
        HTTPMethod.DELETE,
        path="/batches/<job:batch_id>",
        summary="Cancel a batch",
        answers=(
            Answer(HTTPStatus.OK, "All of its jobs have ended.", JobBatchView),
            Answer(HTTPStatus.ACCEPTED, "Some are running and will stop within seconds.", JobBatchView),
        ),
        refusals=(NotFound, Gone),
    )
    def cancel_batch(batch_id: str) -> Response:
        """Cancel every job of a batch that has not ended. May be asked twice."""
        batch = jobs.cancel_batch(batch_id)
        return _shown(jobs, batch, status=HTTPStatus.OK if _is_over(batch) else HTTPStatus.ACCEPTED)


def _shown(
    jobs: TenantJobs, batch: Batch, *, status: int = HTTPStatus.OK, headers: dict[str, str] | None = None
) -> Response:
    response = answered(JobBatchView.of(batch, tuple(jobs.members(batch))), status=status, headers=headers)
    response.set_etag(_tag(batch))
    return response


def _state(batch: Batch) -> Literal["queued", "running", "ended"]:
    if batch.states[State.QUEUED] == batch.size:
        return "queued"
    return "ended" if _is_over(batch) else "running"


def _is_over(batch: Batch) -> bool:
    return batch.ended == batch.size


def _place(batch: Batch) -> str:
    return f"{PREFIX}/batches/{batch.id}"


def _tag(batch: Batch) -> str:
    return f"v{batch.version}"
