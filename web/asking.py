"""Jobs that answer a request at once: submitted ahead of the others and waited for."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

from pydantic import BaseModel

from jobs.errors import Conflict, DaseinError, InvalidInput, NotFound, Overloaded, TooLarge
from jobs.model import Failure, Job, State
from jobs.queue import Kind
from web.refusals import NotInTime, TooManyWaiters
from web.submitting import Submissions
from web.waiting import Hub
from web.wish import Wish

URGENT = 8
LONGEST_S = 60.0
ERRORS: dict[str, type[DaseinError]] = {error.code: error for error in (InvalidInput, NotFound, Conflict, TooLarge)}
REFUSALS = (NotInTime, TooManyWaiters, Overloaded)
"""What every answer by a job may be refused with."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks the pools."""

    submissions: Submissions
    hub: Hub

    def submit(self, kind: Kind, params: BaseModel, *, deadline_s: float | None = LONGEST_S) -> Job:
        """Submit a job that somebody waits for; it ends at its deadline, as nobody waits any longer."""
        wish = Wish(kind.name, params, priority=URGENT, tags=(), deadline_s=deadline_s)
        return self.submissions.submit(wish, key=None)[0]

    def ask(self, kind: Kind, params: BaseModel) -> dict[str, Any]:
        """Return what a job results in; raise what it failed with, NotInTime, TooManyWaiters or Overloaded."""
        return self.results([self.submit(kind, params)])[0]

    def change(self, kind: Kind, *params: BaseModel) -> list[dict[str, Any]]:
        """Return the results of jobs that change something, and that go on when nobody waits any longer; raise as `ask`."""
        return self.results([self.submit(kind, each, deadline_s=None) for each in params])

    def results(self, jobs: Sequence[Job]) -> list[dict[str, Any]]:
        """Wait for jobs, LONGEST_S for all of them."""
        latest = monotonic() + LONGEST_S
        found: list[dict[str, Any]] = []
        for job in jobs:
            left_s = max(0.0, latest - monotonic())
            ended = self.hub.wait(job.id, until=lambda seen: seen.state.final, timeout_s=left_s)
            if ended.state is not State.SUCCEEDED:
                raise _raised(ended)
            found.append(dict(ended.result or {}))
        return found


def _raised(job: Job) -> DaseinError:
    """Return the error that a job failed with; NotInTime for what the request is not to blame for."""
    failure = job.error or Failure(NotInTime.code, f"The job {job.id} is {job.state}.")
    error = ERRORS.get(failure.code)
    if error is None:
        return NotInTime(failure.message)
    return error(failure.message, field=failure.field, reason=failure.reason)
