"""Questions: jobs with a body of their own."""

from http import HTTPMethod

from flask import Response, request
from pydantic import Field

from jobs.questions import QueryRequest
from jobs.queue import QUESTION
from web import parsing
from web.api_v2.jobs import SUBMISSION_REFUSALS
from web.api_v2.submitted import ANSWERS, HEADERS, submitted
from web.routing import Api
from web.submitting import Submissions
from web.waiting import Hub
from web.wish import Wish

EXAMPLE = {"question": "Which instructions leak the key in aes128 build 7?", "top_k": 10}


class QuerySubmission(QueryRequest):
    """The body of POST /api/v2/queries: a question and how to queue it."""

    priority: int = Field(7, ge=0, le=9, description="Somebody waits for an answer: above that of campaigns.")


def queries_api(submissions: Submissions, hub: Hub) -> Api:
    """Serve questions."""
    api = Api("queries")

    @api.on(
        HTTPMethod.POST,
        path="/queries",
        summary="Ask a question",
        body=QuerySubmission,
        headers=HEADERS,
        answers=ANSWERS,
        refusals=SUBMISSION_REFUSALS,
        example=EXAMPLE,
    )
    def submit_query(body: QuerySubmission) -> Response:
        """Ask in English or Spanish. It is a job; its result is the answer, with the evidence of every sentence."""
        params = QueryRequest.model_validate(body.model_dump(exclude={"priority"}))
        wish = Wish(QUESTION.name, params, priority=body.priority, tags=(), deadline_s=None)
        job, is_new = submissions.submit(wish, key=parsing.idempotency_key(request))
        return submitted(job, is_new=is_new, hub=hub, request=request)

    return api
