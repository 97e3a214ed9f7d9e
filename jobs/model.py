"""Jobs as every process sees them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """Where a job stands; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Say whether nothing can change the state any more."""
        return self in FINAL


FINAL = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED})


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is; `total` 0 means not known yet."""

    done: int = 0
    total: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job failed, in public words."""

    code: str
    message: str
    field: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to be recorded: what the submitter decides."""

    id: str
    kind: str
    params: Mapping[str, Any]
    tenant: str = "default"
    priority: int = 5
    """0 (least) to 9 (most urgent)."""
    tags: tuple[str, ...] = ()
    deadline_at: datetime | None = None
    parent: str | None = None
    """The job this one is a part of; children are not listed."""
    retry_of: str | None = None
    callback_url: str | None = None
    """Whom to tell when it has ended."""
    batch: str | None = None
    """The batch that it is submitted with."""
    traceparent: str | None = None
    """The span that it comes from (`jobs.tracing`), for whoever sends it, however late."""


@dataclass(frozen=True, slots=True)
class Job:
    """A recorded job. Times are UTC."""

    id: str
    kind: str
    state: State
    params: Mapping[str, Any]
    tenant: str
    priority: int
    submitted_at: datetime
    tags: tuple[str, ...] = ()
    started_at: datetime | None = None
    """The first attempt's start."""
    finished_at: datetime | None = None
    deadline_at: datetime | None = None
    progress: Progress = field(default_factory=Progress)
    result: Mapping[str, Any] | None = None
    error: Failure | None = None
    attempts: int = 0
    waited_s: float | None = None
    """How long it had been due when its last attempt started."""
    worker: str | None = None
    parent: str | None = None
    retry_of: str | None = None
    batch: str | None = None
    traceparent: str | None = None
    cancel_requested: bool = False
    callback_url: str | None = None
    version: int = 0
    """Grows with every change that a client can see; the ETag."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Jobs that were submitted together, and how many of them stand where. Times are UTC."""

    id: str
    tenant: str
    submitted_at: datetime
    states: Mapping[State, int]
    """Every state, also those that no job is in."""
    finished_at: datetime | None = None
    version: int = 0
    """Grows with every change of a job's state; the ETag."""

    @property
    def size(self) -> int:
        """Return how many jobs there are."""
        return sum(self.states.values())

    @property
    def ended(self) -> int:
        """Return how many jobs have ended."""
        return sum(self.states[state] for state in FINAL)


@dataclass(frozen=True, slots=True)
class Member:
    """A job of a batch in one line; without a state it has expired before the batch."""

    id: str
    kind: str | None = None
    state: State | None = None
    error: Failure | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a job's event stream; ids are ordered and resume a stream."""

    id: str
    name: str
    """`state`, `progress`, `partial` or `done`."""
    data: Mapping[str, Any]
