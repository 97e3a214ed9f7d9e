"""Write the rules of objectives from `config/slo.toml`, and all rules for Kubernetes: `python -m deploy.prometheus.build`."""

from pathlib import Path
from typing import Any

import yaml

from deploy.prometheus.slo_rules import groups
from web.slo.objectives import read

OBJECTIVES = Path(__file__).parents[2] / "config" / "slo.toml"
RULES = Path(__file__).parent / "rules"
WRITTEN = RULES / "slo.yml"
OPERATIONS = RULES / "operations.yml"
FOR_OPERATOR = Path(__file__).parents[1] / "kubernetes" / "components" / "monitoring" / "rules.yaml"
WIDTH = 1000
"""Expressions stay in one line."""
HEAD = "# Made from config/slo.toml by `python -m deploy.prometheus.build`: change it there.\n"


OPERATOR_HEAD = "# Made of deploy/prometheus/rules by `python -m deploy.prometheus.build`: change them there.\n"


class _Dumper(yaml.SafeDumper):
    """Writes text of several lines as such, and nothing by reference to something before."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write everything where it is."""
        del data
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def written(document: dict[str, Any]) -> str:
    """Return a document as YAML."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=WIDTH, allow_unicode=True)


def rules() -> str:
    """Return the file of rules, as it is to be."""
    return HEAD + written({"groups": groups(read(OBJECTIVES))})


def operator_rules() -> str:
    """Return all rules as the Prometheus operator takes them."""
    operations = yaml.safe_load(OPERATIONS.read_text())["groups"]
    return OPERATOR_HEAD + written(
        {
            "apiVersion": "monitoring.coreos.com/v1",
            "kind": "PrometheusRule",
            "metadata": {"name": "dasein", "labels": {"app.kubernetes.io/name": "dasein"}},
            "spec": {"groups": [*operations, *groups(read(OBJECTIVES))]},
        }
    )


def main() -> None:
    """Write them."""
    WRITTEN.write_text(rules())
    FOR_OPERATOR.write_text(operator_rules())


if __name__ == "__main__":
    main()
