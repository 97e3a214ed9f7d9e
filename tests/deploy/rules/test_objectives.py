"""Rules of objectives: what they record of synthetic events, and when error budgets are spent too fast."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from deploy.prometheus import build
from deploy.prometheus.slo_rules import ALARMS, Burn, groups
from jobs.queue import KINDS
from tests.deploy.rules.promtool import judged, promtool
from web.slo.objectives import Objective, matches, read
from web.slo.recorded import BAD_RATIO, BUDGET_LEFT, WHOLE_RATIO, WHOLE_S, WHOLE_TOTAL

GIVEN = read(build.OBJECTIVES)
FAST = ALARMS[0].name
A_MINUTE = 600
"""Events of every objective."""
LABELS: dict[str, dict[str, str]] = {
    "api-availability": {"route": "/api/v2/jobs/<job:job_id>", "method": "GET", "status": "200"},
    "submit-latency": {"route": "/api/v2/campaigns", "method": "POST"},
    "question-latency": {"kind": "query", "pool": "query"},
    "job-success": {"kind": "remforge.batch", "pool": "remforge", "outcome": "succeeded"},
    "campaign-start": {"kind": "campaign", "pool": "simulation"},
}
BAD = {"api-availability": {"status": "503"}, "job-success": {"outcome": "failed"}}
NAMES = [objective.name for objective in GIVEN.objectives]


@dataclass(frozen=True)
class Phase:
    """So many minutes in which `burn` times the share of events is bad that the budget allows."""

    minutes: int
    burn: float = 0
    a_minute: int = A_MINUTE


@dataclass(frozen=True)
class Course:
    """Phases one after the other, and whether the alarm of one burn fires at which minutes."""

    burn: Burn
    phases: Sequence[Phase]
    firing: dict[int, bool]
    every: str


def series(objective: Objective, phases: Sequence[Phase]) -> list[dict[str, str]]:
    """Return what is exported of an objective's events."""
    labels = LABELS[objective.name]
    assert matches(labels, objective.of)
    budget = 1 - objective.objective
    bad = [(phase.minutes, phase.a_minute * min(1, phase.burn * budget)) for phase in phases]
    good = [(phase.minutes, phase.a_minute - worse) for phase, (_, worse) in zip(phases, bad, strict=True)]
    if objective.counter is not None:
        worse = labels | BAD[objective.name]
        assert matches(worse, objective.of, objective.bad)
        assert not matches(labels, objective.bad)
        # What never went wrong has no series.
        failed = [_series(objective.counter, worse, bad)] if any(phase.burn for phase in phases) else []
        return [*failed, _series(objective.counter, labels, good)]
    total = [(minutes, phase.a_minute) for phase, (minutes, _) in zip(phases, bad, strict=True)]
    within = labels | {"le": str(objective.within_s)}
    return [
        _series(f"{objective.histogram}_count", labels, total),
        _series(f"{objective.histogram}_bucket", within, good),
        _series(f"{objective.histogram}_bucket", labels | {"le": "0.001"}, [(len(phases), 0)]),
    ]


def _series(metric: str, labels: dict[str, str], steps: Sequence[tuple[int, float]]) -> dict[str, str]:
    inside = ", ".join(f'{name}="{value}"' for name, value in labels.items())
    values, now = [], 0.0
    for minutes, step in steps:
        values.append(f"{now:.6f}+{step:.6f}x{minutes - 1}")
        now += step * minutes
    return {"series": f"{metric}{{{inside}}}", "values": " ".join(values)}


def document(
    phases: Sequence[Phase], asked: Sequence[dict[str, Any]], *, rules: Path = build.WRITTEN, every: str = "30s"
) -> dict[str, Any]:
    """Return a test of promtool's of all objectives at once."""
    return {
        "rule_files": [str(rules)],
        "evaluation_interval": every,
        "tests": [
            {
                "interval": "1m",
                "input_series": [each for objective in GIVEN.objectives for each in series(objective, phases)],
                "promql_expr_test": list(asked),
            }
        ],
    }


HOUR = 60
BURNS = {burn.long: burn for alarm in ALARMS for burn in alarm.burns}
# None is longer than 36 hours: promtool then writes blocks in the background, and does not find all that it has.
COURSES = (
    Course(
        BURNS["1h"],
        [Phase(2 * HOUR), Phase(HOUR, 20), Phase(HOUR)],
        {2 * HOUR: False, 2 * HOUR + 30: False, 3 * HOUR - 2: True, 3 * HOUR + 8: False},
        every="30s",
    ),
    Course(
        BURNS["6h"],
        [Phase(3 * HOUR), Phase(4 * HOUR, 12), Phase(HOUR)],
        {3 * HOUR: False, 4 * HOUR: False, 7 * HOUR - 4: True, 7 * HOUR + 36: False},
        every="2m",
    ),
    Course(
        BURNS["1d"],
        [Phase(8 * HOUR), Phase(12 * HOUR, 6), Phase(3 * HOUR)],
        {8 * HOUR: False, 11 * HOUR: False, 20 * HOUR - 5: True, 22 * HOUR + 10: False},
        every="5m",
    ),
    Course(
        BURNS["3d"],
        [Phase(6 * HOUR), Phase(12 * HOUR, 1.9), Phase(7 * HOUR)],
        {6 * HOUR: False, 8 * HOUR: False, 18 * HOUR - 5: True, 24 * HOUR + 10: False},
        every="5m",
    ),
)


