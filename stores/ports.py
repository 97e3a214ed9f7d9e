"""The questions we ask of stores. Adapters raise StoreUnavailable, and nothing of their drivers."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from typing import Any, Protocol

from jobs.abilities import Abilities
from jobs.forging import NodeModels
from jobs.model import Batch, Event, Failure, Job, Member, NewJob, Progress, State
from jobs.queue import Envelope
from stores.turns import Turns


class Start(Enum):
    """What became of an attempt to start a job."""

    STARTED = auto()
    FINAL = auto()
    """It has ended, or was cancelled: this delivery is a repetition."""
    HELD = auto()
    """Another worker holds it and is alive."""
    EXHAUSTED = auto()
    """It lost its worker as often as it may: it has been failed as `worker-lost` and is a dead letter."""


MAX_LOST = 3
"""A job that lost its worker so often, whoever's fault that was, is not tried again."""

RESULT_LIMIT_BYTES = 256 * 1024
"""Results are small JSON; what is larger goes by reference."""


@dataclass(frozen=True, slots=True)
class Page:
    """Jobs, newest first, and the cursor of the next page."""

    jobs: Sequence[Job]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class BatchPage:
    """Ids of batches, newest first, and the cursor of the next page."""

    ids: Sequence[str]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Look:
    """A job, and what happened to it since somebody looked last."""

    job: Job
    events: Sequence[Event]
    """Oldest first."""
    gap: bool
    """Whether events in between were dropped, as there were too many of them."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A job that was given up, kept until somebody replays it."""

    job_id: str
    kind: str
    code: str
    message: str
    attempts: int
    at: str
    tenant: str
    parent: str | None = None
    """The job that this one was a part of, and which failed with it."""


@dataclass(frozen=True, slots=True)
class End:
    """That a job has ended."""

    kind: str
    state: State
    took_s: float
    """From its submission."""
    code: str | None = None
    """Of its error, if it has one."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What jobs that are submitted take of their tenant's quotas, and how much these are; None: they have no end."""

    traces: int = 0
    """That the jobs ask for, all of them together."""
    traces_per_day: int | None = None
    """Of jobs that were submitted since midnight, UTC."""
    jobs_in_flight: int | None = None
    """Queued or running, without their parts."""


ANY = Allowance()


