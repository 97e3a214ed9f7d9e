"""REMForge on the CPU: decoding, resident models, batching, cache, the queue, memory: `python -m bench.remforge [part ...]`.

Each part prints JSON lines, some with a stated target; nothing is asserted. Every row carries the machine's load average
at its end. Several parts run in a process each, so that none has what another one loaded in its memory.
"""

import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib import import_module

from bench.rows import end_in_order

PARTS = ("decode", "resident", "batching", "cache", "queue", "memory")


def main(names: list[str]) -> int:
    """Run the parts named, all without names; return the exit status."""
    if wrong := set(names) - set(PARTS):
        sys.stderr.write(f"no such part: {', '.join(sorted(wrong))}; there are {', '.join(PARTS)}\n")
        return 2
    end_in_order()
    if len(names) == 1:
        # Not all at once: some bring torch.
        part: Mapping[str, Callable[[], None]] = vars(import_module(f"bench.remforge_{names[0]}"))
        part["run"]()
        return 0
    return max(apart(name) for name in names or PARTS)


def apart(name: str) -> int:
    """Run a part in a process of its own; return its exit status."""
    with subprocess.Popen([sys.executable, "-m", "bench.remforge", name]) as process:
        try:
            return process.wait()
        except BaseException:
            process.terminate()
            raise


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
