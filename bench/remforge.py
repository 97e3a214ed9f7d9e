"""REMForge on the CPU: decoding, resident models, batching, cache, the queue, memory: `python -m bench.remforge [part ...]`.

Each part prints JSON lines, some with a stated target; nothing is asserted. Every row carries the machine's load average
at its end. Several parts run in a process each, so that none has what another one loaded in its memory.
"""

import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib import import_module

PARTS = ("decode", "resident", "batching", "cache", "queue", "memory")


def main(names: list[str]) -> int:
    """Run the parts named, all without names; return the exit status."""
    if wrong := set(names) - set(PARTS):
        sys.stderr.write(f"no such part: {', '.join(sorted(wrong))}; there are {', '.join(PARTS)}\n")
        return 2
    if len(names) == 1:
        # Not all at once: some bring torch.
        part: Mapping[str, Callable[[], None]] = vars(import_module(f"bench.remforge_{names[0]}"))
        part["run"]()
        return 0
    statuses = [subprocess.run([sys.executable, "-m", "bench.remforge", name], check=False) for name in names or PARTS]
    return max(one.returncode != 0 for one in statuses)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
