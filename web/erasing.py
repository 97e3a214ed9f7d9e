"""How the erasure of a tenant comes in: whatever the queue is like and whoever asks, as a job of the home tenant."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from jobs.identity import HOME
from jobs.model import Job, NewJob
from jobs.queue import ERASURE, JobQueue
from jobs.tenancy import EraseRequest
from stores.identity import Tenants
from stores.ports import Jobs
from web.sending import recorded

PRIORITY = 9

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Erasures:
    """Starts erasures. `new_id` makes an id from the time."""

    jobs: Jobs
    queue: JobQueue
    tenants: Tenants
    clock: Callable[[], datetime]
    new_id: Callable[[datetime], str]

    def begin(self, request: EraseRequest, *, key: str | None) -> tuple[Job, bool]:
        """Record and send the job; return it and whether it is new. The tenant is not served from now on."""
        tenant = self.tenants.get(request.tenant)
        params = request.model_dump(mode="json")
        new = NewJob(self.new_id(self.clock()), ERASURE.name, params, HOME, priority=PRIORITY)
        job, is_new = recorded(
            new,
            self.jobs,
            self.queue,
            key=None if key is None else f"erase:{tenant.id}:{key}",
            fingerprint=request.model_dump_json(),
        )
        if tenant.id != HOME and not tenant.suspended:
            self.tenants.change(replace(tenant, suspended=True))
        if is_new:
            log.warning("erasure_begun", tenant=tenant.id, job_id=job.id)
        return job, is_new
