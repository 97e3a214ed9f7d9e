"""Load a farm: `python -m load [ramp] [rate] [herd] --seconds 60` (or `make load`).

Against a farm of its own with one simulation worker, or the one at `--farm` (with DASEIN_API_KEY, where it has keys). By k6 where
it is installed or Go can build it, else by Locust. One JSON line a script; the exit status is 1 if a threshold was not met.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.rows import emit, end_in_order
from deploy.programs import ROOT, own_ports, running

SCRIPTS = ("ramp", "rate", "herd")
HERE = Path(__file__).parent
K6 = "go.k6.io/k6@v1.8.1"
NOT_MET = 99
MANY = str(10**8)
UNLIMITED = {f"DASEIN_LIMITS__{name}": MANY for name in ("LOCAL", "STREAMS_PER_TENANT", "STREAMS_PER_KEY")}
"""It is the farm that is measured, not how it refuses one user who is a hundred."""


def main() -> int:
    """Run the scripts; return 0 if all thresholds were met."""
    end_in_order()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="script", help=f"of {', '.join(SCRIPTS)}; default: all")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--farm", help="the URL of a farm that runs")
    parser.add_argument("--locust", action="store_true", help="with Locust also where k6 is there")
    told = parser.parse_args()
    if unknown := sorted({*told.names} - {*SCRIPTS}):
        parser.error(f"no such script: {', '.join(unknown)}")
    k6 = None if told.locust else find_k6()
    met = True
    with TemporaryDirectory() as folder:
        for name in told.names or SCRIPTS:
            # A farm for each: what the one has left in the queue is no load of the next.
            with _at(told.farm) if told.farm else farm(Path(folder) / name) as url:
                found = by_locust(name, url, told.seconds) if k6 is None else by_k6(k6, name, url, told.seconds)
            met = met and not found["missed"]
            emit("load", name, by="locust" if k6 is None else "k6", load_before=os.getloadavg()[0], **found)
    return 0 if met else 1


def find_k6() -> str | None:
    """Return k6, built if Go is there and it is not; None where neither is."""
    built = ROOT / "build" / "bin" / "k6"
    if (found := shutil.which("k6")) or built.exists():
        return found or str(built)
    if shutil.which("go") is None:
        return None
    sys.stderr.write(f"Building {K6} ...\n")
    subprocess.run(
        ["go", "install", K6], env=os.environ | {"GOBIN": str(built.parent)}, check=True
    )  # whichever Go there is
    return str(built)


def by_k6(k6: str, name: str, url: str, seconds: float) -> dict[str, Any]:
    """Run a script with k6, and return its figures and the thresholds that were not met."""
    with TemporaryDirectory() as folder:
        summary = Path(folder) / "summary.json"
        ended = subprocess.run(
            [k6, "run", "--quiet", "--no-usage-report", "--summary-export", str(summary), str(HERE / f"{name}.js")],
            env=os.environ | {"FARM": url, "SECONDS": f"{seconds:g}"},
            stdout=sys.stderr,
            check=False,
        )
        if ended.returncode not in {0, NOT_MET}:
            raise SystemExit(f"k6 ended with {ended.returncode}")
        return figures(json.loads(summary.read_text())["metrics"])


def figures(metrics: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return what is worth telling of k6's summary."""
    took = metrics["http_req_duration"]
    found: dict[str, Any] = {
        "requests": metrics["http_reqs"]["count"],
        "per_s": round(metrics["http_reqs"]["rate"], 1),
        "p50_ms": round(took["med"], 2),
        "p95_ms": round(took["p(95)"], 2),
        "failed": metrics["http_req_failed"]["value"],
        "dropped": metrics.get("dropped_iterations", {}).get("count", 0),
    }
    if told := metrics.get("told_ms"):
        found |= {"told_p50_ms": told["med"], "p95_ms": told["p(95)"], "told": told["count"]}
    # Of a threshold the summary says whether it was crossed.
    crossed = {
        name: [what for what, is_crossed in one.get("thresholds", {}).items() if is_crossed]
        for name, one in metrics.items()
    }
    return found | {"missed": [f"{name}: {what}" for name, some in crossed.items() for what in some]}


def by_locust(name: str, url: str, seconds: float) -> dict[str, Any]:
    """Run a script's twin with Locust."""
    command = [sys.executable, "-m", "load.twin", name, "--farm", url, "--seconds", f"{seconds:g}"]
    ended = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, check=False
    )
    if ended.returncode not in {0, NOT_MET}:
        raise SystemExit(f"Locust ended with {ended.returncode}")
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


@contextmanager
def farm(folder: Path) -> Iterator[str]:
    """Start a farm of its own in `folder`, and yield its URL."""
    ports = own_ports()
    others = {name: value for name, value in os.environ.items() if not name.startswith("DASEIN_")}
    chosen = {"DASEIN_SIMULATION_WORKERS": "1", "DASEIN_FORGE_WORKERS": "0", "DASEIN_LOG_LEVEL": "WARNING"}
    environment = others | ports | UNLIMITED | chosen | {"DASEIN_DATA_DIR": str(folder), "DASEIN_QUEUE_LIMIT": MANY}
    try:
        with running("deploy.embedded", "up", environment=environment) as started:
            started.finish()
        yield f"http://127.0.0.1:{ports['DASEIN_PORT']}"
    finally:
        with running("deploy.embedded", "down", environment=environment) as stopped:
            stopped.finish()


@contextmanager
def _at(url: str) -> Iterator[str]:
    yield url


if __name__ == "__main__":
    sys.exit(main())
