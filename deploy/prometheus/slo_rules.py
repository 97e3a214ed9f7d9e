"""The rules of objectives: what they record, and alerts on how fast error budgets are spent.

Alerts are those of the Site Reliability Workbook, chapter 5: a fast burn in a long window that still goes on in a short
one. Longer windows are sums over what is recorded of five minutes, so that every event counts once, on a busy day or a
quiet one, and a month costs no more than reading one series.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from web.slo.objectives import Objective, Objectives
from web.slo.recorded import (
    BAD,
    BAD_RATIO,
    BUDGET_LEFT,
    OBJECTIVE,
    TOTAL,
    WHOLE_RATIO,
    WHOLE_S,
    WHOLE_TOTAL,
)

EVERY_S = 30
"""How often events are recorded."""
BUDGET_EVERY = "2m"
MONTH_DAYS = 30
"""Of which the factors below are shares."""
RUNBOOK = "docs/runbook.md#"

Rule = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Burn:
    """Budget that is spent `factor` times as fast as would leave nothing after the whole window."""

    factor: float
    long: str
    short: str
    long_s: int


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alert: any of its burns fires it."""

    name: str
    severity: str
    burns: tuple[Burn, ...]
    spends: str


ALARMS = (
    Alarm(
        "DaseinErrorBudgetBurnsFast",
        "page",
        (Burn(14.4, "1h", "5m", 3600), Burn(6, "6h", "30m", 6 * 3600)),
        "2 % of a month's budget in an hour, or 5 % in six",
    ),
    Alarm(
        "DaseinErrorBudgetBurnsSlowly",
        "ticket",
        (Burn(3, "1d", "2h", 86_400), Burn(1, "3d", "6h", 3 * 86_400)),
        "10 % of a month's budget in a day, or in three",
    ),
)
WINDOWS = ("30m", "1h", "2h", "6h", "1d", "3d")
"""Beside the five minutes that are recorded anyway."""


def groups(given: Objectives, *, alarms: Sequence[Alarm] = ALARMS) -> list[dict[str, Any]]:
    """Return the groups of rules, as a rule file has them."""
    return [
        {
            "name": "slo-events",
            "interval": f"{EVERY_S}s",
            "rules": [rule for each in given.objectives for rule in _events(each)],
        },
        {"name": "slo-burn", "interval": f"{EVERY_S}s", "rules": list(_burns())},
        {"name": "slo-budget", "interval": BUDGET_EVERY, "rules": list(_budget(given))},
        {"name": "slo-alerts", "interval": f"{EVERY_S}s", "rules": list(_alerts(given, alarms))},
    ]


def selector(metric: str, *matchers: Mapping[str, str]) -> str:
    """Return a selector of series whose labels match whole regular expressions."""
    inside = ",".join(f'{label}=~"{_quoted(value)}"' for each in matchers for label, value in each.items())
    return f"{metric}{{{inside}}}" if inside else metric


def events_of(objective: Objective, window: str) -> tuple[str, str]:
    """Return expressions of bad and of all events a second."""
    if objective.counter is not None:
        total = f"sum(rate({selector(objective.counter, objective.of)}[{window}]))"
        bad = f"sum(rate({selector(objective.counter, objective.of, objective.bad)}[{window}]))"
        # What never happened has no series: it is none, as long as there is anything at all.
        return f"{bad}\nor\n0 * {total}", total
    total = f"sum(rate({selector(f'{objective.histogram}_count', objective.of)}[{window}]))"
    within = selector(f"{objective.histogram}_bucket", objective.of, {"le": bound(objective.within_s or 0)})
    return f"clamp_min({total} - sum(rate({within}[{window}])), 0)", total


def bound(value: float) -> str:
    """Return an expression for a bucket's boundary, which is written `5` or `5.0`."""
    return f"{value:g}".replace(".", "[.]") + ("([.]0)?" if value == int(value) else "")


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _events(objective: Objective) -> Iterator[Rule]:
    bad, total = events_of(objective, "5m")
    labels = {"slo": objective.name}
    yield {"record": OBJECTIVE, "expr": f"vector({objective.objective:g})", "labels": labels}
    yield {"record": TOTAL, "expr": total, "labels": labels}
    yield {"record": BAD, "expr": bad, "labels": labels}


def _burns() -> Iterator[Rule]:
    # Without events there is no share, and nothing to be alarmed about.
    yield {"record": BAD_RATIO.format(window="5m"), "expr": f"{BAD} / ({TOTAL} > 0)"}
    for window in WINDOWS:
        yield {"record": BAD_RATIO.format(window=window), "expr": _share(window)}


def _budget(given: Objectives) -> Iterator[Rule]:
    window = f"{given.window_days}d"
    yield {"record": WHOLE_RATIO, "expr": _share(window)}
    yield {"record": WHOLE_TOTAL, "expr": f"sum_over_time({TOTAL}[{window}]) * {EVERY_S}"}
    yield {"record": WHOLE_S, "expr": f"count_over_time({TOTAL}[{window}]) * {EVERY_S}"}
    yield {"record": BUDGET_LEFT, "expr": f"1 - {WHOLE_RATIO} / on (slo) (1 - {OBJECTIVE})"}


def _share(window: str) -> str:
    return f"sum_over_time({BAD}[{window}]) / (sum_over_time({TOTAL}[{window}]) > 0)"


def _alerts(given: Objectives, alarms: Sequence[Alarm]) -> Iterator[Rule]:
    for objective in given.objectives:
        for alarm in alarms:
            yield {
                "alert": alarm.name,
                "expr": "\nor\n".join(_burning(objective, burn, given.window_days) for burn in alarm.burns),
                "labels": {"severity": alarm.severity, "slo": objective.name},
                "annotations": {
                    "summary": f"{objective.title}: the error budget of {objective.name} goes too fast",
                    "description": (
                        f"{objective.meaning} The objective is {objective.objective * 100:g} %; at this pace "
                        f"{alarm.spends} is spent. Lately {{{{ $value | humanizePercentage }}}} of events were bad."
                    ),
                    "runbook": f"{RUNBOOK}{alarm.name.lower()}",
                },
            }


def _burning(objective: Objective, burn: Burn, days: int) -> str:
    # A factor is a share of the month's budget in a window; a shorter or longer month has another pace.
    worst = burn.factor * days / MONTH_DAYS * (1 - objective.objective)
    this = f'{{slo="{objective.name}"}}'
    long, short = BAD_RATIO.format(window=burn.long), BAD_RATIO.format(window=burn.short)
    return (
        f"(\n  {long}{this} > {worst:.6g}\n  and\n  {short}{this} > {worst:.6g}\n  and\n"
        f"  sum_over_time({BAD}{this}[{burn.long}]) * {EVERY_S} >= {objective.least_bad}\n)"
    )
