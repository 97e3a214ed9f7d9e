"""What expressions ask for, against what the farm exports and its rules record."""

import re
from collections.abc import Iterator

from config.metrics import METRICS
from tests.deploy.rules.promtool import RULES, rules

SELECTED = re.compile(r"(?<![\w\"{])((?:dasein[_:][\w:]+)|up|ALERTS)(?:\{([^}]*)\})?")
MATCHED = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
GROUPED = re.compile(r"\b(?:by|on|without)\s*\(([^)]*)\)")
PARTS = ("_bucket", "_sum", "_count")
BY_PROMETHEUS = frozenset({"job", "instance", "le"})
OTHERS = {"up": {"pool"}, "ALERTS": {"alertname", "alertstate", "severity"}}


def recorded() -> frozenset[str]:
    """Return the names of what rules record."""
    return frozenset(rule["record"] for path in RULES for rule in rules(path) if "record" in rule)


def labels_of(name: str) -> set[str] | None:
    """Return the labels of a series; None if nobody makes it."""
    if name in OTHERS:
        return OTHERS[name]
    if name in recorded():
        return {"slo"}
    exported = METRICS.get(name)
    for part in PARTS:
        base = METRICS.get(name.removesuffix(part))
        if exported is None and name.endswith(part) and base is not None and base.kind == "histogram":
            exported = base
    if exported is None or (exported.kind == "histogram" and name in METRICS):
        return None
    return set(exported.labels)


def unknown(expression: str) -> Iterator[str]:
    """Yield series and labels that nobody exports."""
    known: set[str] = set()
    for name, inside in SELECTED.findall(expression):
        labels = labels_of(name)
        if labels is None:
            yield name
            continue
        known |= labels
        yield from (f"{name}{{{label}}}" for label in MATCHED.findall(inside) if label not in labels | BY_PROMETHEUS)
    for inside in GROUPED.findall(expression):
        yield from (
            f"by ({label.strip()})"
            for label in inside.split(",")
            if label.strip() and label.strip() not in known | BY_PROMETHEUS
        )
