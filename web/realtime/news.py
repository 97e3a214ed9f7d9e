"""A change as clients are told of it: made into JSON once, however many it is sent to."""

from collections.abc import Sequence
from functools import cached_property

from pydantic_core import to_json

from jobs.model import Job
from stores.ports import Look
from web.api_v2.answers import JobView
from web.realtime.following import GAP


class News:
    """What happened to one job."""

    def __init__(self, look: Look) -> None:
        """Tell what a look found."""
        self.look = look

    @property
    def job(self) -> Job:
        """Return the job as it is now."""
        return self.look.job

    @cached_property
    def view(self) -> bytes:
        """Return the job as listings show it."""
        return JobView.of(self.job, in_list=True).model_dump_json().encode()

    @cached_property
    def told(self) -> Sequence[tuple[str, bytes]]:
        """Return names and data of what happened; a change without an event of its own is told as the state."""
        told = [(event.name, to_json(dict(event.data))) for event in self.look.events]
        if self.look.gap and told:
            told.insert(0, (GAP, to_json({"next": self.look.events[0].id})))
        return told or [("state", to_json({"state": self.job.state, "attempts": self.job.attempts}))]


def event_text(subscription: str, topic: str, name: str, *, view: bytes, data: bytes) -> bytes:
    """Return an event for a subscription; `view` and `data` are JSON already."""
    head = to_json({"type": "event", "id": subscription, "topic": topic, "name": name})
    return b"".join((head[:-1], b',"job":', view, b',"data":', data, b"}"))
