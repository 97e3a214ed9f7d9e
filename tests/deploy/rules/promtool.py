"""Rules on synthetic series, judged by Prometheus's own promtool."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.servers import demand

PROMETHEUS = Path(__file__).parents[3] / "deploy" / "prometheus"
RULES = tuple(sorted((PROMETHEUS / "rules").glob("*.yml")))
PATIENCE_S = 120


def promtool(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    """Run promtool; the test is skipped where there is none, unless it is promised."""
    demand("prometheus", present=shutil.which("promtool") is not None)
    return subprocess.run(
        ["promtool", *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )


def rules(path: Path) -> list[dict[str, Any]]:
    """Return the rules of a file."""
    return [rule for group in yaml.safe_load(path.read_text())["groups"] for rule in group["rules"]]


def alerts() -> dict[str, list[dict[str, Any]]]:
    """Return the rules of all alerts, by name."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path in RULES:
        for rule in rules(path):
            if "alert" in rule:
                found.setdefault(rule["alert"], []).append(rule)
    return found


@dataclass(frozen=True)
class Story:
    """What is exported, minute by minute, when an alert is expected to fire, and when not to."""

    alert: str
    series: Mapping[str, str]
    fires: Sequence[str]
    quiet: Sequence[str]
    labels: Mapping[str, str] = field(default_factory=dict)
    """Of the alert that fires, beside its name and its severity."""
    interval: str = "1m"
    every: str = "30s"
    """How often the rules are evaluated."""

    def document(self) -> dict[str, Any]:
        """Return it as a test of promtool's."""
        severity = alerts()[self.alert][0]["labels"]["severity"]
        labels = {"alertname": self.alert, "alertstate": "firing", "severity": severity, **self.labels}
        firing = f"ALERTS{{{', '.join(f'{name}={chr(34)}{value}{chr(34)}' for name, value in labels.items())}}}"
        asked = f'ALERTS{{alertname="{self.alert}",alertstate="firing"}}'
        return {
            "rule_files": [str(path) for path in RULES if any(self.alert == rule.get("alert") for rule in rules(path))],
            "evaluation_interval": self.every,
            "tests": [
                {
                    "interval": self.interval,
                    "input_series": [{"series": name, "values": values} for name, values in self.series.items()],
                    "promql_expr_test": [
                        *(
                            {"expr": asked, "eval_time": at, "exp_samples": [{"labels": firing, "value": 1}]}
                            for at in self.fires
                        ),
                        *({"expr": asked, "eval_time": at, "exp_samples": []} for at in self.quiet),
                    ],
                }
            ],
        }


def judged(document: Mapping[str, Any], folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run a test of promtool's."""
    path = folder / "test.yml"
    path.write_text(yaml.safe_dump(document))
    return promtool("test", "rules", path)
