"""Objectives: what the farm promises, how it stands to that, and what is left of the error budgets."""

from collections.abc import Iterator
from datetime import datetime
from http import HTTPMethod, HTTPStatus
from typing import Literal

from flask import Response
from pydantic import Field

from web.api_v2.answers import Shown, answered
from web.routing import Answer, Api
from web.slo.measured import Source, Standing
from web.slo.objectives import Objectives


class ObjectiveView(Shown):
    """One objective."""

    name: str
    title: str
    meaning: str = Field(description="Which events are good.")
    objective: float = Field(description="The share of events that is to be good.")
    within_s: float | None = Field(description="Events that take longer are bad; null where time is not what counts.")
    measured: float | None = Field(description="The share that was good; null where that is not known.")
    total: float | None = Field(description="Events that were counted.")
    bad: float | None = Field(description="Those of them that were bad.")
    budget_left: float | None = Field(
        description="The share of the error budget that is left: 1 all of it, 0 nothing, below 0 overspent."
    )
    burn_rate: float | None = Field(
        description="Of the last hour: how many times as fast the budget goes as would leave nothing at the end."
    )
    since: datetime | None = Field(description="What is counted happened after it.")
    window_s: float | None = Field(description="How long that is.")
    reason: str | None = Field(description="Why nothing is known.")


class SloView(Shown):
    """All objectives."""

    source: Literal["prometheus", "farm"] = Field(
        description="Who counted: a Prometheus over the whole window, or this farm itself since its start."
    )
    degraded: str | None = Field(description="What could not be asked.")
    window_s: float = Field(description="The time over which the objectives hold.")
    objectives: tuple[ObjectiveView, ...]


def slo_api(objectives: Objectives, source: Source) -> Api:
    """Serve objectives."""
    api = Api("slo")

    @api.on(
        HTTPMethod.GET,
        path="/slo",
        summary="Look at the objectives",
        answers=(Answer(HTTPStatus.OK, "Objectives, and how the farm stands to them.", SloView),),
    )
    def show_slo() -> Response:
        """Say what the farm promises, what was measured of it, and how much of each error budget is left.

        With a Prometheus (`DASEIN_PROMETHEUS_URL`) its recording rules are asked; else the farm's own counters are, which
        know less: what they do not know is null, with a reason.
        """
        standing = source.stand(objectives)
        return answered(
            SloView(
                source=standing.source,
                degraded=standing.degraded,
                window_s=objectives.window_s,
                objectives=tuple(_views(objectives, standing)),
            )
        )

    return api


def _views(objectives: Objectives, standing: Standing) -> Iterator[ObjectiveView]:
    for objective in objectives.objectives:
        measured = standing.measured[objective.name]
        yield ObjectiveView(
            name=objective.name,
            title=objective.title,
            meaning=objective.meaning,
            objective=objective.objective,
            within_s=objective.within_s,
            measured=measured.good_ratio,
            total=measured.total,
            bad=measured.bad,
            budget_left=measured.budget_left(objective),
            burn_rate=measured.burn_rate,
            since=measured.since,
            window_s=measured.window_s,
            reason=measured.reason,
        )
