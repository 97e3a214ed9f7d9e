"""The port of turns: which of a pool's queued jobs go out to its workers, and which are held until it is their tenant's turn."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from jobs.model import Job
from jobs.queue import Envelope

PLACES = 2
"""Of a pool whose workers have not said how many it has."""
FIRST_GUESS_S = 1.0
"""How long a tenant's first job in a pool is taken to run."""
MEMORY = 8
"""Jobs by which the mean of a tenant's times is smoothed."""


class Turns(Protocol):
    """Fairness between tenants. A queued job that was posted is *out*, in the list that workers read, or *held*.

    A pool's list has few places. One that is free goes to the tenant that has had the least seconds of the pool for its weight,
    and there to the most urgent job, the oldest among equals; a more urgent job takes the place of one of its own tenant
    that is out. Whatever takes a job from the queue or into it gives the free places in the same step, so that nothing
    waits beside an empty list.
    """

    def post(self, job_id: str, envelope: Envelope) -> None:
        """Send a queued job's message, or hold it; may be done twice. A job that is not queued stays as it is."""

    def open(self, queue: str, *, places: int) -> None:
        """Let so many messages lie in the list of `queue`, and give the places that are free."""

    def held(self, queue: str) -> Mapping[str, int]:
        """Return how many jobs each tenant has held, those without any left out; the one whose turn it is first."""

    def astray(self, kind: str, *, queue: str, older_s: float, limit: int) -> Sequence[Job]:
        """Return queued jobs that were posted more than `older_s` ago and are neither held nor in the list.

        Their messages are gone, with the worker that fetched them if nothing worse has happened: post them again. Of
        jobs that were sent by other means, which leave no message here, all that are old enough are returned.
        """
