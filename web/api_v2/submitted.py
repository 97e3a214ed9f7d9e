"""The answer to a submission, the same for every way in."""

from functools import partial
from http import HTTPStatus

from flask import Request, Response

from jobs.model import Job
from web import parsing
from web.api_v2.answers import JobView, job_answered, location
from web.api_v2.waited import until_over
from web.routing import Answer, Header
from web.waiting import Hub

LOOK_AGAIN_S = 1

KEY = Header(
    "Idempotency-Key",
    "1 to 255 visible ASCII characters. The same key with the same request returns the first job, with another one it "
    "is refused with 409.",
    "build-4711",
    pattern=f"^{parsing.KEY.pattern}$",
)
PREFER = Header(
    "Prefer", "`wait=N` (at most 60): answer with the job once it has ended, if that is within N s.", "wait=10"
)
HEADERS = (KEY, PREFER)
REPLAYED = {"Idempotency-Replayed": "`true` when an earlier request with this key had submitted the job."}
ANSWERS = (
    Answer(
        HTTPStatus.ACCEPTED,
        "The job is recorded and will run.",
        JobView,
        headers={"Location": "Where the job is.", "Retry-After": "Seconds to wait before looking.", **REPLAYED},
    ),
    Answer(
        HTTPStatus.OK,
        "The job has ended already.",
        JobView,
        headers={"Location": "Where the job is.", "Preference-Applied": "The wait that was asked for.", **REPLAYED},
    ),
)


def submitted(job: Job, *, is_new: bool, hub: Hub, request: Request) -> Response:
    """Answer 202, or 200 with a job that has ended, after waiting for that as long as the client prefers."""
    job, waited = until_over(job, partial(hub.wait, job.id), request, is_over=lambda seen: seen.state.final)
    headers = {"Location": location(job.id)} | waited
    if not is_new:
        headers["Idempotency-Replayed"] = "true"
    if job.state.final:
        return job_answered(job, status=HTTPStatus.OK, headers=headers)
    return job_answered(job, status=HTTPStatus.ACCEPTED, headers=headers | {"Retry-After": str(LOOK_AGAIN_S)})
