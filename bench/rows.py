"""How a benchmark speaks: one JSON line per row, with the commit and the machine it was measured on."""

import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache
from typing import Any


@cache
def machine() -> dict[str, object]:
    """Return what the figures depend on."""
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as info:  # noqa: PTH123 - a pseudo file
        models = [line.split(":", 1)[1].strip() for line in info if line.startswith("model name")]
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return {
        "commit": commit.stdout.strip() or None,
        "cpu": models[0] if models else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
    }


def emit(bench: str, case: str, **figures: Any) -> None:
    """Print one row; units are in the names of the figures."""
    print(json.dumps({"bench": bench, "case": case, **figures, **machine()}), flush=True)


def median_s(work: Callable[[], object], *, runs: int = 5) -> float:
    """Return the median seconds of `runs` runs, after one that is not counted."""
    work()
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def end_in_order() -> None:
    """Let SIGTERM end this program as an error would: what it has started and made goes with it."""
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
