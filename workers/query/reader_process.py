"""Reading in a process of its own: parsers of foreign files get little memory, little time, and no secrets.

The child (`reader_child`) reads a document from its standard input and writes `ready`, a line's end, and JSON: a reading,
or why there is none.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from jobs.ingestion import Format
from workers.query.reader import Reading, refused

MEMORY_BYTES = 1536 << 20
"""Of addresses, not of pages that are used."""
CPU_S = 40
DEADLINE_S = 90.0
"""By the clock: what is read competes with other work."""
ROOT = Path(__file__).resolve().parents[2]
READY = b"ready\n"
TOO_COSTLY = "The document takes more time or memory to read than a document may."


def read_apart(
    data: bytes,
    form: Format,
    *,
    deadline_s: float = DEADLINE_S,
    cpu_s: int = CPU_S,
    memory_bytes: int = MEMORY_BYTES,
) -> Reading:
    """Read a document in a child process; raise InvalidInput if it is broken, too large inside, or takes too long."""
    command = [sys.executable, "-m", "workers.query.reader_child", form.value, str(cpu_s), str(memory_bytes)]
    # Nothing of the environment but where modules are: a parser that is taken over finds no password in it.
    environment = {"PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)]), "PYTHONUTF8": "1"}
    try:
        ran = subprocess.run(
            command, input=data, capture_output=True, timeout=deadline_s, check=False, cwd=ROOT, env=environment
        )
    except subprocess.TimeoutExpired as error:
        raise refused("too-costly", TOO_COSTLY) from error
    if not ran.stdout.startswith(READY):
        raise RuntimeError(ran.stderr.decode(errors="replace")[-2000:] or f"The reader ended with {ran.returncode}.")
    if ran.returncode < 0:
        raise refused("too-costly", TOO_COSTLY)
    if ran.returncode:
        raise refused("broken", f"The document cannot be read as {form.value}.")
    return _answer(json.loads(ran.stdout[len(READY) :]))


def _answer(answer: dict[str, object]) -> Reading:
    match answer:
        case {"refused": {"reason": str(reason), "message": str(message)}}:
            raise refused(reason, message)
        case {"reading": {"text": text, "title": title, "sections": s, "verbatim": v, "warnings": w}}:
            sections = tuple((start, tuple(path)) for start, path in s)
            return Reading(text, title, sections, tuple((start, end) for start, end in v), tuple(w))
    msg = "The reader answered in a form that is not its own."
    raise RuntimeError(msg)
