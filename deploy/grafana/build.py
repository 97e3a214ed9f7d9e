"""Write the dashboards: `python -m deploy.grafana.build`."""

import json
from pathlib import Path

from deploy.grafana.objectives import SLOS
from deploy.grafana.overview import OVERVIEW
from deploy.grafana.pools import POOLS
from deploy.grafana.stores import STORES

FOLDER = Path(__file__).parent / "dashboards"
DASHBOARDS = {"overview": OVERVIEW, "pools": POOLS, "stores": STORES, "objectives": SLOS}
"""By the names of their files."""


def documents() -> dict[str, str]:
    """Return the files, as they are to be."""
    return {f"{name}.json": json.dumps(each.written(), indent=2) + "\n" for name, each in DASHBOARDS.items()}


def main() -> None:
    """Write them."""
    for name, text in documents().items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    main()
