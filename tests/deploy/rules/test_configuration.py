"""Configurations are taken by the programs they are for, and speak of alerts that there are."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml

from config.settings import Settings
from tests.deploy.rules.promtool import PROMETHEUS, RULES, alerts, promtool
from tests.servers import demand

ROOT = Path(__file__).resolve().parents[3]
RUNBOOK = ROOT / "docs" / "runbook.md"


def read(name: str) -> Any:
    return yaml.safe_load((PROMETHEUS / name).read_text())


def test_prometheus_takes_its_configuration_and_finds_the_rules() -> None:
    result = promtool("check", "config", PROMETHEUS / "prometheus.yml")

    assert result.returncode == 0, result.stdout + result.stderr
    assert f"{len(RULES)} rule files found" in result.stdout


def test_what_a_worker_says_of_a_pool_comes_before_the_pool_that_it_is_of() -> None:
    compose = yaml.safe_load((ROOT / "deploy" / "compose" / "prometheus.yml").read_text())["scrape_configs"]
    monitors = yaml.safe_load_all((ROOT / "deploy/kubernetes/components/monitoring/monitors.yaml").read_text())

    told = [
        *(job["honor_labels"] for job in read("prometheus.yml")["scrape_configs"]),
        *(job["honor_labels"] for job in compose if job["job_name"] == "worker"),
        *(end["honorLabels"] for each in monitors for end in each["spec"].get("podMetricsEndpoints", ())),
    ]

    assert told == [True, True, True]


def test_targets_are_looked_for_where_the_farm_writes_them() -> None:
    (job,) = read("prometheus.yml")["scrape_configs"]

    (found,) = job["file_sd_configs"][0]["files"]

    written = Path(Settings.model_fields["data_dir"].default) / "prometheus" / "targets.json"
    assert (PROMETHEUS / found).resolve() == ROOT / written


def test_alertmanager_takes_its_example() -> None:
    demand("alertmanager", present=shutil.which("amtool") is not None)

    result = subprocess.run(
        ["amtool", "check-config", PROMETHEUS / "alertmanager.yml"], capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stdout + result.stderr


def test_alerts_that_silence_others_and_those_that_they_silence_exist() -> None:
    spoken = [
        matcher.split("=", 1)[1].lstrip("~").strip('"')
        for rule in read("alertmanager.yml")["inhibit_rules"]
        for matcher in (*rule["source_matchers"], *rule["target_matchers"])
        if matcher.startswith("alertname")
    ]

    missing = [
        name
        for expression in spoken
        for name in expression.split("|")
        if not any(re.fullmatch(name, alert) for alert in alerts())
    ]

    assert spoken
    assert missing == []


def test_every_alert_is_routed_by_its_severity_and_says_what_is_wrong() -> None:
    for name, rules in alerts().items():
        for rule in rules:
            assert rule["labels"]["severity"] in {"page", "ticket"}, name
            assert set(rule["annotations"]) == {"summary", "description", "runbook"}, name


def test_every_alert_has_a_section_in_the_runbook_and_every_section_an_alert() -> None:
    anchors = {alert.lower(): alert for alert in re.findall(r"^### (Dasein\w+)$", RUNBOOK.read_text(), re.MULTILINE)}

    linked = {name: {rule["annotations"]["runbook"] for rule in rules} for name, rules in alerts().items()}

    assert linked == {alert: {f"docs/runbook.md#{anchor}"} for anchor, alert in anchors.items()}
