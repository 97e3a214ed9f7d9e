"""The constant-time check: footprints a second, and whole checks of programs of which the answer is known.

python -m bench.constant_time [--executions 1000]
"""

import argparse
import time

import numpy as np

from bench.campaign import FIRMWARE, prepare, request
from bench.rows import emit
from renode.lockstep.core import LockstepCore
from renode.lockstep.maker import maker_of
from workers.simulation.consttime.check import check

PROGRAMS = ("compare_leaky_m4", "compare_ct_m4", "reduce_leaky_m4", "reduce_ct_m4", "checksum_m4", "aes128_m4")
SHORT_S = 1.0


def footprints(name: str) -> float:
    """Return executions per second, each with all its loads and stores."""
    core, _ = prepare(name, request(name))
    row = np.zeros(core.input_bytes, np.uint8)
    core.footprint(row)
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < SHORT_S:
        core.footprint(row)
        count += 1
    return count / (time.perf_counter() - began)


def whole(name: str, executions: int) -> tuple[float, str, int]:
    """Return the seconds of a check with a data cache, its verdict, and how many executions it compared."""
    core, plan = prepare(
        name, request(name, plan="fixed", cpa=None, constant_time={"executions": executions, "cache": {}})
    )
    simulator = LockstepCore(core, maker_of(core))
    check(plan, simulator, lambda: None)  # kernels are compiled, or loaded
    began = time.perf_counter()
    found = check(plan, simulator, lambda: None).found
    if found is None:
        raise SystemExit(f"{name}: nothing was checked")
    return time.perf_counter() - began, found.verdict, found.executions


def main() -> None:
    """Print one JSON line for each row."""
    parser = argparse.ArgumentParser(description="Measure the constant-time check.")
    parser.add_argument("--executions", type=int, default=1000, help="of a check (%(default)s)")
    executions = parser.parse_args().executions
    if not FIRMWARE.is_dir():
        raise SystemExit("build the firmware first: make firmware")
    for name in ("aes128_m4", "aes128_ct_m4"):
        emit("footprints", name, executions_per_s=round(footprints(name)))
    for name in PROGRAMS:
        took, verdict, compared = whole(name, executions)
        emit("constant-time", name, seconds=round(took, 3), verdict=verdict, executions=compared)


if __name__ == "__main__":
    main()
