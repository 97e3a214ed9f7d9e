"""This machine: room on its disk, and how many connections a process may hold."""

import os
import resource
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from config.settings import Settings
from deploy.admin.finding import Finding, fail, ok, warn

LOW = 0.1
"""Of a disk; stores and engines slow down or refuse when less is left."""
LEAST_BYTES = 512 * 2**20
"""Less than one campaign with kept traces may take."""
SPARE = 1024
"""Descriptors besides those of waiters: stores, files, what is being accepted."""


def look_at_machine(settings: Settings) -> Iterator[Finding]:
    """Yield what is found of the folder of data and of this process's limits."""
    yield from _folder(settings.data_dir)
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = settings.waiters_limit + SPARE
    said = f"a process may hold {soft} descriptors open; web takes up to {wanted}."
    if soft < wanted:
        advice = f"Raise it for web (`ulimit -n {wanted}`, LimitNOFILE), or lower DASEIN_WAITERS_LIMIT."
        yield warn("descriptors", said, advice)
    else:
        yield ok("descriptors", said)


def _folder(folder: Path) -> Iterator[Finding]:
    if not folder.exists():
        yield warn("disk", f"{folder} is not there yet.", "`make up` makes it; or mend DASEIN_DATA_DIR.")
        return
    try:
        with tempfile.NamedTemporaryFile(dir=folder) as file:
            file.write(b"x")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        yield fail("disk", f"nothing can be written to {folder}: {error.strerror}.", "Mend its owner, or its disk.")
        return
    disk = shutil.disk_usage(folder)
    said = f"{disk.free / 2**30:.1f} of {disk.total / 2**30:.1f} GiB are free at {folder}."
    advice = "Shorten retention (DASEIN_JOB_RETENTION_S, DASEIN_ARTIFACT_RETENTION_DAYS), or give it a larger disk."
    if disk.free < LEAST_BYTES:
        yield fail("disk", said, advice)
    elif disk.free < LOW * disk.total:
        yield warn("disk", said, advice)
    else:
        yield ok("disk", said)
