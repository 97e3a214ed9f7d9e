"""The questions we ask of stores. Adapters raise StoreUnavailable, and nothing of their drivers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Any, Protocol

from jobs.model import Event, Failure, Job, NewJob, Progress, State


class Start(Enum):
    """What became of an attempt to start a job."""

    STARTED = auto()
    FINAL = auto()
    """It has ended, or was cancelled: this delivery is a repetition."""
    HELD = auto()
    """Another worker holds it and is alive."""
    EXHAUSTED = auto()
    """It was started as often as it may be and never ended: a poison job."""


@dataclass(frozen=True, slots=True)
class Page:
    """Jobs, newest first, and the cursor of the next page."""

    jobs: Sequence[Job]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A job that was given up, kept until somebody replays it."""

    job_id: str
    kind: str
    code: str
    message: str
    attempts: int
    at: str


class Jobs(Protocol):
    """Job records. Every transition is atomic, may be asked for twice, and appends to the job's event stream.

    A started job is held by a lease that its worker renews. A job whose lease lapsed, or whose message was never
    confirmed as sent, is `lapsed`: it is to be sent again.
    """

    def submit(self, job: NewJob, *, idempotency_key: str | None = None, fingerprint: str = "") -> tuple[Job, bool]:
        """Record a job as queued; return it and whether it is new.

        The same key with the same fingerprint returns the first job; with another one it raises Conflict.
        """

    def sent(self, job_id: str) -> None:
        """Note that the queue has the job's message."""

    def get(self, job_id: str) -> Job:
        """Return a job; raise NotFound for an unknown one, Gone for an expired one."""

    def find(
        self, *, tenant: str, kind: str | None, state: State | None, tag: str | None, cursor: str | None, limit: int
    ) -> Page:
        """Return a page of jobs without parents; raise InvalidInput for a cursor that is not ours."""

    def start(self, job_id: str, *, worker: str, lease_s: float) -> Start:
        """Try to take a job."""

    def renew(self, job_id: str, *, worker: str, lease_s: float) -> bool:
        """Prolong the lease; return False when the job should stop: cancelled, past its deadline, ended or taken over."""

    def progress(self, job_id: str, progress: Progress) -> None:
        """Publish how far a job is. A parent's progress is the sum of its children's."""

    def publish(self, job_id: str, partial: Mapping[str, Any]) -> None:
        """Append a `partial` event: what is known so far."""

    def await_children(self, job_id: str, children: Sequence[NewJob], then: NewJob) -> None:
        """Record `children` as queued, and `then`, to be queued when all of them have succeeded.

        The job itself stays running, held by nobody. A child that fails fails the job and cancels its siblings; when
        `then` succeeds, its result is the job's.
        """

    def finish(self, job_id: str, result: Mapping[str, Any]) -> Sequence[Job]:
        """End a job well, and return the jobs that this made due, to be sent now; a job that ended before stays."""

    def fail(self, job_id: str, failure: Failure, *, dead: bool = False) -> None:
        """End a job badly; `dead` adds it to the dead letters."""

    def cancel(self, job_id: str) -> Job:
        """Cancel a queued job at once, a running one at its next renewal; children with it. Final jobs stay."""

    def lapsed(self, *, limit: int) -> Sequence[Job]:
        """Claim up to `limit` jobs to be sent again; two callers never get the same one at the same time."""

    def events(self, job_id: str, *, after: str | None, limit: int = 1000) -> Sequence[Event]:
        """Return a job's events after the id `after`, oldest first."""

    def changes(self, *, after: str | None, wait_s: float) -> tuple[str, frozenset[str]]:
        """Wait for changes of any job; return a position to go on from and the ids that changed.

        With `after` None only the present position is returned, at once.
        """

    def dead_letters(self, *, limit: int) -> Sequence[DeadLetter]:
        """Return the newest dead letters."""

    def bury(self, job_id: str) -> DeadLetter:
        """Remove a dead letter and return it; raise NotFound."""

    def counts(self) -> Mapping[tuple[str, State], int]:
        """Return how many recorded jobs there are by kind and state, without children."""

    def ping(self) -> None:
        """Return if the store answers; raise StoreUnavailable."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """Stored bytes, named by their digest."""

    id: str
    """`sha256:<hex>`"""
    bytes: int
    media_type: str


class Artifacts(Protocol):
    """Uploaded bytes, by content. Nothing is visible before it is whole."""

    def put(self, chunks: Iterable[bytes], *, media_type: str, limit_bytes: int) -> tuple[Artifact, bool]:
        """Store bytes; return the artifact and whether it is new; raise TooLarge, leaving nothing."""

    def stat(self, artifact_id: str) -> Artifact:
        """Return what is known of an artifact; raise NotFound."""

    def read(self, artifact_id: str) -> Iterator[bytes]:
        """Yield an artifact's bytes in pieces; raise NotFound."""

    def delete(self, artifact_id: str) -> None:
        """Remove an artifact; raise NotFound."""


class Files(Protocol):
    """Files of one campaign: what its parts leave for each other, and its reports. Writes are whole or not there."""

    def write(self, campaign: str, name: str, chunks: Iterable[bytes]) -> None:
        """Store a file, replacing one of that name."""

    def path(self, campaign: str, name: str) -> Path:
        """Return where a file lies; raise NotFound."""

    def names(self, campaign: str) -> Sequence[str]:
        """Return the names of a campaign's files, sorted."""

    def folder(self, campaign: str) -> Path:
        """Return the campaign's folder, made if need be: for files too large to pass through memory."""

    def delete(self, campaign: str, name: str) -> None:
        """Remove a file, if it is there."""
