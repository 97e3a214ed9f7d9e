"""Questions: quality against peers, open text, latency, ingestion, load: `python -m bench.query [part ...]`.

Each part prints JSON lines, some with a stated target; nothing is asserted. Rows of whole runs carry the machine's load
average: figures that were measured beside other work say so themselves.
"""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module

PARTS = ("quality", "opentext", "latency", "ingest", "load")
ASKED_FOR = ("development",)
"""What runs where it is named alone."""


def main(names: list[str]) -> int:
    """Run the parts named, all without names; return the exit status."""
    if wrong := set(names) - {*PARTS, *ASKED_FOR}:
        sys.stderr.write(f"no such part: {', '.join(sorted(wrong))}; there are {', '.join((*PARTS, *ASKED_FOR))}\n")
        return 2
    for name in names or PARTS:
        # One by one: quality needs what the others do without.
        parts: Mapping[str, Callable[[], None]] = vars(import_module(f"bench.query_{name}"))
        parts["run"]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
