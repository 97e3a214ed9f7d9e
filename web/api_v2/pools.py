"""Pools: their workers, and what waits for them."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPMethod, HTTPStatus

from flask import Response
from pydantic import Field

from jobs.model import Job
from jobs.queue import KINDS, QUEUES, JobQueue
from stores.ports import Jobs, Workers
from web.api_v2.answers import Shown, answered
from web.caller import caller
from web.routing import Answer, Api


class WaitingView(Shown):
    """A job that waits."""

    job_id: str | None = Field(description="Null where it is another tenant's.")
    kind: str
    submitted_at: datetime
    waited_s: float


class PoolView(Shown):
    """One pool of workers and its queue."""

    name: str
    workers: tuple[str, ...] = Field(description="Names of the workers that are alive.")
    queue_depth: int = Field(description="Messages that wait, all priorities summed.")
    oldest_waiting: WaitingView | None = Field(description="The job, or part of one, that waits for longest.")


class PoolsView(Shown):
    """All pools."""

    pools: tuple[PoolView, ...]


def pools_api(jobs: Jobs, queue: JobQueue, workers: Workers, *, clock: Callable[[], datetime]) -> Api:
    """Serve pools."""
    api = Api("pools")

    def oldest(name: str) -> WaitingView | None:
        kinds = [kind.name for kind in KINDS.values() if kind.queue == name]
        waiting: list[Job] = [job for kind in kinds for job in jobs.waiting(kind, limit=1)]
        if not waiting:
            return None
        job = min(waiting, key=lambda job: job.submitted_at)
        waited_s = (clock() - job.submitted_at).total_seconds()
        return WaitingView(
            job_id=job.id if job.tenant == caller().tenant else None,
            kind=job.kind,
            submitted_at=job.submitted_at,
            waited_s=max(waited_s, 0),
        )

    @api.on(
        HTTPMethod.GET,
        path="/pools",
        summary="Look at the pools",
        answers=(Answer(HTTPStatus.OK, "Pools, their workers and what waits for them.", PoolsView),),
    )
    def list_pools() -> Response:
        """List the pools of workers."""
        alive = workers.alive()
        return answered(
            PoolsView(
                pools=tuple(
                    PoolView(
                        name=name,
                        workers=tuple(alive.get(name, ())),
                        queue_depth=queue.depth(name),
                        oldest_waiting=oldest(name),
                    )
                    for name in QUEUES
                )
            )
        )

    return api
