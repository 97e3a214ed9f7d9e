"""A value with how it was found, or the reason why there is none."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from jobs.rem import Derivation

T = TypeVar("T")
HALF = 2
"""Observations at which half of what a method can be trusted is reached."""


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A value, None where it cannot be known, and its entry in `fields`."""

    value: T | None
    how: Derivation


def found(value: T, method: str, confidence: float, *, model: str | None = None) -> Found[T]:
    """Return a value that a method of docs/remforge/words.md found."""
    return Found(value, Derivation(method=method, model=model, confidence=round(confidence, 3)))


def unknown(reason: str) -> Found[T]:
    """Return that a value cannot be known, and why."""
    return Found(None, Derivation(reason=reason))


def trust(ceiling: float, count: float, share: float = 1.0) -> float:
    """Return a confidence: ceiling * share * count / (count + HALF).

    `ceiling` is how often the method is right at best, `count` how much it saw, `share` how much of that agrees.
    """
    return ceiling * share * count / (count + HALF)
