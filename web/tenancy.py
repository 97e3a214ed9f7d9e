"""Jobs as a caller may see them: those of the caller's tenant; all others do not exist."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jobs.errors import NotFound
from jobs.model import Event, Job, State
from stores.ports import DeadLetter, Jobs, Page
from web.caller import caller


@dataclass(frozen=True, slots=True)
class TenantJobs:
    """The records of the caller's tenant; a view has nothing else to ask for jobs."""

    jobs: Jobs

    def get(self, job_id: str) -> Job:
        """Return a job; raise NotFound for an unknown one, or one of another tenant, Gone for an expired one."""
        job = self.jobs.get(job_id)
        if job.tenant != caller().tenant:
            raise NotFound("There is no such job.")
        return job

    def find(self, *, kind: str | None, state: State | None, tag: str | None, cursor: str | None, limit: int) -> Page:
        """Return a page of jobs without parents; raise InvalidInput for a cursor that is not ours."""
        return self.jobs.find(tenant=caller().tenant, kind=kind, state=state, tag=tag, cursor=cursor, limit=limit)

    def cancel(self, job_id: str) -> Job:
        """Cancel a job; raise as `get`."""
        return self.jobs.cancel(self.get(job_id).id)

    def events(self, job_id: str, *, after: str | None, limit: int = 1000) -> Sequence[Event]:
        """Return a job's events after the id `after`, oldest first; raise as `get`."""
        return self.jobs.events(self.get(job_id).id, after=after, limit=limit)

    def dead_letters(self, *, limit: int) -> Sequence[DeadLetter]:
        """Return the newest dead letters."""
        return self.jobs.dead_letters(tenant=caller().tenant, limit=limit)

    def counts(self) -> Mapping[tuple[str, State], int]:
        """Return how many recorded jobs there are by kind and state, without parts."""
        return self.jobs.counts(tenant=caller().tenant)
