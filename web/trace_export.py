"""Kept traces in the forms of other tools, written once by a process of its own, and kept beside the campaign."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import structlog

from jobs.errors import NotFound, StoreUnavailable
from jobs.model import Job
from jobs.queue import MEASURED
from stores.ports import Files
from web.refusals import TracesNotKept

Form = Literal["npz", "hdf5", "ets", "parquet"]
ENDINGS: Mapping[Form, str] = {"npz": "npz", "hdf5": "h5", "ets": "ets", "parquet": "parquet"}
LONGEST_S = 600
ROOT = Path(__file__).resolve().parents[1]
LAYOUT = "layout.json"

log = structlog.get_logger(__name__)


def exported(job: Job, form: Form, files: Files) -> Path:
    """Return where the traces of a campaign lie in a form; raise TracesNotKept, or StoreUnavailable if it failed."""
    name = f"export.{form}"
    try:
        return files.path(job.id, name).absolute()
    except NotFound:
        _write(job, form, files)
    return files.path(job.id, name).absolute()


def _write(job: Job, form: Form, files: Files) -> None:
    try:
        files.path(job.id, "traces.npy")
    except NotFound as error:
        raise TracesNotKept("The traces were removed.") from error
    command = [sys.executable, "-m", "stores.trace_export", str(files.folder(job.id).absolute()), form]
    try:
        ended = subprocess.run(
            [*command, json.dumps(_columns(job, files))],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            timeout=LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise StoreUnavailable(f"Writing the traces took longer than {LONGEST_S} s.") from error
    if ended.returncode:
        log.error("export_failed", job_id=job.id, form=form, said=ended.stderr[-2000:].decode("utf-8", "replace"))
        raise StoreUnavailable("The traces could not be written in this form.")


def _columns(job: Job, files: Files) -> Mapping[str, tuple[int, int]]:
    """Return where each value lies in a row of inputs: as an import left it, or in the order of the target's inputs."""
    if job.kind == MEASURED.name:
        layout: dict[str, Any] = json.loads(files.path(job.id, LAYOUT).read_bytes())
        return {name: (first, last) for name, (first, last) in layout["values"].items()}
    columns, start = {}, 0
    for item in job.params["target"]["inputs"]:
        columns[item["name"]] = (start, start + item["length"])
        start += item["length"]
    return columns
