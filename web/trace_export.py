"""Kept traces in the forms of other tools, written once by a process of its own, and kept beside the campaign."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import structlog

from jobs.errors import NotFound, Overloaded, StoreUnavailable
from jobs.model import Job
from jobs.queue import MEASURED
from stores.ports import Files
from web.refusals import TracesNotKept
from web.storage import Storage

Form = Literal["npz", "hdf5", "ets", "parquet"]
ENDINGS: Mapping[Form, str] = {"npz": "npz", "hdf5": "h5", "ets": "ets", "parquet": "parquet"}
LONGEST_S = 600
AT_ONCE = 2
"""Processes that write, of each web process: each takes a quarter of what a web container may have."""
RETRY_AFTER_S = 5
ROOT = Path(__file__).resolve().parents[1]
LAYOUT = "layout.json"
TRACES = "traces.npy"
GROUP = "group"
TAKEN = frozenset({"traces", "samples", GROUP, "pc", "file"})
"""What the forms call something else: an input of that name is called `input_<name>` in them."""
HANDED_ON = ("PATH", "LANG", "LD_LIBRARY_PATH")
"""What the process may know of our environment: no setting, so no secret."""

log = structlog.get_logger(__name__)


class TraceExports:
    """The exports that this process makes."""

    def __init__(self, files: Files, storage: Storage) -> None:
        """Write beside what is in `files`, as far as tenants have room for it."""
        self._files = files
        self._storage = storage
        self._lock = Lock()
        self._written: set[tuple[str, Form]] = set()

    def path(self, job: Job, form: Form) -> Path:
        """Return where the traces of a campaign lie in a form.

        Raise TracesNotKept; Overloaded while others are written; StorageExceeded; or StoreUnavailable if it failed.
        """
        name = f"export.{form}"
        try:
            return self._files.path(job.id, name).absolute()
        except NotFound:
            with self._seat(job, form):
                self._write(job, form)
        written = self._files.path(job.id, name).absolute()
        self._storage.stored(job.tenant, written.stat().st_size)
        return written

    @contextmanager
    def _seat(self, job: Job, form: Form) -> Iterator[None]:
        """Write one file at a time for all who ask for it: who has lost patience comes again and finds it."""
        with self._lock:
            if (job.id, form) in self._written:
                raise Overloaded("The traces are being written in this form.", retry_after_s=RETRY_AFTER_S)
            if len(self._written) >= AT_ONCE:
                raise Overloaded("Other traces are being written in another form.", retry_after_s=RETRY_AFTER_S)
            self._written.add((job.id, form))
        try:
            yield
        finally:
            with self._lock:
                self._written.discard((job.id, form))

    def _write(self, job: Job, form: Form) -> None:
        try:
            traces = self._files.path(job.id, TRACES)
        except NotFound as error:
            raise TracesNotKept("The traces were removed.") from error
        self._storage.admit(job.tenant, traces.stat().st_size)
        folder = self._files.folder(job.id).absolute()
        command = [sys.executable, "-m", "stores.trace_export", str(folder), form]
        with subprocess.Popen(
            [*command, json.dumps(_columns(job, self._files))],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as process:
            try:
                _, said = process.communicate(timeout=LONGEST_S)
            except subprocess.TimeoutExpired as error:
                raise StoreUnavailable(f"Writing the traces took longer than {LONGEST_S} s.") from error
            finally:
                process.kill()
                process.wait()
                # One that was killed has left what it had written.
                (folder / f".export-{process.pid}.{form}").unlink(missing_ok=True)
        if process.returncode:
            log.error("export_failed", job_id=job.id, form=form, said=said[-2000:].decode("utf-8", "replace"))
            raise StoreUnavailable("The traces could not be written in this form.")


def environment() -> Mapping[str, str]:
    """Return the environment of the process that writes."""
    return {**{name: os.environ[name] for name in HANDED_ON if name in os.environ}, "PYTHONPATH": str(ROOT)}


def _columns(job: Job, files: Files) -> Mapping[str, tuple[int, int]]:
    """Return where each value lies in a row of inputs: as an import left it, or in the order of the target's inputs."""
    if job.kind == MEASURED.name:
        layout: dict[str, Any] = json.loads(files.path(job.id, LAYOUT).read_bytes())
        # Its group is that of the sets, which lie in a file of their own.
        return {_called(name): (first, last) for name, (first, last) in layout["values"].items() if name != GROUP}
    columns, start = {}, 0
    for item in job.params["target"]["inputs"]:
        columns[_called(item["name"])] = (start, start + item["length"])
        start += item["length"]
    return columns


def _called(name: str) -> str:
    return f"input_{name}" if name in TAKEN else name
