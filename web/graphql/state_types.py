"""Where jobs stand, as the graph shows it."""

import strawberry

from jobs.model import State

JobState = strawberry.enum(State, name="JobState", description="Where a job stands; the last three are final.")


@strawberry.type
class Progress:
    """How far a job is; `total` 0: not known yet."""

    done: int
    total: int
    message: str


@strawberry.type
class Failure:
    """Why a job failed."""

    code: str
    message: str
    field: str | None
    reason: str | None
