"""Jobs as a caller may see them: those of the caller's tenant; all others do not exist."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jobs.model import Batch, Event, Job, Member, State
from stores.ports import DeadLetter, Jobs, Page
from web.caller import caller


@dataclass(frozen=True, slots=True)
class TenantJobs:
    """The records of the caller's tenant; a view has nothing else to ask for jobs."""

    jobs: Jobs

    def get(self, job_id: str) -> Job:
        """Return a job; raise NotFound for an unknown one, or one of another tenant, Gone for an expired one of theirs."""
        return self.jobs.get(job_id, tenant=caller().tenant)

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

    def batch(self, batch_id: str) -> Batch:
        """Return a batch; raise as `get`."""
        return self.jobs.batch(batch_id, tenant=caller().tenant)

    def members(self, batch: Batch) -> Sequence[Member]:
        """Return the jobs of a batch of theirs, as they were given."""
        return self.jobs.members([batch.id]).get(batch.id, ())

    def cancel_batch(self, batch_id: str) -> Batch:
        """Cancel every job of a batch that has not ended; raise as `get`."""
        return self.jobs.cancel_batch(self.batch(batch_id).id)

    def counts(self) -> Mapping[tuple[str, State], int]:
        """Return how many recorded jobs there are by kind and state, without parts."""
        return self.jobs.counts(tenant=caller().tenant)
