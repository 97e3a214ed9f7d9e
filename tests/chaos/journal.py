"""What clients have asked a farm for, written down before they ask: the other side of the books."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

TAG = "chaos"


@dataclass(slots=True)
class Submission:
    """A job that a client wants to have, once, whatever becomes of the answer."""

    key: str
    """The idempotency key under which it is asked for, until there is an answer."""
    kind: str
    params: Mapping[str, Any]
    subject: str = ""
    """Of a campaign: which one; of an ingestion: what it is called."""
    batch: str | None = None
    """The key of the batch that it is asked for with, if it is."""
    deadline_s: float | None = None
    job_id: str | None = None
    refused: str | None = None
    """Why the farm will not have it."""
    to_cancel: bool = False
    answered_s: float | None = None
    """From the first try to the answer."""


@dataclass(slots=True)
class Journal:
    """All submissions of a run; clients write, the audit reads."""

    submissions: list[Submission] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """What clients saw that may never be seen."""
    given_up: list[str] = field(default_factory=list)
    """Calls that were given up, and why; what asks for a job is asked again later."""
    _lock: Lock = field(default_factory=Lock)

    @property
    def open(self) -> list[Submission]:
        """Return what there was no answer to yet."""
        return [one for one in self.submissions if one.job_id is None and one.refused is None]

    def note(self, submission: Submission) -> None:
        """Write down what is about to be asked for."""
        with self._lock:
            self.submissions.append(submission)

    def saw(self, wrong: str) -> None:
        """Write down what a client should not have seen."""
        with self._lock:
            self.wrong.append(wrong)

    def gave_up(self, why: str) -> None:
        """Write down a call that was given up."""
        with self._lock:
            self.given_up.append(why)
