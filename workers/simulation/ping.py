"""The job that does nothing: it measures the way there and back, and shows that cancelling works."""

import math
import time
from collections.abc import Mapping
from typing import Any

from jobs.attempt import Attempt
from jobs.model import Progress
from jobs.payloads import PingRequest

SLICE_S = 0.1


def ping(request: PingRequest, attempt: Attempt) -> Mapping[str, Any]:
    """Take `duration_s`, telling every second how far it is, and return the echo."""
    end = time.monotonic() + request.duration_s
    total = math.ceil(request.duration_s)
    told = 0
    while (left := end - time.monotonic()) > 0:
        attempt.check()
        if (done := total - math.ceil(left)) > told:
            attempt.report(Progress(done, total, "seconds"))
            told = done
        time.sleep(min(SLICE_S, left))
    return {"echo": request.echo}
