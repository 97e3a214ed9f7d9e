"""Seconds of chaos, always the same: what `make chaos` does to a whole farm for minutes."""

import json
import os
import subprocess
import sys
from pathlib import Path

from deploy.procfile import ROOT
from tests.servers import demand, has_redis

SECONDS = "7"


def test_a_farm_that_loses_processes_and_connections_keeps_its_promises(tmp_path: Path) -> None:
    demand("redis", present=has_redis())
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DASEIN_")}
    faults = "kill,kill-child,cut,tear,pause-child"

    ended = subprocess.run(
        [
            *(sys.executable, "-m", "tests.chaos", "--small", "--seconds", SECONDS, "--every", "0.8", "--seed", "1"),
            *("--clients", "6", "--faults", faults, "--out", str(tmp_path)),
        ],
        cwd=ROOT,
        env=inherited | {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
    report = json.loads((tmp_path / "chaos.json").read_text())
    assert report["faults"] == []
    assert sum(report["ended"].values()) == report["submitted"] > 0
    assert {act["fault"] for act in report["acts"]} <= set(faults.split(","))
    assert report["campaigns"] >= 3
