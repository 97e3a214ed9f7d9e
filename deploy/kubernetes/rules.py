"""The rules of `deploy/prometheus/rules` for the Prometheus operator: `python -m deploy.kubernetes.rules` writes them."""

import sys
from pathlib import Path

import yaml

RULES = Path(__file__).parents[1] / "prometheus" / "rules"
PLACE = Path(__file__).parent / "components" / "monitoring" / "rules.yaml"
HEAD = "# Written by `python -m deploy.kubernetes.rules` from deploy/prometheus/rules; change it there.\n"


def written() -> str:
    """Return the whole file: one object for each file of rules."""
    objects = [
        {
            "apiVersion": "monitoring.coreos.com/v1",
            "kind": "PrometheusRule",
            "metadata": {"name": f"dasein-{path.stem}", "labels": {"app.kubernetes.io/name": "dasein"}},
            "spec": yaml.safe_load(path.read_text(encoding="utf-8")),
        }
        for path in sorted(RULES.glob("*.yml"))
    ]
    return HEAD + yaml.safe_dump_all(objects, sort_keys=False, width=120)


if __name__ == "__main__":
    PLACE.write_text(written(), encoding="utf-8")
    sys.stdout.write(f"{PLACE}\n")
