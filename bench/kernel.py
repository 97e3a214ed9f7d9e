"""What the recorder in the kernel costs, in a guest that QEMU interprets: one JSON line a row.

python -m bench.kernel. The guest's time is not that of hardware: ratios between rows hold, nanoseconds do not.
"""

import json
import sys
import tempfile
from pathlib import Path

from tests.kernel import debian, machine


def main() -> None:
    """Boot one guest for each clock and print its rows."""
    try:
        parts = debian.amd64()
    except debian.Absent as error:
        sys.exit(f"No guest can be made: {error}.")
    with tempfile.TemporaryDirectory() as work:
        modules = Path(work) / "modules"
        machine.build(parts, modules)
        told = machine.boot(parts, modules, Path(work), "costs", options=("-smp", "2"))
    for line in told.console.splitlines():
        if line.startswith("COST "):
            row = json.loads(line.removeprefix("COST "))
            sys.stdout.write(json.dumps({"bench": "kernel", "guest": parts.abi, **row}) + "\n")


if __name__ == "__main__":
    main()
