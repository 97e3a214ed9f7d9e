"""Dashboards are what the code says, and ask for what there is."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.grafana import build
from deploy.grafana.panels import DATASOURCE, Dashboard
from tests.deploy.rules.names import unknown
from tests.deploy.rules.promtool import promtool

PROVISIONING = build.FOLDER.parent / "provisioning"
EVERY = pytest.mark.parametrize("dashboard", build.DASHBOARDS.values(), ids=list(build.DASHBOARDS))


def resolved(expression: str) -> str:
    """Return an expression as Grafana would send it."""
    return re.sub(r"\$(pool|slo)\b", "a|b", expression.replace("$__rate_interval", "1m"))


def test_the_files_are_those_of_the_code() -> None:
    written = {path.name: path.read_text() for path in build.FOLDER.iterdir()}

    assert written == build.documents(), "`python -m deploy.grafana.build` writes them"


@EVERY
def test_every_query_asks_for_what_is_exported_or_recorded(dashboard: Dashboard) -> None:
    wrong = {title: found for title, query in dashboard.queries if (found := list(unknown(resolved(query.expr))))}

    assert wrong == {}


@EVERY
def test_every_query_is_understood_by_prometheus(tmp_path: Path, dashboard: Dashboard) -> None:
    rules = [
        {"record": f"panel:{number}", "expr": resolved(query.expr)}
        for number, (_, query) in enumerate(dashboard.queries)
    ]
    (tmp_path / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))

    result = promtool("check", "rules", tmp_path / "rules.yml")

    assert result.returncode == 0, result.stdout + result.stderr
    assert f"{len(rules)} rules found" in result.stdout


@EVERY
def test_legends_name_labels_that_their_query_keeps(dashboard: Dashboard) -> None:
    for title, query in dashboard.queries:
        for label in re.findall(r"\{\{(\w+)\}\}", query.legend):
            kept = re.search(rf"\bby \([^)]*\b{label}\b[^)]*\)", query.expr) or f"{label}=" in query.expr
            assert kept, (title, query)


@EVERY
def test_variables_of_queries_are_choices_of_the_dashboard(dashboard: Dashboard) -> None:
    asked = {name for _, query in dashboard.queries for name in re.findall(r"\$(\w+)", query.expr)}

    assert asked - {"__rate_interval"} == {choice.name for choice in dashboard.choices}


@EVERY
def test_panels_have_ids_of_their_own_and_lie_side_by_side(dashboard: Dashboard) -> None:
    panels: list[dict[str, Any]] = dashboard.written()["panels"]

    cells: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        own = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not own & cells, panel["title"]
        cells |= own
    assert len({panel["id"] for panel in panels}) == len(panels)


def test_dashboards_have_uids_of_their_own() -> None:
    uids = [json.loads(text)["uid"] for text in build.documents().values()]

    assert len(set(uids)) == len(uids)


def test_what_is_provisioned_is_what_dashboards_ask() -> None:
    sources = yaml.safe_load((PROVISIONING / "datasources" / "prometheus.yml").read_text())["datasources"]
    (provider,) = yaml.safe_load((PROVISIONING / "dashboards" / "dasein.yml").read_text())["providers"]

    assert [(source["type"], source["uid"]) for source in sources] == [(DATASOURCE["type"], DATASOURCE["uid"])]
    assert (provider["type"], provider["options"]["path"]) == ("file", "/etc/grafana/dashboards")
