"""The program that reads a file of traces: confined to the file, which is its standard input, and its parent.

Arguments: the descriptor of a pipe that closes when the parent ends, bytes of memory, seconds of processor time, and what
is wanted as JSON.
"""

# Loaded before the process is confined, as no file can be opened afterwards: names in archives, marks of UTF-8.
import encodings.cp437
import encodings.utf_8_sig  # noqa: F401
import json
import os
import resource
import sys
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute

from workers.confine import confine, limit
from workers.simulation.measured.frames import say
from workers.simulation.measured.narrowing import Narrowing
from workers.simulation.measured.reader import read
from workers.simulation.measured.source import Limits, Refusal, Wanted


def serve(source: IO[bytes], out: IO[bytes], asked: dict[str, Any]) -> None:
    """Read the file, and say all that is wanted of it."""
    window = asked["window"]
    cut = None if window is None else (window[0], window[1])
    wanted = Wanted(asked["names"], cut, Limits(**asked["limits"]), frozenset(asked["also"]))
    try:
        opened = read(source, asked["form"], wanted)
        head = {
            "form": opened.form,
            "traces": opened.traces,
            "samples": opened.samples,
            "values": dict(opened.values),
            "notes": opened.notes,
        }
        say(out, "head", head)
        kept = slice(*window) if window is not None else slice(None)
        narrowing = Narrowing()
        for block in opened.blocks:
            samples = narrowing.narrowed(block.rows[:, kept])
            parts = [samples.tobytes(), *(block.values[name].tobytes() for name in opened.values)]
            say(out, "rows", {"count": len(samples), "samples": samples.shape[1]}, parts)
        say(out, "end", {"narrowed": narrowing.added_variance})
    except Refusal as error:
        say(out, "refused", {"reason": error.reason, "message": error.message[:1000], "field": error.field})
    except MemoryError:
        say(
            out,
            "refused",
            {"reason": "too-large", "message": "Reading the file takes too much memory.", "field": "artifact"},
        )


def main() -> None:
    """Give up what is not needed, then read."""
    lifeline, memory_bytes, cpu_s = (int(number) for number in sys.argv[1:4])
    asked = json.loads(sys.argv[4])
    pa.set_cpu_count(1)
    source, out = os.fdopen(0, "rb"), os.fdopen(1, "wb")
    limit(memory_bytes=memory_bytes, lifeline=lifeline)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    confine()
    serve(source, out, asked)


if __name__ == "__main__":
    main()
