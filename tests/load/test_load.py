"""Scripts for k6 and their twin for Locust: the same calls and thresholds, and figures that say what was not met."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from deploy.procfile import ROOT
from load.__main__ import SCRIPTS, figures

HERE = ROOT / "load"
THRESHOLDS = json.loads((HERE / "thresholds.json").read_text())
SUMMARY: dict[str, dict[str, Any]] = {
    "http_reqs": {"count": 300, "rate": 99.96},
    "http_req_duration": {"med": 4.237, "p(95)": 9.871, "thresholds": {"p(95)<500": False}},
    "http_req_failed": {"value": 0.01, "thresholds": {"rate<0.001": True}},
}


def test_every_script_reads_its_thresholds_and_has_a_twin() -> None:
    twin = (HERE / "twin.py").read_text()

    assert set(SCRIPTS) == set(THRESHOLDS) == {path.stem for path in HERE.glob("*.js")} - {"farm"}
    for name in SCRIPTS:
        script = (HERE / f"{name}.js").read_text()
        assert f'wanted("{name}")' in script
        assert "thresholds: {" in script
        assert re.search(rf"^def {name}\(", twin, re.MULTILINE)
        read = set(re.findall(r"WANTED\.(\w+)", script))
        assert read <= set(THRESHOLDS[name])


def test_the_figures_of_k6_say_which_thresholds_were_not_met() -> None:
    found = figures(SUMMARY)

    assert found["missed"] == ["http_req_failed: rate<0.001"]
    assert (found["requests"], found["per_s"], found["p95_ms"], found["dropped"]) == (300, 100.0, 9.87, 0)


def test_the_twin_says_which_thresholds_were_not_met(tmp_path: Path) -> None:
    seen = [
        {"p95_ms": 20, "failed": 0, "per_s": 995},
        {"p95_ms": 101, "failed": 0, "per_s": 1000},
        {"p95_ms": 20, "failed": 0.5, "per_s": 900},
    ]
    # In a process of its own: Locust changes how Python waits.
    program = tmp_path / "missed.py"
    program.write_text(
        f"from load.twin import missed\nimport json\nprint(json.dumps([missed('rate', one) for one in {seen!r}]))"
    )

    told = subprocess.run(
        [sys.executable, str(program)],
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(told.stdout) == [
        [],
        ["p95_ms 101 is above 100"],
        ["failed 0.5 is above 0.001", "per_s 900 is below 990"],
    ]