class Jobs(Turns, Protocol):
    """Job records. Every transition is atomic, may be asked for twice, and appends to the job's event stream.

    A started job is held by a lease that its worker renews. A job whose lease lapsed, or whose message was never
    confirmed as sent, is `lapsed`: it is to be sent again. `worker` names one process, so that it may repeat itself.
    """

    def submit(
        self,
        job: NewJob,
        *,
        idempotency_key: str | None = None,
        fingerprint: str = "",
        envelope: Envelope | None = None,
        allowance: Allowance = ANY,
    ) -> tuple[Job, bool]:
        """Record a job as queued; return it and whether it is new; raise QuotaExceeded for a new one beyond its `allowance`.

        A new job's message, if it is given in its `envelope`, is posted in the same step and need not be sent.

        The same key with the same fingerprint returns the first job; with another one it raises Conflict.
        """

    def repeated(self, idempotency_key: str, *, tenant: str, fingerprint: str) -> Job | None:
        """Return the job that was submitted with this key, if there is one; raise Conflict as `submit` would."""

    def sent(self, job_id: str) -> None:
        """Note that the queue has the job's message, where the queue is none that these records reach."""

    def submit_batch(
        self,
        batch_id: str,
        jobs: Sequence[NewJob],
        *,
        idempotency_key: str | None = None,
        fingerprint: str = "",
        envelopes: Sequence[Envelope | None] = (),
        allowance: Allowance = ANY,
    ) -> tuple[Batch, bool]:
        """Record jobs of one tenant, all of them or none, and the batch that they are; return it and whether it is new.

        The jobs name `batch_id` as theirs, and there is at least one. Its key is apart from those of jobs; else, and
        with the `envelopes` of the jobs, as `submit`. A batch is kept for as long after its last job's end as a job is.
        """

    def repeated_batch(self, idempotency_key: str, *, tenant: str, fingerprint: str) -> Batch | None:
        """Return the batch that was submitted with this key, if there is one; raise Conflict as `submit` would."""

    def batch(self, batch_id: str, *, tenant: str | None = None) -> Batch:
        """Return a batch, given a `tenant` only if it is theirs; raise NotFound or Gone. It changes as its jobs do."""

    def batches(self, *, tenant: str, cursor: str | None, limit: int) -> BatchPage:
        """Return a page of a tenant's batches, expired ones too; raise InvalidInput for a cursor that is not ours."""

    def members(self, batch_ids: Sequence[str], *, limit: int | None = None) -> Mapping[str, Sequence[Member]]:
        """Return the jobs of each batch, as they were given, the first `limit` of them; unknown batches are left out."""

    def cancel_batch(self, batch_id: str) -> Batch:
        """Cancel every job of a batch that has not ended, as `cancel` does; raise as `batch`."""

    def get(self, job_id: str, *, tenant: str | None = None) -> Job:
        """Return a job, given a `tenant` only if it is theirs; raise NotFound for an unknown one, Gone for an expired one."""

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

    def release(self, job_id: str, *, worker: str, delay_s: float = 0, lost: bool = False) -> bool:
        """Give a job back: it is queued again, to be sent by the caller, or by the sweeper a lease after `delay_s`.

        `worker` may be a process or the name before its colon. `lost` counts against the job, and may end it as
        exhausted. Return whether it is to be sent.
        """

    def await_children(self, job_id: str, children: Sequence[NewJob], then: NewJob) -> Sequence[Job]:
        """Record `children` as queued, and `then`, to be queued when all of them have succeeded; return what to send.

        The job itself stays running, held by nobody. Its deadline is theirs. A child that ends otherwise than well
        ends the job in the same way and cancels its siblings; when `then` succeeds, its result is the job's. A job that
        waits for children already, or has ended, stays as it is, and nothing is returned.
        """

    def finish(self, job_id: str, result: Mapping[str, Any]) -> Sequence[Job]:
        """End a job well, and return the jobs that this made due, to be sent now; a job that ended before stays.

        Raise TooLarge for a result above RESULT_LIMIT_BYTES.
        """

    def fail(self, job_id: str, failure: Failure, *, dead: bool = False, worker: str | None = None) -> None:
        """End a job badly, as cancelled if that is the failure's code; `dead` adds it to the dead letters.

        Given a `worker`, only if it still holds the job: another one may be at it by now.
        """

    def cancel(self, job_id: str) -> Job:
        """Cancel a queued job at once, a running one at its next renewal; children with it. Final jobs stay."""

    def lapsed(self, *, limit: int) -> Sequence[Job]:
        """Claim up to `limit` jobs to be sent again; two callers never get the same one at the same time.

        Jobs found past their deadline, cancelled or exhausted are ended on the way.
        """

    def waiting(self, kind: str, *, older_s: float = 0, limit: int) -> Sequence[Job]:
        """Return queued jobs that were sent or posted more than `older_s` ago, held ones too, the longest waiting first."""

    def oldest_wait_s(self, kinds: Collection[str]) -> float:
        """Return for how many seconds the one of the queued jobs of `kinds` has waited that waits for longest; 0: none.

        From when its message was sent, by the store's clock.
        """

    def dead_count(self) -> int:
        """Return how many dead letters there are, of all tenants."""

    def take_ends(self, *, limit: int) -> Sequence[End]:
        """Remove and return up to `limit` ends of jobs, parts included, the oldest first: each is taken once.

        Only so many are kept for whoever counts them.
        """

    def prune(self, *, limit: int) -> Sequence[str]:
        """Forget up to `limit` jobs whose retention has ended, but for a tombstone; return their ids."""

    def events(self, job_id: str, *, after: str | None, limit: int = 1000) -> Sequence[Event]:
        """Return a job's events after the id `after`, oldest first."""

    def many(self, job_ids: Sequence[str]) -> Mapping[str, Job]:
        """Return the jobs that there are among `job_ids`, of whichever tenant; the others are left out."""

    def looks(self, after: Mapping[str, str | None], *, limit: int = 1000) -> Mapping[str, Look]:
        """Return the jobs that there are among the keys, each with up to `limit` events after the id given (None: all)."""

    def changes(self, *, after: str | None, wait_s: float) -> tuple[str, Mapping[str, str | None]]:
        """Wait for changes of any job; return a position to go on from, and the ids that changed, in order.

        Each with the id of the job's last event before the change, None where there was none: what `looks` takes. With
        `after` None only the present position is returned, at once.
        """

    def dead_letters(self, *, tenant: str, limit: int) -> Sequence[DeadLetter]:
        """Return the newest dead letters of a tenant."""

    def bury(self, job_id: str) -> DeadLetter:
        """Remove a dead letter and return it; raise NotFound."""

    def counts(self, *, tenant: str | None = None) -> Mapping[tuple[str, State], int]:
        """Return how many recorded jobs there are by kind and state, without children: a tenant's, or all."""

    def traces_today(self, tenant: str) -> int:
        """Return how many traces the tenant's jobs asked for since midnight, UTC."""

    def owners(self, job_ids: Sequence[str]) -> Mapping[str, str]:
        """Return the tenants of those jobs that are recorded."""

    def ping(self) -> None:
        """Return if the store answers; raise StoreUnavailable."""


