"""A real Prometheus that scrapes what a farm names."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode
from urllib.request import urlopen

from tests.servers import eventually, free_port

BINARY = shutil.which("prometheus")
CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: farm
    # A worker also counts what other pools have done: what it says of a pool comes before what it is.
    honor_labels: true
    file_sd_configs: [{{files: ["{targets}"]}}]
"""


class Prometheus:
    """One server, which scrapes every second."""

    def __init__(self, folder: Path, targets: Path) -> None:
        """Keep everything in `folder`; scrape what `targets` names."""
        self._folder = folder
        self._url = f"127.0.0.1:{free_port()}"
        (folder / "prometheus.yml").write_text(CONFIG.format(targets=targets))
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        assert BINARY is not None
        files = (f"--config.file={self._folder}/prometheus.yml", f"--storage.tsdb.path={self._folder}/data")
        with (self._folder / "prometheus.log").open("ab") as log:
            self._process = subprocess.Popen(
                [BINARY, *files, f"--web.listen-address={self._url}"], stdout=log, stderr=log, cwd=self._folder
            )
        eventually(self._is_ready, what="Prometheus is ready")
        return self

    def __exit__(self, *_error: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)

    def targets(self) -> dict[str, str]:
        """Return the health of each target, by the name of its worker or of what it is."""
        found = self._ask("targets", state="active")["activeTargets"]
        return {target["labels"].get("worker", target["labels"]["job"]): target["health"] for target in found}

    def query(self, expression: str) -> list[tuple[dict[str, str], float]]:
        """Return the labels and the value of each series that an expression gives now."""
        found = self._ask("query", query=expression)["result"]
        return [(series["metric"], float(series["value"][1])) for series in found]

    def _ask(self, what: str, **parameters: str) -> Any:
        with urlopen(f"http://{self._url}/api/v1/{what}?{urlencode(parameters)}", timeout=10) as answer:
            return json.load(answer)["data"]

    def _is_ready(self) -> bool:
        try:
            with urlopen(f"http://{self._url}/-/ready", timeout=1):
                return True
        except OSError:
            return False
