"""Campaigns on Renode beside the embedded simulator: `DASEIN_RENODE=/path/to/renode python -m bench.renode`.

Nothing is measured where there is no Renode: the row says so.
"""

import json
import os
import shutil
import time
from pathlib import Path

import numpy as np

from bench.rows import emit
from jobs.target import Target
from renode.driver.core import RenodeCore
from renode.driver.process import version_of
from renode.firmware.build import build_all
from renode.unicorn_core import UnicornCore

ROOT = Path(__file__).parents[1]
NAMES = ("compare_ct_m4", "aes128_m4")
ROWS = 64


def main() -> None:
    """Print a row for each program."""
    program = shutil.which(os.environ.get("DASEIN_RENODE") or "renode")
    if program is None:
        emit("renode", "absent", why="no Renode here")
        return
    elfs = {path.stem: path for path in build_all(ROOT / "build" / "firmware")}
    version = version_of(program)
    for name in NAMES:
        body = json.loads((ROOT / "renode" / "firmware" / "campaigns" / f"{name}.json").read_text(encoding="utf-8"))
        target = Target.model_validate(body["target"])
        embedded = UnicornCore(elfs[name], target)
        renode = RenodeCore(elfs[name], target, None, program=program, version=version, machines=1)
        rows = np.random.default_rng(7).integers(0, 256, (ROWS, embedded.input_bytes), np.uint8)
        path = renode.path(rows[0])
        began = time.perf_counter()
        renode.run(rows[:1], path)
        one = time.perf_counter()
        renode.run(rows, path)
        all_s = time.perf_counter() - one
        embedded.run(rows, path)
        again = time.perf_counter()
        embedded.run(rows, path)
        unicorn_s = time.perf_counter() - again
        first_s = one - began
        emit(
            "renode",
            name,
            version=version,
            instructions=len(path.pcs),
            first_s=round(first_s, 3),
            executions_per_s=round((ROWS - 1) / max(all_s - first_s, 1e-6), 1),
            times_unicorn=round(all_s / unicorn_s, 1),
        )


if __name__ == "__main__":
    main()
