"""The child that reads a file of traces, as its parent sees it: started for one file, and gone at the end."""

import json
import os
import select
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import structlog

from jobs.errors import InvalidInput
from workers.simulation.measured.frames import LENGTHS, lengths, parsed
from workers.simulation.measured.source import Wanted

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = (sys.executable, "-m", "workers.simulation.measured.child")
ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    # A process is confined before it has threads, and loads no plug-ins.
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "HDF5_PLUGIN_PRELOAD": "::",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONPATH": str(ROOT),
}
MEMORY_BYTES = 2**30
CPU_S = 1800
LOOK_S = 0.25
SAID_BYTES = 4000
PIECE = 2**20

Frame = tuple[Mapping[str, Any], bytes]
log = structlog.get_logger(__name__)


@contextmanager
def frames_of(
    source: IO[bytes], form: str | None, wanted: Wanted, *, check: Callable[[], None]
) -> Iterator[Iterator[Frame]]:
    """Start a child on an open file, and give what it says; raise InvalidInput for what it refuses.

    `check` is called while nothing is said, and may raise.
    """
    ending, lifeline = os.pipe()
    errors, said = os.pipe()
    os.set_blocking(said, False)
    os.set_blocking(errors, False)
    asked = {
        "form": form,
        "names": dict(wanted.names),
        "window": wanted.window,
        "limits": asdict(wanted.limits),
        "also": sorted(wanted.also),
    }
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    try:
        process = subprocess.Popen(
            [*PROGRAM, str(ending), str(MEMORY_BYTES), str(CPU_S), json.dumps(asked)],
            stdin=source.fileno(),
            stdout=subprocess.PIPE,
            stderr=said,
            pass_fds=[ending],
            cwd=ROOT,
            env=kept | ENVIRONMENT,
        )
    finally:
        os.close(ending)
        os.close(said)
    try:
        yield _frames(process, errors, check)
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
        os.close(errors)
        os.close(lifeline)


def _frames(process: subprocess.Popen[bytes], errors: int, check: Callable[[], None]) -> Iterator[Frame]:
    while True:
        text, more = lengths(_exactly(process, errors, LENGTHS.size, check))
        told = parsed(_exactly(process, errors, text, check))
        if told["frame"] == "refused":
            raise InvalidInput(str(told["message"]), field=str(told["field"]) or None, reason=str(told["reason"]))
        yield told, _exactly(process, errors, more, check)
        if told["frame"] == "end":
            return


def _exactly(process: subprocess.Popen[bytes], errors: int, count: int, check: Callable[[], None]) -> bytes:
    if process.stdout is None:
        raise ValueError("nobody listens to the child")
    out, data = process.stdout.fileno(), bytearray()
    while len(data) < count:
        if not select.select([out], [], [], LOOK_S)[0]:
            check()
            continue
        piece = os.read(out, min(count - len(data), PIECE))
        if not piece:
            log.warning("trace_reader_broke_down", status=process.wait(), said=_last_words(errors))
            raise InvalidInput(
                "The file cannot be read: what read it broke down over it.", field="artifact", reason="unreadable"
            )
        data += piece
    return bytes(data)


def _last_words(errors: int) -> str:
    try:
        return os.read(errors, 2**16)[-SAID_BYTES:].decode("utf-8", "replace")
    except BlockingIOError:
        return ""
