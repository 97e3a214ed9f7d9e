"""Retention, by hand: `python -m workers.retention [--dry-run]` has the ingest pool do it, waits, and prints the job."""

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from uuid import uuid4

from jobs.errors import StoreUnavailable
from jobs.identity import HOME
from jobs.model import NewJob, State
from jobs.queue import RETENTION
from jobs.tenancy import RetainRequest
from workers.lifecycle import send
from workers.wiring import job_services

LOOK_S = 0.2


def main(arguments: Sequence[str]) -> int:
    """Start the job and wait for its end; return the exit status."""
    parser = ArgumentParser("retention", description="Remove what is over its age, of all tenants.")
    parser.add_argument("--dry-run", action="store_true", help="only count it")
    parser.add_argument("--wait", type=float, default=600, metavar="S", help="give up waiting after so many seconds")
    given = parser.parse_args(arguments)
    jobs, queue, _ = job_services()
    params = RetainRequest(dry_run=given.dry_run).model_dump()
    try:
        job, _ = jobs.submit(NewJob(f"retain-{uuid4()}", RETENTION.name, params, HOME))
        send(job, jobs, queue)
        until = time.monotonic() + given.wait
        while not job.state.final and time.monotonic() < until:
            time.sleep(LOOK_S)
            job = jobs.get(job.id)
    except StoreUnavailable as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    told = {"job": job.id, "state": job.state, "result": job.result, "error": job.error and job.error.message}
    sys.stdout.write(f"{json.dumps(told, indent=2)}\n")
    return 0 if job.state is State.SUCCEEDED else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
