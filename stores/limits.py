"""Token buckets: how often something may be done, counted for all processes of the farm."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import Protocol

MICROS = 1_000_000


@dataclass(frozen=True)
class Bucket:
    """`size` tokens at most, of which one comes back every `window_s / size`."""

    id: str
    size: int
    window_s: float = 60

    @cached_property
    def window_us(self) -> int:
        """Return how long an empty bucket takes to be full."""
        return ceil(self.window_s * MICROS)

    @cached_property
    def step_us(self) -> float:
        """Return how long a token takes to come back."""
        return self.window_us / self.size


@dataclass(frozen=True, slots=True)
class Level:
    """How full a bucket is."""

    left: int
    """Whole tokens."""
    full_in_s: float
    enough_in_s: float = 0
    """When what was refused could be taken; 0 if it was not refused by this bucket."""

    @classmethod
    def of(cls, bucket: Bucket, missing_us: int, *, refused: int = 0) -> "Level":
        """Return the level of a bucket that is full in `missing_us`, and was asked for `refused` tokens."""
        left = int((bucket.window_us - missing_us) / bucket.step_us + 1e-6)
        short_us = missing_us + refused * bucket.step_us - bucket.window_us
        return cls(max(0, left), missing_us / MICROS, max(0.0, short_us / MICROS) if refused else 0)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an attempt to take tokens, and the level of each bucket after it."""

    granted: bool
    levels: Sequence[Level]


class Buckets(Protocol):
    """Buckets that are full until somebody takes of them."""

    def take(self, buckets: Sequence[Bucket], tokens: Sequence[int] | None = None) -> Taken:
        """Take `tokens` of every bucket, one if none are given, or of none if one has too few; raise StoreUnavailable."""
