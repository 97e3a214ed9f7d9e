"""What a look at one thing found."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from jobs.errors import DaseinError

Grade = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing, how it is, and what to do about it."""

    about: str
    grade: Grade
    said: str
    advice: str = ""
    """Empty where nothing is to be done."""


def ok(about: str, said: str) -> Finding:
    """Return that all is well."""
    return Finding(about, "ok", said)


def warn(about: str, said: str, advice: str) -> Finding:
    """Return what works, but not as it should, or not for long."""
    return Finding(about, "warn", said, advice)


def fail(about: str, said: str, advice: str) -> Finding:
    """Return what keeps the farm from its promises."""
    return Finding(about, "fail", said, advice)


@contextmanager
def answering(about: str, found: list[Finding], advice: str) -> Iterator[None]:
    """Note a failure for what does not answer; what comes after it in the block is left out."""
    try:
        yield
    except (DaseinError, OSError) as error:
        found.append(fail(about, error.message if isinstance(error, DaseinError) else str(error), advice))
