"""The demonstration, as `make demo` runs it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from deploy.demo import UNPROTECTED, Measured, summary, verdicts
from deploy.programs import free_ports
from tests.dasein.reports import cpa, finding, report
from tests.servers import demand, eventually, has_redis

ROOT = Path(__file__).parents[2]
WITHIN_S = 180.0


@contextmanager
def demonstration(data: Path) -> Iterator[subprocess.Popen[str]]:
    """Run it with its data in `data`."""
    demand("redis", present=has_redis())
    process = subprocess.Popen(
        [sys.executable, "-m", "deploy.demo"],
        cwd=ROOT,
        env={**os.environ, "DASEIN_DATA_DIR": str(data)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=60)


def left_over(data: Path) -> list[str]:
    """Return the processes whose data lie below `data`."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("DASEIN_DATA_DIR", "").startswith(str(data)) or str(data) in process.cmdline():
                found.append(" ".join(process.cmdline()))
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return found


def test_the_demonstration_ends_with_what_the_report_says(tmp_path: Path) -> None:
    with demonstration(tmp_path) as process:
        out, err = process.communicate(timeout=WITHIN_S)

    assert process.returncode == 0, err
    last = json.loads(out.splitlines()[-1])
    written = json.loads(Path(last["report"]).with_suffix(".json").read_text())
    assert list(last) == [
        *("verdict", "key_bytes_recovered", "max_abs_t", "findings", "traces", "traces_per_s", "report", "seconds")
    ]
    assert (last["verdict"], last["key_bytes_recovered"]) == ("leaks", 16)
    assert last["max_abs_t"] == written["tvla"]["max_abs_t1"]
    assert last["findings"] == len(written["findings"])
    assert Path(last["report"]).read_text().lstrip().lower().startswith("<!doctype html>")
    assert [path.name for path in tmp_path.iterdir()] == ["reports"]
    assert not left_over(tmp_path)


def test_a_demonstration_that_is_interrupted_leaves_nothing_running(tmp_path: Path) -> None:
    with demonstration(tmp_path) as process:
        assert process.stdout is not None
        assert "starting a farm" in process.stdout.readline()
        assert "Measuring" in process.stdout.readline()

        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=WITHIN_S)

    assert process.returncode == 130
    assert "Interrupted" in err
    assert "Traceback" not in err
    eventually(lambda: not left_over(tmp_path), what="nothing runs")


def test_the_last_line_has_no_number_for_what_is_infinite_or_unknown(tmp_path: Path) -> None:
    tvla = report([finding()])["tvla"] | {"max_abs_t1": None}
    document = report([finding()], tvla=tvla)

    line = summary(Measured(UNPROTECTED, document, tmp_path / "r.html"), seconds=1.234)

    assert line["max_abs_t"] is None
    assert line["key_bytes_recovered"] is None
    assert line["traces_per_s"] == document["timings"]["traces_per_s"]
    assert json.loads(json.dumps(line, allow_nan=False)) == line


@pytest.mark.parametrize("document", [report([finding()], cpa=cpa()), report(tvla=None, tvla_absent="no")])
def test_every_verdict_has_a_row(document: dict[str, object], tmp_path: Path) -> None:
    table = verdicts([Measured(UNPROTECTED, document, tmp_path / "r.html")])

    assert table.row_count == 1


def test_ports_are_free_and_differ() -> None:
    ports = free_ports(5)

    assert len(set(ports)) == 5
    assert all(port >= 1024 for port in ports)
