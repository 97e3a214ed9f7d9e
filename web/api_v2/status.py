"""The farm in one answer."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPMethod, HTTPStatus

from flask import Response
from pydantic import Field

from jobs.model import State
from jobs.queue import QUEUES
from web.api_v2.answers import Shown, answered
from web.backlog import Backlog
from web.caller import caller
from web.routing import Answer, Api
from web.tenancy import TenantJobs
from web.waiting import Hub


class StatusView(Shown):
    """How the farm is."""

    version: str
    time: datetime
    started_at: datetime = Field(description="Of the web process that answers.")
    waiters: int = Field(description="Long polls and event streams of the web process that answers.")
    jobs: dict[str, dict[State, int]] = Field(description="Recorded jobs by kind and state.")
    queue_depth: dict[str, int] = Field(description="Jobs and parts of jobs that wait, of all tenants, by pool.")
    flower_url: str | None = Field(
        description="Where Flower is, which shows workers and tasks; told to the farm's own callers alone."
    )


def status_api(
    jobs: TenantJobs,
    backlog: Backlog,
    hub: Hub,
    *,
    clock: Callable[[], datetime],
    version: str,
    flower_url: str | None,
) -> Api:
    """Serve the status."""
    api = Api("status")
    started_at = clock()

    @api.on(
        HTTPMethod.GET,
        path="/status",
        summary="Look at the farm",
        answers=(Answer(HTTPStatus.OK, "How the farm is.", StatusView),),
    )
    def show_status() -> Response:
        """Count jobs, messages and waiters."""
        counted: dict[str, dict[State, int]] = {}
        for (kind, state), number in jobs.counts().items():
            counted.setdefault(kind, {})[state] = number
        return answered(
            StatusView(
                version=version,
                time=clock(),
                started_at=started_at,
                waiters=hub.waiting,
                jobs=counted,
                queue_depth={name: backlog.depth(name) for name in QUEUES},
                flower_url=flower_url if caller().home else None,
            )
        )

    return api
