"""A job's events as they happen, from any point on."""

from collections.abc import Iterator

import structlog

from jobs.errors import DaseinError
from jobs.model import Event
from stores.ports import Jobs
from web.waiting import Hub, Waiter

HEARTBEAT_S = 15.0
BATCH = 500
DONE = "done"
GAP = "gap"

log = structlog.get_logger(__name__)


def events_of(
    jobs: Jobs, hub: Hub, waiter: Waiter, *, after: str | None, heartbeat_s: float = HEARTBEAT_S
) -> Iterator[Event | None]:
    """Yield a job's events until it has ended, and None where nothing happened for `heartbeat_s`.

    A `gap` is an event of ours, without an id, where the store had dropped events before they were read.
    """
    job_id = waiter.job_id
    while not hub.stopped:
        try:
            # One look: what an ended job still has to say is in it.
            look = jobs.looks({job_id: after}, limit=BATCH).get(job_id)
            if look is None:
                jobs.get(job_id)
                return
        except DaseinError as error:
            # The answer has begun: ending it makes the client ask again, and then it gets the problem itself.
            log.info("event_stream_ended", job_id=job_id, code=error.code)
            return
        if look.gap and look.events:
            yield Event("", GAP, {"after": after, "next": look.events[0].id})
        for event in look.events:
            yield event
            after = event.id
            if event.name == DONE:
                return
        if not look.events and look.job.state.final:
            return
        if not look.events and not waiter.wait(heartbeat_s):
            yield None
