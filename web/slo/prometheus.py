"""Objectives by the recording rules of a Prometheus, asked over its HTTP API."""

from collections.abc import Callable
from datetime import datetime, timedelta
from math import isfinite
from typing import Literal

import httpx
from pydantic import BaseModel, ValidationError

from jobs.errors import StoreUnavailable
from web.slo.measured import NOTHING_YET, Measured, Standing
from web.slo.objectives import Objectives
from web.slo.recorded import HOUR, OBJECTIVE, WHOLE_RATIO, WHOLE_S, WHOLE_TOTAL

SOURCE: Literal["prometheus"] = "prometheus"
ASKED = (OBJECTIVE, HOUR, WHOLE_RATIO, WHOLE_S, WHOLE_TOTAL)
NOT_RECORDED = "Nothing is recorded yet: there were no such events, or Prometheus has only begun."
NO_RULES = "This Prometheus does not have the farm's recording rules: deploy/prometheus/rules/slo.yml."


class _Series(BaseModel):
    metric: dict[str, str]
    value: tuple[float, str]


class _Vector(BaseModel):
    result: list[_Series]


class _Answer(BaseModel):
    data: _Vector


class Prometheus:
    """A Prometheus that evaluates the farm's rules."""

    def __init__(self, url: str, *, timeout_s: float, clock: Callable[[], datetime]) -> None:
        """Ask the one at `url`, which may name a user and a password."""
        self._url = url.rstrip("/")
        self._timeout_s = timeout_s
        self._clock = clock

    def stand(self, objectives: Objectives) -> Standing:
        """Return what the rules have recorded; raise StoreUnavailable if they are not there to be read."""
        found = self._recorded()
        if not any(name == OBJECTIVE for name, _ in found):
            raise StoreUnavailable(NO_RULES)
        return Standing(SOURCE, {each.name: self._measured(each.name, found) for each in objectives.objectives})

    def _measured(self, slo: str, found: dict[tuple[str, str], float]) -> Measured:
        total, ratio = found.get((WHOLE_TOTAL, slo)), found.get((WHOLE_RATIO, slo))
        window_s, budget = found.get((WHOLE_S, slo)), 1 - found.get((OBJECTIVE, slo), 0.0)
        if window_s is None:
            return Measured(reason=NOT_RECORDED)
        since = self._clock() - timedelta(seconds=window_s)
        if ratio is None or not total:
            return Measured(total=total, since=since, window_s=window_s, reason=NOTHING_YET)
        hour = found.get((HOUR, slo))
        return Measured(ratio * total, total, since, window_s, None if hour is None else hour / budget)

    def _recorded(self) -> dict[tuple[str, str], float]:
        """Return the numbers that are recorded, by name and objective; what is no number is left out."""
        query = f'{{__name__=~"{"|".join(ASKED)}"}}'
        try:
            answer = httpx.post(f"{self._url}/api/v1/query", data={"query": query}, timeout=self._timeout_s)
            answer.raise_for_status()
            series = _Answer.model_validate_json(answer.content).data.result
            named = {
                (each.metric.get("__name__", ""), each.metric.get("slo", "")): float(each.value[1]) for each in series
            }
        # ValueError: what it says of itself is no number, or its URL none.
        except (httpx.HTTPError, httpx.InvalidURL, ValidationError, ValueError) as error:
            raise StoreUnavailable(f"Prometheus does not answer: {type(error).__name__}") from error
        return {key: value for key, value in named.items() if isfinite(value)}