@pytest.mark.parametrize("course", COURSES, ids=lambda course: f"{course.burn.long} and {course.burn.short}")
def test_each_burn_of_a_budget_fires_and_resolves(tmp_path: Path, course: Course) -> None:
    (alarm,) = [alarm for alarm in ALARMS if course.burn in alarm.burns]
    rules = tmp_path / "rules.yml"
    rules.write_text(build.written({"groups": groups(GIVEN, alarms=[replace(alarm, burns=(course.burn,))])}))
    asked = [
        {
            "expr": f'count by (slo) (ALERTS{{alertname="{alarm.name}",alertstate="firing",severity="{alarm.severity}"}})',
            "eval_time": f"{at}m",
            "exp_samples": [{"labels": f'{{slo="{name}"}}', "value": 1} for name in NAMES if fires],
        }
        for at, fires in course.firing.items()
    ]

    result = judged(document(course.phases, asked, rules=rules, every=course.every), tmp_path)

    assert result.returncode == 0, result.stdout + result.stderr


def test_an_alarm_of_the_rules_as_they_are_fires_and_resolves_for_every_objective(tmp_path: Path) -> None:
    times = {2 * HOUR: False, 3 * HOUR - 2: True, 4 * HOUR - 2: False}
    asked = [
        {
            "expr": 'ALERTS{alertstate="firing",severity="page"}',
            "eval_time": f"{at}m",
            "exp_samples": [
                {"labels": f'ALERTS{{alertname="{FAST}",alertstate="firing",severity="page",slo="{name}"}}', "value": 1}
                for name in NAMES
                if fires
            ],
        }
        for at, fires in times.items()
    ]

    result = judged(document([Phase(2 * HOUR), Phase(HOUR, 20), Phase(HOUR)], asked, every="1m"), tmp_path)

    assert result.returncode == 0, result.stdout + result.stderr


def test_what_the_budget_allows_alarms_nobody(tmp_path: Path) -> None:
    asked = [{"expr": "ALERTS", "eval_time": f"{at}m", "exp_samples": []} for at in (30, 2 * HOUR - 2)]

    result = judged(document([Phase(2 * HOUR, 0.9)], asked, every="2m"), tmp_path)

    assert result.returncode == 0, result.stdout + result.stderr


def test_a_few_bad_events_of_a_quiet_farm_alarm_nobody(tmp_path: Path) -> None:
    quiet = [Phase(HOUR, a_minute=0), Phase(5, 1000, a_minute=1), Phase(HOUR, a_minute=0)]
    few = [objective.name for objective in GIVEN.objectives if objective.least_bad > 5]
    asked = [
        {"expr": f'ALERTS{{slo="{name}"}}', "eval_time": f"{at}m", "exp_samples": []}
        for name in few
        for at in (HOUR + 4, HOUR + 10)
    ]

    result = judged(document(quiet, asked), tmp_path)

    assert few
    assert result.returncode == 0, result.stdout + result.stderr


def test_shares_and_budgets_are_what_was_counted(tmp_path: Path) -> None:
    half_spent = [Phase(HOUR, 0.5)]
    at = f"{HOUR - 1}m"
    budgets = {objective.name: 1 - objective.objective for objective in GIVEN.objectives}

    def near(expression: str, expected: dict[str, float], *, within: float) -> dict[str, Any]:
        """Ask which objectives have a value that is not far from what is expected."""
        joined = " or ".join(
            f'(abs({expression}{{slo="{name}"}} / {value:.9g} - 1) < bool {within})' for name, value in expected.items()
        )
        samples = [{"labels": f'{{slo="{name}"}}', "value": 1} for name in expected]
        return {"expr": joined, "eval_time": at, "exp_samples": samples}

    asked = [
        *(
            near(ratio, {name: budget / 2 for name, budget in budgets.items()}, within=0.001)
            for ratio in (WHOLE_RATIO, *(BAD_RATIO.format(window=window) for window in ("5m", "30m", "1h", "3d")))
        ),
        near(BUDGET_LEFT, dict.fromkeys(NAMES, 0.5), within=0.001),
        near(WHOLE_TOTAL, dict.fromkeys(NAMES, A_MINUTE * (HOUR - 1.0)), within=0.05),
        near(WHOLE_S, dict.fromkeys(NAMES, 60 * (HOUR - 1.0)), within=0.05),
    ]

    result = judged(document(half_spent, asked), tmp_path)

    assert result.returncode == 0, result.stdout + result.stderr


def test_the_rules_are_those_of_the_objectives() -> None:
    assert build.WRITTEN.read_text() == build.rules(), "`python -m deploy.prometheus.build` writes them"


def test_kubernetes_has_all_rules() -> None:
    assert build.FOR_OPERATOR.read_text() == build.operator_rules(), "`python -m deploy.prometheus.build` writes them"


def test_prometheus_takes_the_rules() -> None:
    result = promtool("check", "rules", *sorted(build.RULES.glob("*.yml")))

    assert result.returncode == 0, result.stdout + result.stderr


def test_every_kind_of_job_that_clients_submit_counts_as_a_success_or_a_failure() -> None:
    success = next(objective for objective in GIVEN.objectives if objective.name == "job-success")

    counted = {kind for kind in KINDS if matches({"kind": kind, "outcome": "failed"}, success.of, success.bad)}

    assert counted == {name for name, kind in KINDS.items() if kind.public}
