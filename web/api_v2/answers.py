"""What the API says about jobs, as models: the documentation is made from the same lines."""

from datetime import datetime
from typing import Any, Self

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from jobs.model import Job, State
from jobs.queue import CALIBRATION, FORGE, FORGE_BATCH, FORGE_SEQUENCE, MEASURED, PROFILE, REPORTED
from web.routing import PREFIX

FORGING = frozenset({FORGE.name, FORGE_BATCH.name, FORGE_SEQUENCE.name})
"""Jobs that make records of files."""


class Shown(BaseModel):
    """A frozen answer."""

    model_config = ConfigDict(frozen=True)


class ProgressView(Shown):
    """How far a job is."""

    done: int
    total: int = Field(description="0: not known yet.")
    message: str


class FailureView(Shown):
    """Why a job failed."""

    code: str
    message: str
    field: str | None = None
    reason: str | None = None


class TimingsView(Shown):
    """When it happened (UTC), and how long it took."""

    submitted_at: datetime
    started_at: datetime | None = Field(description="Start of the first attempt.")
    finished_at: datetime | None
    queued_s: float | None = Field(description="From submission to the first start; null until then.")
    ran_s: float | None = Field(description="From the first start to the end; null until then.")

    @classmethod
    def of(cls, job: Job) -> Self:
        """Read the clock of a job."""
        started, finished = job.started_at, job.finished_at
        return cls(
            submitted_at=job.submitted_at,
            started_at=started,
            finished_at=finished,
            queued_s=None if started is None else (started - job.submitted_at).total_seconds(),
            ran_s=None if started is None or finished is None else (finished - started).total_seconds(),
        )


class Links(Shown):
    """Where to go on."""

    self: str
    events: str
    report: str | None = Field(
        None, description="Of a campaign, a profiled attack, a calibration, or a sequence of files."
    )
    traces: str | None = Field(None, description="Of a campaign that keeps them.")
    records: str | None = Field(None, description="Of a job that makes records of files.")


class JobView(Shown):
    """A job."""

    id: str
    kind: str
    state: State
    progress: ProgressView
    params: dict[str, Any] | None = Field(None, description="What was asked; null in lists.")
    result: dict[str, Any] | None = Field(description="Of a job that succeeded.")
    error: FailureView | None = Field(description="Of a job that failed.")
    timings: TimingsView
    attempts: int
    worker: str | None
    tags: tuple[str, ...]
    priority: int
    deadline_at: datetime | None
    cancel_requested: bool
    parent: str | None = Field(description="The job that this one is a part of.")
    retry_of: str | None
    batch: str | None = Field(description="The batch that it was submitted with.")
    links: Links

    @classmethod
    def of(cls, job: Job, *, in_list: bool = False) -> Self:
        """Say what is known of a job."""
        failure = job.error
        return cls(
            id=job.id,
            kind=job.kind,
            state=job.state,
            progress=ProgressView(done=job.progress.done, total=job.progress.total, message=job.progress.message),
            params=None if in_list else dict(job.params),
            result=None if job.result is None else dict(job.result),
            error=None
            if failure is None
            else FailureView(code=failure.code, message=failure.message, field=failure.field, reason=failure.reason),
            timings=TimingsView.of(job),
            attempts=job.attempts,
            worker=job.worker,
            tags=tuple(job.tags),
            priority=job.priority,
            deadline_at=job.deadline_at,
            cancel_requested=job.cancel_requested,
            parent=job.parent,
            retry_of=job.retry_of,
            batch=job.batch,
            links=_links(job),
        )


def _links(job: Job) -> Links:
    campaign = f"{PREFIX}/campaigns/{job.id}" if job.kind in REPORTED else None
    forging = f"{PREFIX}/rems/jobs/{job.id}" if job.kind in FORGING else None
    profile = f"{PREFIX}/profiles/{job.id}" if job.kind == PROFILE.name else None
    calibration = f"{PREFIX}/calibrations/{job.id}" if job.kind == CALIBRATION.name else None
    reports = campaign or profile or (forging if job.kind == FORGE_SEQUENCE.name else None)
    return Links(
        self=location(job.id),
        events=f"{location(job.id)}/events",
        report=calibration or (reports and f"{reports}/report"),
        traces=f"{campaign}/traces" if campaign and keeps_traces(job) else None,
        records=forging and f"{forging}/records",
    )


def keeps_traces(job: Job) -> bool:
    """Say whether a campaign leaves its traces: those that were measured are always there."""
    return job.kind == MEASURED.name or bool(job.params.get("keep_traces"))


def location(job_id: str) -> str:
    """Return where a job is found."""
    return f"{PREFIX}/jobs/{job_id}"


def etag(job: Job) -> str:
    """Return the opaque tag of what a client sees of a job."""
    return f"v{job.version}"


def answered(model: BaseModel, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Answer with a model."""
    return Response(model.model_dump_json(), status=status, mimetype="application/json", headers=headers)


def job_answered(job: Job, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Answer with a job and its tag."""
    response = answered(JobView.of(job), status=status, headers=headers)
    response.set_etag(etag(job))
    return response


class JobsView(Shown):
    """Jobs, newest first."""

    jobs: tuple[JobView, ...]
    cursor: str | None = Field(description="Ask for the next page with it; null on the last one.")


class ArtifactView(Shown):
    """Stored bytes."""

    artifact_id: str
    bytes: int
    media_type: str


class DeadLetterView(Shown):
    """A job that was given up."""

    job_id: str
    kind: str
    code: str
    message: str
    attempts: int
    at: str
    parent: str | None = Field(description="The job that this one was a part of, and which failed with it.")


class DeadLettersView(Shown):
    """Dead letters, newest first."""

    dead_letters: tuple[DeadLetterView, ...]
