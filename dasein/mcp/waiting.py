"""Wait for jobs on behalf of a model: never for longer than it asked for, with progress, and given up when it gives up."""

import time
from collections.abc import Mapping
from typing import Any

import anyio
from mcp.server.mcpserver import Context

from dasein.answers import Job, result_of
from dasein.client import Client
from dasein.errors import DaseinError, WaitTimeout
from dasein.mcp.tool import aside

STEP_S = 2.0
"""Of a wait that is given up, this much goes on."""
GOODBYE_S = 3.0


async def watched(farm: Client, job_id: str, wait_s: float, context: Context) -> Job:
    """Return a job once it has ended, or as it is after `wait_s`; tell the client of its progress."""
    ends = time.monotonic() + wait_s
    job = await aside(farm.job, job_id)
    told = -1
    while True:
        if job.progress.done > told:
            told = job.progress.done
            message = f"{job.state.value} {job.progress.message}".strip()
            await context.report_progress(told, job.progress.total or None, message)
        left_s = ends - time.monotonic()
        if job.state.final or left_s <= 0:
            return job
        job = await aside(_step, farm, job_id, min(STEP_S, left_s))


async def asked(
    farm: Client, kind: str, params: Mapping[str, Any], *, priority: int, wait_s: float, context: Context
) -> dict[str, Any]:
    """Submit a short job and return its result; raise JobFailed, or WaitTimeout after `wait_s`.

    If the client gives up, the job is cancelled: nobody would read what it finds.
    """
    job = await aside(farm.submit, kind, params, priority=priority)
    try:
        ended = await watched(farm, job.id, wait_s, context)
    except anyio.get_cancelled_exc_class():
        with anyio.move_on_after(GOODBYE_S, shield=True):
            await aside(_cancel, farm, job.id)
        raise
    if not ended.state.final:
        raise WaitTimeout(job.id, waited_s=wait_s)
    return result_of(ended)


def _step(farm: Client, job_id: str, wait_s: float) -> Job:
    seen: list[Job] = []
    try:
        return farm.wait(job_id, on_change=seen.append, timeout_s=wait_s)
    except WaitTimeout:
        return seen[-1]


def _cancel(farm: Client, job_id: str) -> None:
    try:
        farm.cancel(job_id)
    except DaseinError:
        return
