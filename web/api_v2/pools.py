"""Pools: their workers, what waits for them, and how many jobs they run at once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from http import HTTPMethod, HTTPStatus
from typing import Self

from flask import Response
from pydantic import ConfigDict, Field, model_validator

from jobs.errors import InvalidInput, NotFound, StoreUnavailable
from jobs.forms import Request, exactly_one
from jobs.model import Job
from jobs.queue import QUEUES, kinds_of
from stores.ports import Jobs, Pools, Workers
from web.abilities import Standing, standings
from web.api_v2.answers import Shown, answered
from web.backlog import Backlog
from web.caller import caller
from web.refusals import IncompleteBody, MalformedBody, NoWorkers, PoolBusy, UnsupportedMediaType
from web.routing import Answer, Api
from web.scaling import scaled

MOST = 4096


class WaitingView(Shown):
    """A job that waits."""

    job_id: str | None = Field(description="Null where it is another tenant's.")
    kind: str
    submitted_at: datetime
    waited_s: float


class WorkerView(Shown):
    """A worker that is alive."""

    name: str
    concurrency: int | None = Field(description="How many jobs it runs at once; null where it has not said so yet.")


class AbilityView(Shown):
    """A program that not every worker has, or the farm's data folder where not every worker sees it."""

    name: str
    workers: int = Field(description="Workers that have it. Jobs that need it are refused unless all of them do.")
    versions: tuple[str, ...]
    absent: tuple[str, ...] = Field(description="Why others have none, each reason once.")


class PoolView(Shown):
    """One pool of workers and its queue."""

    name: str
    concurrency: int = Field(description="How many jobs its workers run at once, as they say.")
    workers: tuple[WorkerView, ...] = Field(description="Those that are alive, by name.")
    abilities: tuple[AbilityView, ...] = Field(description="What workers say of programs that not all of them have.")
    queue_depth: int = Field(description="Jobs and parts of jobs that wait, of all tenants.")
    oldest_waiting: WaitingView | None = Field(description="The job, or part of one, that waits for longest.")


class PoolsView(Shown):
    """All pools."""

    pools: tuple[PoolView, ...]


class ScaledView(Shown):
    """A pool after a change of its size."""

    name: str
    concurrency: int = Field(description="What its workers have now: more than was asked for while they are busy.")
    workers: tuple[WorkerView, ...]


class ScaleRequest(Request):
    """How many jobs a pool is to run at once: so many, or so many more or fewer than now."""

    model_config = ConfigDict(json_schema_extra=exactly_one(("delta",), ("concurrency",)))

    delta: int | None = Field(None, ge=-MOST, le=MOST)
    concurrency: int | None = Field(None, ge=1, le=MOST)

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.delta is None) == (self.concurrency is None):
            msg = "give either delta or concurrency"
            raise ValueError(msg)
        return self


def pools_api(
    jobs: Jobs, backlog: Backlog, workers: Workers, pools: Pools, *, largest: int, clock: Callable[[], datetime]
) -> Api:
    """Serve pools; no worker gets more than `largest` processes."""
    api = Api("pools")
    _serve_pools(api, jobs, backlog, workers, clock)
    _serve_scaling(api, workers, pools, largest)
    return api


def _serve_pools(api: Api, jobs: Jobs, backlog: Backlog, workers: Workers, clock: Callable[[], datetime]) -> None:
    def oldest(name: str) -> WaitingView | None:
        waiting: list[Job] = [job for kind in kinds_of(name) for job in jobs.waiting(kind, limit=1)]
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
        processes = workers.processes([worker for names in alive.values() for worker in names])
        return answered(
            PoolsView(
                pools=tuple(
                    PoolView(
                        name=name,
                        concurrency=sum(processes.get(worker, 0) for worker in alive.get(name, ())),
                        workers=_views(alive.get(name, ()), processes),
                        abilities=tuple(_ability(standing) for standing in standings(workers, alive.get(name, ()))),
                        queue_depth=backlog.depth(name),
                        oldest_waiting=oldest(name),
                    )
                    for name in QUEUES
                )
            )
        )


def _serve_scaling(api: Api, workers: Workers, pools: Pools, largest: int) -> None:
    @api.on(
        HTTPMethod.POST,
        path="/pools/<name:name>/scale",
        summary="Grow or shrink a pool",
        body=ScaleRequest,
        answers=(Answer(HTTPStatus.OK, "The pool's size, as its workers say.", ScaledView),),
        refusals=(
            *(NotFound, InvalidInput, NoWorkers, PoolBusy),
            *(MalformedBody, IncompleteBody, UnsupportedMediaType),
        ),
        example={"delta": 1},
    )
    def scale_pool(name: str, body: ScaleRequest) -> Response:
        """Change how many jobs a pool runs at once, spread evenly over its workers; each keeps one process at least.

        No job is stopped for it: while all processes are busy, none is taken away. The size lasts until the workers
        are started again.
        """
        if name not in QUEUES:
            raise NotFound(f"There is no such pool; there are {', '.join(QUEUES)}.")
        now = workers.processes(workers.alive().get(name, ()))
        if not now:
            raise NoWorkers(f"No worker of the pool {name} is alive.")
        wanted = sum(now.values()) + body.delta if body.delta is not None else body.concurrency or 0
        least, most = len(now), len(now) * largest
        if not least <= wanted <= most:
            raise InvalidInput(
                f"{len(now)} workers run between {least} and {most} jobs at once, not {wanted}.",
                field="delta" if body.delta is not None else "concurrency",
            )
        changed = {worker: size for worker, size in scaled(now, wanted).items() if size != now[worker]}
        told = pools.resize(changed)
        if changed and not told:
            raise StoreUnavailable("No worker has answered.")
        after = {**now, **told}
        if sum(after.values()) == sum(now.values()) > wanted:
            raise PoolBusy(f"All {sum(now.values())} processes are busy; try again when one of them is idle.")
        return answered(ScaledView(name=name, concurrency=sum(after.values()), workers=_views(sorted(after), after)))


def _views(names: Sequence[str], processes: Mapping[str, int]) -> tuple[WorkerView, ...]:
    return tuple(WorkerView(name=worker, concurrency=processes.get(worker)) for worker in names)


def _ability(standing: Standing) -> AbilityView:
    return AbilityView(name=standing.name, workers=standing.having, versions=standing.versions, absent=standing.absent)
