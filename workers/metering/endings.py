"""How jobs have ended, in words that are few: labels of Prometheus."""

from typing import Final

from jobs import errors
from jobs.model import FINAL, State
from stores.ports import End

OTHER: Final = "other"
REFUSED: Final = "refused"
"""Failed for what its client asked for: no fault of the farm."""
INTERNAL: Final = "internal"
"""The code of what we did not expect."""
ASKED_FOR = frozenset(
    error.code
    for error in (
        errors.InvalidInput,
        errors.InvalidFirmware,
        errors.NotFound,
        errors.Gone,
        errors.Conflict,
        errors.TooLarge,
        errors.QuotaExceeded,
    )
)
OURS = frozenset({INTERNAL, errors.EngineMismatch.code})
"""Faults of the farm that somebody is told of at the first."""
CODES = (
    ASKED_FOR
    | OURS
    | {
        error.code
        for error in (
            errors.Overloaded,
            errors.DeadlineExceeded,
            errors.WorkerLost,
            errors.OutOfBudget,
            errors.Transient,
            errors.StoreUnavailable,
            errors.SimulatorLost,
        )
    }
)
OUTCOMES = (*(state.value for state in State if state in FINAL), REFUSED)


def outcome_of(end: End) -> str:
    """Return how a job ended."""
    return REFUSED if end.state is State.FAILED and end.code in ASKED_FOR else end.state.value


def code_of(end: End) -> str:
    """Return why a job has failed."""
    return end.code if end.code is not None and end.code in CODES else OTHER
