"""Rules ask for nothing that nobody exports."""

from pathlib import Path

import pytest

from tests.deploy.rules.names import unknown
from tests.deploy.rules.promtool import RULES, rules


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_rules_ask_for_what_is_exported_or_recorded(path: Path) -> None:
    for rule in rules(path):
        assert list(unknown(rule["expr"])) == [], rule


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("sum(rate(dasein_nothing_total[5m]))", ["dasein_nothing_total"]),
        ('dasein_queue_depth{tenant="a"}', ["dasein_queue_depth{tenant}"]),
        ("sum by (kind) (dasein_queue_depth)", ["by (kind)"]),
        ("dasein_job_seconds", ["dasein_job_seconds"]),
        ("dasein_queue_depth_bucket", ["dasein_queue_depth_bucket"]),
        ("dasein:nothing:ratio", ["dasein:nothing:ratio"]),
        ('sum by (pool) (rate(dasein_job_seconds_count{kind=~"a"}[5m]))', []),
    ],
)
def test_what_nobody_exports_is_found(expression: str, told: list[str]) -> None:
    assert list(unknown(expression)) == told
