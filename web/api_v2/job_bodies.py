"""What may be sent to `/api/v2/jobs`: a job of any public kind with the parameters of that kind, told apart by `kind`."""

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Discriminator, Field, RootModel, Tag, create_model

from jobs.forms import Request
from jobs.parameters import PARAMS
from jobs.payloads import JobRequest
from jobs.queue import KINDS
from web.parsing import UNKNOWN_KIND
from web.wish import Wish

PUBLIC = tuple(kind.name for kind in KINDS.values() if kind.public)
MOST_JOBS = 1000


def _title(kind: str) -> str:
    """Return the name of the model of a kind: errors leave out what begins with a capital letter."""
    return "".join(part.capitalize() for part in kind.replace("-", ".").split(".")) + "Job"


def _model(kind: str) -> type[JobRequest]:
    # The base gives the fields of how to queue it; what is sent is typed by kind.
    fields: dict[str, Any] = {"kind": (Literal[kind], ...), "params": (PARAMS[kind], ...)}
    return create_model(_title(kind), __base__=JobRequest, __doc__=f"A job of the kind `{kind}`.", **fields)


def _kind(body: Any) -> str | None:
    given = body.get("kind") if isinstance(body, dict) else getattr(body, "kind", None)
    return _title(given) if given in PUBLIC else None


if TYPE_CHECKING:
    AnyJob = JobRequest
else:
    AnyJob = Annotated[
        reduce(or_, (Annotated[_model(kind), Tag(_title(kind))] for kind in PUBLIC)),
        Discriminator(
            _kind,
            custom_error_type=UNKNOWN_KIND,
            custom_error_message=f"Give one of {', '.join(PUBLIC)}.",
        ),
    ]


class JobSubmission(RootModel[AnyJob]):
    """The body of POST /api/v2/jobs."""


class JobBatchSubmission(Request):
    """The body of POST /api/v2/batches: jobs of any kinds, all of which are taken or none."""

    jobs: tuple[AnyJob, ...] = Field(min_length=1, max_length=MOST_JOBS)


def wish_of(job: JobRequest, *, within: str = "") -> Wish:
    """Return a job as it was asked for; `within` is where it lies in the request."""
    params: Any = job.params
    return Wish(
        job.kind,
        params,
        priority=job.priority,
        tags=job.tags,
        deadline_s=job.deadline_s,
        within=f"{within}params",
        callback_url=job.callback_url,
    )