@dataclass(frozen=True, slots=True)
class Memory:
    """How full a server is that keeps its data in memory."""

    used_bytes: int
    limit_bytes: int | None
    """None where it may use all that there is."""


class Workers(Protocol):
    """Which workers are alive."""

    def beat(
        self,
        worker: str,
        *,
        queue: str,
        ttl_s: float,
        processes: int | None = None,
        busy: int | None = None,
        abilities: Abilities | None = None,
    ) -> None:
        """Note that a worker of `queue` is alive, and will be for `ttl_s`; how many jobs it runs at once at most, and now.

        What is None is not noted; `abilities` are what it can do beyond the others of its pool.
        """

    def leave(self, worker: str, *, queue: str) -> None:
        """Note that a worker has stopped."""

    def alive(self) -> Mapping[str, Sequence[str]]:
        """Return the names of the workers alive, sorted, by queue."""

    def processes(self, workers: Sequence[str]) -> Mapping[str, int]:
        """Return how many jobs these workers run at once, of those that are alive and say so."""

    def busy(self, workers: Sequence[str]) -> Mapping[str, int]:
        """Return how many jobs these workers ran when they said so last, of those that are alive and do."""

    def abilities(self, workers: Sequence[str]) -> Mapping[str, Abilities]:
        """Return what these workers can do, of those that are alive and say so."""


class Pools(Protocol):
    """The processes of running workers."""

    def resize(self, sizes: Mapping[str, int]) -> Mapping[str, int]:
        """Have workers keep so many processes; return how many each one that answered has now.

        A process that runs a job is not stopped, so there may be more than were asked for. May be asked twice.
        """


@dataclass(frozen=True, slots=True)
class Artifact:
    """Stored bytes, named by their digest."""

    id: str
    """`sha256:<hex>`"""
    bytes: int
    media_type: str
    stored_at: float = field(default=0.0, compare=False)
    """When it was uploaded last, in seconds since the epoch."""


class Artifacts(Protocol):
    """Uploaded bytes of each tenant, by content. Nothing is visible before it is whole, or to another tenant."""

    def put(self, tenant: str, chunks: Iterable[bytes], *, media_type: str, limit_bytes: int) -> tuple[Artifact, bool]:
        """Store bytes; return the artifact and whether it is new; raise TooLarge, leaving nothing."""

    def stat(self, tenant: str, artifact_id: str) -> Artifact:
        """Return what is known of an artifact; raise NotFound."""

    def read(self, tenant: str, artifact_id: str) -> Iterator[bytes]:
        """Yield an artifact's bytes in pieces; raise NotFound."""

    def path(self, tenant: str, artifact_id: str) -> Path:
        """Return where an artifact's bytes lie on this machine, read-only; raise NotFound."""

    def delete(self, tenant: str, artifact_id: str) -> None:
        """Remove an artifact; raise NotFound."""

    def every(self, tenant: str) -> Iterator[Artifact]:
        """Yield the tenant's artifacts, by id."""

    def usage(self, tenant: str) -> int:
        """Return the bytes that the tenant's artifacts take."""

    def erase(self, tenant: str) -> None:
        """Remove all artifacts of the tenant."""


class Files(Protocol):
    """Files of one job: what its parts leave for each other, and its reports. Writes are whole or not there."""

    def write(self, job: str, name: str, chunks: Iterable[bytes]) -> None:
        """Store a file, replacing one of that name."""

    def path(self, job: str, name: str) -> Path:
        """Return where a file lies; raise NotFound."""

    def names(self, job: str) -> Sequence[str]:
        """Return the names of a job's files, sorted."""

    def folder(self, job: str) -> Path:
        """Return the job's folder, made if need be: for files too large to pass through memory."""

    def delete(self, job: str, name: str) -> None:
        """Remove a file, if it is there."""

    def remove(self, job: str) -> None:
        """Remove all of a job's files, if there are any."""

    def sizes(self) -> Mapping[str, int]:
        """Return the bytes that the files of each job take."""


class ModelStates(Protocol):
    """What the machines of the farm say of their models."""

    def read(self, now: float) -> Sequence[NodeModels]:
        """Return what each machine said last, by its name; one that is silent at `now`, in seconds, is left out."""
