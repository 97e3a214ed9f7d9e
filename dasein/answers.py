"""What a farm says, as frozen dataclasses. `raw` is the answer itself, for whatever a newer farm adds."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self, TypeVar

from dasein.errors import BadAnswer, JobFailed

Document = Mapping[str, Any]
Read = TypeVar("Read")


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
        return self in {State.SUCCEEDED, State.FAILED, State.CANCELLED}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is; `total` 0 means not known yet. Of a campaign: traces."""

    done: int = 0
    total: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job failed."""

    code: str
    message: str
    field: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it was when the farm answered. Times are aware, in UTC."""

    id: str
    kind: str
    state: State
    progress: Progress
    result: Document | None
    """Of a job that succeeded; a campaign's holds its verdict, the report is fetched with `Client.report`."""
    error: Failure | None
    """Of a job that failed."""
    attempts: int
    worker: str | None
    tags: tuple[str, ...]
    priority: int
    submitted_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    queued_s: float | None
    ran_s: float | None
    retry_of: str | None
    cancel_requested: bool
    raw: Document = field(repr=False, compare=False)

    @classmethod
    def read(cls, said: object) -> Self:
        """Read an answer; raise BadAnswer."""
        return _read("job", said, cls._of)

    @classmethod
    def _of(cls, said: Document) -> Self:
        progress, timings, error = said["progress"], said["timings"], said["error"]
        return cls(
            id=str(said["id"]),
            kind=str(said["kind"]),
            state=State(said["state"]),
            progress=Progress(int(progress["done"]), int(progress["total"]), str(progress["message"])),
            result=said["result"],
            error=error and Failure(error["code"], error["message"], error.get("field"), error.get("reason")),
            attempts=int(said["attempts"]),
            worker=said["worker"],
            tags=tuple(said["tags"]),
            priority=int(said["priority"]),
            submitted_at=datetime.fromisoformat(timings["submitted_at"]),
            started_at=_time(timings["started_at"]),
            finished_at=_time(timings["finished_at"]),
            queued_s=timings["queued_s"],
            ran_s=timings["ran_s"],
            retry_of=said["retry_of"],
            cancel_requested=bool(said["cancel_requested"]),
            raw=said,
        )


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a job. Ids are ordered; `Client.events` resumes after one."""

    id: str
    name: str
    """`state`, `progress`, `partial` or `done`."""
    data: Document


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A job that was given up: it lost its worker as often as it may."""

    job_id: str
    kind: str
    code: str
    message: str
    attempts: int
    at: datetime
    raw: Document = field(repr=False, compare=False)

    @classmethod
    def read(cls, said: object) -> Self:
        """Read an answer; raise BadAnswer."""
        return _read("dead letter", said, cls._of)

    @classmethod
    def _of(cls, said: Document) -> Self:
        return cls(
            job_id=str(said["job_id"]),
            kind=str(said["kind"]),
            code=str(said["code"]),
            message=str(said["message"]),
            attempts=int(said["attempts"]),
            at=datetime.fromisoformat(said["at"]),
            raw=said,
        )


@contextmanager
def understood(what: str) -> Iterator[None]:
    """Raise BadAnswer where the block finds that a document is not what it should be."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadAnswer(f"The farm's answer is not a {what} that this client knows: {error!r}") from error


def result_of(ended: Job) -> dict[str, Any]:
    """Return what a job that has ended resulted in; raise JobFailed."""
    if ended.state is State.SUCCEEDED:
        return dict(ended.result or {})
    why = ended.error
    raise JobFailed(
        ended.id,
        state=ended.state.value,
        code=None if why is None else why.reason or why.code,
        message=None if why is None else why.message,
    )


def _time(said: str | None) -> datetime | None:
    return None if said is None else datetime.fromisoformat(said)


def _read(what: str, said: object, read: Callable[[Document], Read]) -> Read:
    if not isinstance(said, dict):
        raise BadAnswer(f"The farm's answer is not a {what}.")
    try:
        return read(said)
    except (KeyError, TypeError, ValueError) as error:
        raise BadAnswer(f"The farm's answer is not a {what} that this client knows: {error!r}") from error
