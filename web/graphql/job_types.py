"""Jobs, campaigns and sweeps, as the graph shows them. A resolver returns what is known and notes what it needs (`loading.py`)."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import strawberry
from strawberry.scalars import JSON

from jobs.model import Job as RecordedJob
from jobs.model import State
from jobs.queue import CALIBRATION, CAPTURING, MEASURED, PROFILE, RECORDING, REPORTED
from web.graphql.calibration_types import Calibration
from web.graphql.paging import After, Connection, Context, First, field
from web.graphql.place_types import paged
from web.graphql.profile_types import Profile
from web.graphql.recording_types import Capture, Recording
from web.graphql.report_types import Report
from web.graphql.state_types import Failure, JobState, Progress
from web.graphql.sweeps import noise_of


@strawberry.type(description="A job.")
class Job:
    """A job."""

    recorded: strawberry.Private[RecordedJob]
    id: strawberry.ID
    kind: str
    state: JobState  # type: ignore[valid-type]  # strawberry makes enums of ours
    attempts: int
    priority: int
    tags: list[str]
    worker: str | None
    batch: strawberry.ID | None = strawberry.field(description="The batch that it was submitted with.")
    submitted_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    deadline_at: datetime | None
    cancel_requested: bool

    @classmethod
    def of(cls, job: RecordedJob) -> "Job":
        """Show a job."""
        return cls(
            recorded=job,
            id=strawberry.ID(job.id),
            kind=job.kind,
            state=job.state,
            attempts=job.attempts,
            priority=job.priority,
            tags=list(job.tags),
            worker=job.worker,
            batch=None if job.batch is None else strawberry.ID(job.batch),
            submitted_at=job.submitted_at,
            started_at=job.started_at,
            finished_at=job.finished_at,
            deadline_at=job.deadline_at,
            cancel_requested=job.cancel_requested,
        )

    @field
    def progress(self) -> Progress:
        """How far it is."""
        told = self.recorded.progress
        return Progress(done=told.done, total=told.total, message=told.message)

    @field
    def params(self) -> JSON:
        """What was asked."""
        return JSON(dict(self.recorded.params))

    @field
    def result(self) -> JSON | None:
        """Of a job that succeeded."""
        return None if self.recorded.result is None else JSON(dict(self.recorded.result))

    @field
    def error(self) -> Failure | None:
        """Of a job that failed."""
        error = self.recorded.error
        return None if error is None else Failure(**asdict(error))

    @field
    def parent(self, info: Context) -> "Job | None":
        """The job that this one is a part of."""
        return _job(info, self.recorded.parent)

    @field
    def retry_of(self, info: Context) -> "Job | None":
        """The job that this one runs again."""
        return _job(info, self.recorded.retry_of)

    @field
    def campaign(self) -> "Campaign | None":
        """The same as a campaign, if it is one, simulated or measured."""
        return Campaign.of(self.recorded) if self.recorded.kind in REPORTED else None

    @field
    def profile(self, info: Context) -> Profile | None:
        """What a profiled attack found; null of other jobs, before the end, and once it was removed."""
        told = info.context.profiles.get(self.id) if self._ended_as(PROFILE.name) else None
        return None if told is None else Profile.of(told)

    @field
    def calibration(self, info: Context) -> Calibration | None:
        """What a calibration found; null of other jobs, before the end, and once it was removed."""
        told = info.context.calibrations.get(self.id) if self._ended_as(CALIBRATION.name) else None
        return None if told is None else Calibration.of(told)

    @field
    def recording(self) -> Recording | None:
        """What a recording says of its records; null of other jobs, and before the end."""
        return Recording.of(self.recorded.result or {}) if self._ended_as(RECORDING.name) else None

    @field
    def capture(self) -> Capture | None:
        """What a capture says of its records; null of other jobs, and before the end."""
        return Capture.of(self.recorded.result or {}) if self._ended_as(CAPTURING.name) else None

    def _ended_as(self, kind: str) -> bool:
        return self.recorded.kind == kind and self.recorded.state is State.SUCCEEDED


def _job(info: Context, job_id: str | None) -> Job | None:
    found = None if job_id is None else info.context.jobs.get(job_id)
    return None if found is None else Job.of(found)


@strawberry.type(description="A campaign: traces that were simulated, or measured and imported, and their report.")
class Campaign:
    """A campaign."""

    recorded: strawberry.Private[RecordedJob]
    id: strawberry.ID

    @classmethod
    def of(cls, job: RecordedJob) -> "Campaign":
        """Show a job as the campaign that it is."""
        return cls(recorded=job, id=strawberry.ID(job.id))

    @field
    def job(self) -> Job:
        """The job that it is."""
        return Job.of(self.recorded)

    @field
    def name(self) -> str:
        """As its submitter called it."""
        return str(self.recorded.params.get("name") or "")

    @field
    def measured(self) -> bool:
        """Whether its traces were measured and imported, not simulated."""
        return self.recorded.kind == MEASURED.name

    @field
    def firmware(self) -> str | None:
        """The artifact that runs; null: measured traces of a program that was not given."""
        return self.recorded.params.get("firmware")

    @field
    def artifact(self) -> str | None:
        """The file of measured traces; null of simulated ones."""
        return self.recorded.params.get("artifact")

    @field
    def noise_sigma(self) -> float | None:
        """The noise that it asks for; null: measured traces have that of their bench."""
        return noise_of(self.recorded.params)

    @field
    def sweep(self, info: Context) -> "Sweep | None":
        """The sweep that it is a level of."""
        return sweep_of(info, self.recorded.batch)

    @field
    def verdict(self) -> str | None:
        """The answer in one word; null before the end."""
        return self._told("verdict")  # type: ignore[no-any-return]  # as the result says

    @field
    def headline(self) -> str | None:
        """The answer in one sentence; null before the end."""
        return self._told("headline")  # type: ignore[no-any-return]  # as the result says

    @field
    def findings_count(self) -> int | None:
        """How many findings there are; null before the end."""
        return self._told("findings")  # type: ignore[no-any-return]  # as the result says

    @field
    def max_abs_t(self) -> float | None:
        """The largest |t| of order 1; null: infinite, no t-test, or before the end."""
        return self._told("max_abs_t")  # type: ignore[no-any-return]  # as the result says

    @field
    def key_bytes_recovered(self) -> int | None:
        """Null when the key is unknown, there was no attack, or before the end."""
        return self._told("key_bytes_recovered")  # type: ignore[no-any-return]  # as the result says

    @field
    def report(self, info: Context) -> Report | None:
        """All of it; null before the end, and once it was removed."""
        if self.recorded.state is not State.SUCCEEDED:
            return None
        told = info.context.reports.get(self.recorded.id)
        return None if told is None else Report(told=told)

    def _told(self, name: str) -> Any:
        return (self.recorded.result or {}).get(name)


@strawberry.type(description="One campaign under several levels of noise: submitted together, and alike in all else.")
class Sweep:
    """A sweep of noise."""

    recorded: strawberry.Private[Sequence[RecordedJob]]
    id: strawberry.ID = strawberry.field(description="Of the batch.")

    @field
    def levels(self, first: First = 20, after: After = None) -> Connection[Campaign]:
        """Its campaigns, the least noise first."""
        return paged(Campaign, self.recorded, first=first, after=after)


def sweep_of(info: Context, batch: str | None) -> Sweep | None:
    """Return a batch as the sweep that it is, if it is one."""
    levels = [] if batch is None else info.context.levels(batch)
    return Sweep(recorded=levels, id=strawberry.ID(batch)) if batch is not None and levels else None
