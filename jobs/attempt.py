"""What a running job sees of the farm, and what it may come back with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from jobs.model import NewJob, Progress


class Attempt(Protocol):
    """One attempt at a job."""

    job_id: str
    worker: str

    def check(self) -> None:
        """Raise Cancelled or DeadlineExceeded if the job should stop; cheap, to be called at least twice a second."""

    def report(self, progress: Progress) -> None:
        """Publish how far this job is."""

    def publish(self, job_id: str, partial: Mapping[str, Any]) -> None:
        """Publish what is known so far of `job_id`: this job, or the one it is a part of."""


@dataclass(frozen=True, slots=True)
class Split:
    """The job goes on as `children`, and ends with the result of `then`, which runs when all of them have succeeded."""

    children: Sequence[NewJob]
    then: NewJob


@dataclass(frozen=True, slots=True)
class Followed:
    """The job ends with `result`; `jobs`, which stand on their own, come after it. However often it ends, they run once."""

    result: Mapping[str, Any]
    jobs: Sequence[NewJob]


Outcome = Mapping[str, Any] | Split | Followed
