"""Dead letters: jobs that were given up, and their replay."""

from http import HTTPMethod, HTTPStatus

from flask import Response, request
from pydantic import Field

from jobs.errors import Gone, InvalidInput, NotFound, Overloaded
from jobs.forms import Request
from web.api_v2.answers import DeadLettersView, DeadLetterView, answered
from web.api_v2.submitted import ANSWERS, PREFER, submitted
from web.routing import Answer, Api
from web.submitting import Submissions
from web.tenancy import TenantJobs
from web.waiting import Hub


class DeadLettersQuery(Request):
    """How many to list."""

    limit: int = Field(100, ge=1, le=1000)


def dead_letters_api(jobs: TenantJobs, submissions: Submissions, hub: Hub) -> Api:
    """Serve dead letters."""
    api = Api("dead letters")

    @api.on(
        HTTPMethod.GET,
        path="/dead-letters",
        summary="List dead letters",
        query=DeadLettersQuery,
        answers=(Answer(HTTPStatus.OK, "Dead letters, newest first.", DeadLettersView),),
        refusals=(InvalidInput,),
    )
    def list_dead_letters(query: DeadLettersQuery) -> Response:
        """List the jobs that lost their worker, or failed by a fault of ours, as often as they may."""
        letters = tuple(
            DeadLetterView(
                job_id=letter.job_id,
                kind=letter.kind,
                code=letter.code,
                message=letter.message,
                attempts=letter.attempts,
                at=letter.at,
                parent=letter.parent,
            )
            for letter in jobs.dead_letters(limit=query.limit)
        )
        return answered(DeadLettersView(dead_letters=letters))

    @api.on(
        HTTPMethod.POST,
        path="/dead-letters/<job:job_id>/replay",
        summary="Run a dead letter's job again",
        headers=(PREFER,),
        answers=ANSWERS,
        refusals=(NotFound, Gone, Overloaded),
    )
    def replay_dead_letter(job_id: str) -> Response:
        """Submit the job again, or the job that it was a part of, and take the letter off the list."""
        job, is_new = submissions.replay(job_id)
        return submitted(job, is_new=is_new, hub=hub, request=request)

    return api
