"""Objectives: shares of events that are to be good, as `config/slo.toml` has them."""

import re
import tomllib
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

LEAST = 0.94
"""Below it no share of bad events spends a month's budget fast enough for a page: 14.4 times 0.06 is nearly all."""


class Objective(BaseModel):
    """One promise. Labels are matched by regular expressions, whole."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z-]{0,40}$")
    title: str
    meaning: str
    objective: float = Field(ge=LEAST, lt=1, description="The share of events that is to be good.")
    least_bad: int = Field(ge=1, description="Bad events that an alert takes.")
    counter: str | None = None
    histogram: str | None = None
    within_s: float | None = Field(None, gt=0, description="Events of the histogram above it are bad.")
    of: dict[str, str] = Field(description="The events that count.")
    bad: dict[str, str] = {}
    """Those of the counter that are bad."""

    @field_validator("of", "bad")
    @classmethod
    def _are_expressions(cls, value: dict[str, str]) -> dict[str, str]:
        for label, expression in value.items():
            try:
                re.compile(expression)
            except re.error as error:
                msg = f"{label}: {expression!r} is no regular expression: {error}"
                raise ValueError(msg) from error
        return value

    @model_validator(mode="after")
    def _counts_in_one_way(self) -> Self:
        by_counter = self.counter is not None and bool(self.bad) and self.within_s is None
        by_histogram = self.histogram is not None and not self.bad and self.within_s is not None
        if (self.counter is None) == (self.histogram is None) or not (by_counter or by_histogram):
            msg = "give either counter and bad, or histogram and within_s"
            raise ValueError(msg)
        return self

    @property
    def metric(self) -> str:
        """Return the name of the metric that counts the events."""
        return self.counter or self.histogram or ""


class Objectives(BaseModel):
    """All promises, and the days over which they hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    window_days: int = Field(ge=7, le=90)
    objectives: tuple[Objective, ...] = Field(min_length=1)

    @field_validator("objectives")
    @classmethod
    def _have_names_of_their_own(cls, value: tuple[Objective, ...]) -> tuple[Objective, ...]:
        if len({objective.name for objective in value}) < len(value):
            msg = "two objectives have the same name"
            raise ValueError(msg)
        return value

    @property
    def window_s(self) -> int:
        """Return the window in seconds."""
        return self.window_days * 86_400


def read(path: Path) -> Objectives:
    """Return the objectives of a file; raise ValueError, which names what is wrong, for one that has none."""
    return Objectives.model_validate(tomllib.loads(path.read_text()))


def matches(labels: dict[str, str], *wanted: dict[str, str]) -> bool:
    """Say whether labels have all the values that are wanted; a label that is not there is empty."""
    return all(re.fullmatch(expression, labels.get(label, "")) for each in wanted for label, expression in each.items())
