"""How the farm stands to one objective."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import isclose, isfinite
from typing import Literal, Protocol

from web.slo.objectives import Objective, Objectives, matches

NOTHING_YET = "Nothing that counts has happened in this time."


@dataclass(frozen=True, slots=True)
class Sample:
    """One number of one series, as it is exported."""

    name: str
    labels: dict[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What was counted since a moment; `reason` says why there is nothing to tell."""

    bad: float | None = None
    total: float | None = None
    since: datetime | None = None
    window_s: float | None = None
    burn_rate: float | None = None
    """Of the last hour: how many times as fast the budget goes as would leave nothing at its end."""
    reason: str | None = None

    @property
    def good_ratio(self) -> float | None:
        """Return the share of events that were good."""
        if not self.total or self.bad is None:
            return None
        return 1 - self.bad / self.total

    def budget_left(self, objective: Objective) -> float | None:
        """Return the share of the error budget that is left: 1 all, 0 nothing, less than 0 overspent."""
        good = self.good_ratio
        return None if good is None else 1 - (1 - good) / (1 - objective.objective)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the farm stands to all objectives, by name, who says so, and what they could not be asked."""

    source: Literal["prometheus", "farm"]
    measured: dict[str, Measured]
    degraded: str | None = None


class Source(Protocol):
    """Knows what was counted."""

    def stand(self, objectives: Objectives) -> Standing:
        """Return how things stand; raise StoreUnavailable if nobody can be asked."""


def counted(objective: Objective, samples: Iterable[Sample]) -> tuple[float, float]:
    """Return how many of an objective's events were bad, and how many there were."""
    of = [each for each in samples if each.name.startswith(objective.metric) and matches(each.labels, objective.of)]
    if objective.counter is not None:
        all_of = [each for each in of if each.name == objective.counter]
        bad = sum(each.value for each in all_of if matches(each.labels, objective.bad))
        return bad, sum(each.value for each in all_of)
    total = sum(each.value for each in of if each.name == f"{objective.histogram}_count")
    buckets = [each for each in of if each.name == f"{objective.histogram}_bucket"]
    within = sum(each.value for each in buckets if _is_bound(each, objective.within_s or 0))
    return max(0.0, total - within), total


def _is_bound(sample: Sample, within_s: float) -> bool:
    bound = float(sample.labels.get("le", "inf"))
    return isfinite(bound) and isclose(bound, within_s)
