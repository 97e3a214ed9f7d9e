"""Wait for a job by long polls, each of which goes on from what the one before has seen."""

import math
import time
from collections.abc import Callable, Iterator

import httpx

from dasein.answers import Job
from dasein.errors import WaitTimeout
from dasein.paths import job_path
from dasein.transport import NOT_MODIFIED, Transport, document

LONG_POLL_S = 30
EARLY_S = 0.5
"""A long poll that ends without news before its time is repeated after so long."""


def await_end(
    http: Transport, job_id: str, *, on_change: Callable[[Job], object] | None, timeout_s: float | None
) -> Job:
    """Return the job once it has ended; `on_change` is called with all that is seen. Raise WaitTimeout."""
    for answer in long_polls(http, job_path(job_id), timeout_s=timeout_s):
        job = Job.read(document(answer))
        if on_change is not None:
            on_change(job)
        if job.state.final:
            return job
    raise WaitTimeout(job_id, waited_s=timeout_s or 0)


def long_polls(http: Transport, path: str, *, timeout_s: float | None) -> Iterator[httpx.Response]:
    """Yield what is at `path` now, and then every change of it that is seen within `timeout_s`."""
    began = time.monotonic()
    tag: str | None = None
    wait_s = 0
    while True:
        asked = time.monotonic()
        answer = http.send(
            "GET",
            path,
            params={"wait": wait_s},
            headers={"If-None-Match": tag} if tag else None,
            timeout_s=wait_s + http.timeout_s,
        )
        if answer.status_code != NOT_MODIFIED:
            tag = answer.headers.get("ETag")
            yield answer
        elif time.monotonic() - asked < wait_s / 2:
            time.sleep(EARLY_S)
        spent = time.monotonic() - began
        if timeout_s is not None and spent >= timeout_s:
            return
        wait_s = LONG_POLL_S if timeout_s is None else math.ceil(min(LONG_POLL_S, timeout_s - spent))
