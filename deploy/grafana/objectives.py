"""What the farm promises, and how it stands to that."""

from deploy.grafana.panels import GREEN, RED, YELLOW, Choice, Dashboard, Graph, Limit, Number, Query, Row
from deploy.prometheus.build import OBJECTIVES
from web.slo.objectives import Objective, read
from web.slo.recorded import BAD, BAD_RATIO, BUDGET_LEFT, OBJECTIVE, TOTAL, WHOLE_RATIO

GIVEN = read(OBJECTIVES)
SLO = '{slo=~"$slo"}'


def _numbers(objective: Objective) -> tuple[Number, Number]:
    of = f'{{slo="{objective.name}"}}'
    return (
        Number(
            objective.title,
            Query(f"1 - {WHOLE_RATIO}{of}"),
            unit="percentunit",
            good=RED,
            limits=(Limit(objective.objective, GREEN),),
            about=f"{objective.meaning} Promised: {objective.objective * 100:g} %.",
            width=6,
        ),
        Number(
            "Budget left",
            Query(f"{BUDGET_LEFT}{of}"),
            unit="percentunit",
            good=RED,
            limits=(Limit(0, YELLOW), Limit(0.25, GREEN)),
            about="1: nothing of it is spent; below 0: more than there was.",
            width=6,
        ),
    )


NOW = tuple(number for objective in GIVEN.objectives for number in _numbers(objective))
PACE = (
    Graph("Budget left", (Query(f"{BUDGET_LEFT}{SLO}", "{{slo}}"),), "percentunit", width=24),
    Graph(
        "Pace of an hour",
        (Query(f"{BAD_RATIO.format(window='1h')}{SLO} / on (slo) (1 - {OBJECTIVE}{SLO})", "{{slo}}"),),
        about="How many times as fast the budget goes as would leave nothing at the end. Above 14.4 somebody is called.",
    ),
    Graph(
        "Pace of a day",
        (Query(f"{BAD_RATIO.format(window='1d')}{SLO} / on (slo) (1 - {OBJECTIVE}{SLO})", "{{slo}}"),),
        about="Above 3 there is a ticket.",
    ),
    Graph("Events", (Query(f"{TOTAL}{SLO}", "{{slo}}"),), "ops"),
    Graph("Bad events", (Query(f"{BAD}{SLO}", "{{slo}}"),), "ops"),
)

SLOS = Dashboard(
    "dasein-slo",
    "Dasein: objectives",
    f"What the farm promises over {GIVEN.window_days} days, and how it stands to that.",
    (Row(f"{GIVEN.window_days} days", NOW), Row("Pace", PACE)),
    (Choice("slo", "Objective", tuple(objective.name for objective in GIVEN.objectives)),),
)
