"""Jobs: submit, wait, list, cancel, retry."""

from functools import partial
from http import HTTPMethod, HTTPStatus
from typing import Literal

from flask import Response, request
from flask.typing import ResponseReturnValue
from pydantic import Field

from jobs.errors import (
    Conflict,
    DeviceUnavailable,
    Gone,
    InvalidInput,
    NotFound,
    Overloaded,
    QuotaExceeded,
    SimulatorUnavailable,
    TooLarge,
)
from jobs.forms import Request
from jobs.model import State
from web import parsing
from web.api_v2.answers import JobsView, JobView, answered, etag, job_answered
from web.api_v2.job_bodies import JobSubmission, wish_of
from web.api_v2.submitted import ANSWERS, HEADERS, KEY, PREFER, submitted
from web.api_v2.waited import until_news
from web.limiting import Limiter
from web.refusals import MalformedBody, StorageExceeded, TooManyWaiters, UnsupportedMediaType
from web.routing import Answer, Api, Header
from web.submitting import Submissions
from web.tenancy import TenantJobs
from web.waiting import Hub

SUBMISSION_REFUSALS = (
    InvalidInput,
    SimulatorUnavailable,
    DeviceUnavailable,
    Conflict,
    Overloaded,
    QuotaExceeded,
    StorageExceeded,
    TooLarge,
    MalformedBody,
    UnsupportedMediaType,
)
TAG = Header("If-None-Match", "The ETag of what is known already: answer as soon as there is something newer.", '"v3"')


class WaitQuery(Request):
    """How long to wait."""

    wait: int = Field(0, ge=0, le=parsing.LONGEST_WAIT_S, description="Seconds to wait for a change.")


class ListQuery(Request):
    """Which jobs to list."""

    kind: (
        Literal[
            "ping",
            "inspect",
            "estimate",
            "campaign",
            "simulation.import",
            "simulation.record",
            "simulation.capture",
            "simulation.crosscheck",
            "simulation.profile",
            "simulation.calibrate",
            "query",
            "chat",
            "similar",
            "ingest",
            "remove",
            "rebuild",
            "erase",
            "retain",
            "backup",
            "remforge.forge",
            "remforge.batch",
            "remforge.sequence",
            "remforge.search",
        ]
        | None
    ) = None
    state: State | None = None
    tag: str | None = Field(None, min_length=1, max_length=64)
    cursor: str | None = Field(None, min_length=1, max_length=256, description="From the page before.")
    limit: int = Field(20, ge=1, le=100)


def jobs_api(jobs: TenantJobs, submissions: Submissions, hub: Hub, limiter: Limiter) -> Api:
    """Serve jobs."""
    api = Api("jobs")

    @api.on(
        HTTPMethod.POST,
        path="/jobs",
        summary="Submit a job",
        body=JobSubmission,
        headers=HEADERS,
        answers=ANSWERS,
        refusals=SUBMISSION_REFUSALS,
        example={"kind": "ping", "params": {"echo": "hello"}, "priority": 5, "tags": ["first"]},
    )
    def submit_job(body: JobSubmission) -> Response:
        """Record a job and queue it. `params` are those of the kind; a campaign's are the body of `/campaigns`."""
        wish = wish_of(body.root)
        limiter.submitted({wish.kind: 1})
        job, is_new = submissions.submit(wish, key=parsing.idempotency_key(request))
        return submitted(job, is_new=is_new, hub=hub, request=request)

    @api.on(
        HTTPMethod.GET,
        path="/jobs",
        summary="List jobs",
        query=ListQuery,
        answers=(Answer(HTTPStatus.OK, "A page of jobs, newest first.", JobsView),),
        refusals=(InvalidInput,),
    )
    def list_jobs(query: ListQuery) -> Response:
        """List jobs, newest first; the parts of jobs are not listed."""
        page = jobs.find(kind=query.kind, state=query.state, tag=query.tag, cursor=query.cursor, limit=query.limit)
        return answered(JobsView(jobs=tuple(JobView.of(job, in_list=True) for job in page.jobs), cursor=page.cursor))

    @api.on(
        HTTPMethod.GET,
        path="/jobs/<job:job_id>",
        summary="Look at a job, or wait for it",
        query=WaitQuery,
        headers=(TAG,),
        answers=(
            Answer(HTTPStatus.OK, "The job.", JobView, headers={"ETag": "Changes with everything that a client sees."}),
            Answer(HTTPStatus.NOT_MODIFIED, "Nothing is newer than the tag that was sent."),
        ),
        refusals=(NotFound, Gone, InvalidInput, TooManyWaiters),
    )
    def show_job(job_id: str, query: WaitQuery) -> ResponseReturnValue:
        """Return a job.

        With `wait`, an unfinished job is returned as soon as its state changes, or, when `If-None-Match` is sent, as
        soon as anything about it changes; at the latest after `wait` seconds, then with 304 if nothing has.
        """
        job = until_news(
            jobs.get(job_id),
            partial(hub.wait, job_id),
            request,
            wait_s=query.wait,
            is_over=lambda seen: seen.state.final,
            tag=etag,
            state=lambda seen: seen.state,
        )
        return job_answered(job).make_conditional(request)

    @api.on(
        HTTPMethod.DELETE,
        path="/jobs/<job:job_id>",
        summary="Cancel a job",
        answers=(
            Answer(HTTPStatus.OK, "The job has ended: it was queued and is cancelled, or had ended before.", JobView),
            Answer(HTTPStatus.ACCEPTED, "The job is running and will stop within seconds.", JobView),
        ),
        refusals=(NotFound, Gone),
    )
    def cancel_job(job_id: str) -> Response:
        """Cancel a job and its parts.

        May be asked twice. A job that has ended stays as it is and is returned as it is.
        """
        job = jobs.cancel(job_id)
        return job_answered(job, status=HTTPStatus.OK if job.state.final else HTTPStatus.ACCEPTED)

    @api.on(
        HTTPMethod.POST,
        path="/jobs/<job:job_id>/retry",
        summary="Run a failed or cancelled job again",
        headers=(KEY, PREFER),
        answers=ANSWERS,
        refusals=(NotFound, Gone, Conflict, InvalidInput, Overloaded, QuotaExceeded, StorageExceeded),
    )
    def retry_job(job_id: str) -> Response:
        """Submit a new job with the same parameters, which names the old one in `retry_of`."""
        key = parsing.idempotency_key(request)
        job, is_new = submissions.retry(jobs.get(job_id), key=key)
        return submitted(job, is_new=is_new, hub=hub, request=request)

    return api
