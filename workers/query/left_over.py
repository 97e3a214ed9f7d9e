"""What jobs leave that broke off: who takes it away.

A job that is told to stop takes away what it wrote, if that is quickly done. Whatever else is left stays hidden, and is taken
away by the next writer: at once if nobody would miss it, after an hour if its job may still be tried again.
"""

from collections.abc import Collection
from contextlib import suppress

from jobs.errors import DeadlineExceeded, StoreUnavailable
from stores.documents import Shelf
from workers.query.batch import batch_bodies
from workers.query.corpus import Writing, writing
from workers.query.corpus_changes import forget
from workers.query.remove import remove_parts
from workers.query.services import QueryServices

PATIENCE_S = 15.0
"""Of a job that was told to stop: half of what is left to it before it is killed."""
ABANDONED_S = 3600.0
"""After which nobody comes back for a batch: longer than a job waits to be tried again."""


def clear_away(*batches: str, tenant: str, job_id: str, services: QueryServices) -> None:
    """Take away what a job wrote that was told to stop; what cannot be done now is left to the next writer."""
    until = services.timer() + PATIENCE_S

    def check() -> None:
        if services.timer() > until:
            raise DeadlineExceeded("There was no time to take away what was written.")

    with (
        suppress(DeadlineExceeded, StoreUnavailable),
        writing(tenant, job_id, services, check=check) as lease,
    ):
        hidden = [batch for batch in batches if batch in lease.corpus.hidden]
        bodies = batch_bodies(services.documents, tenant, hidden)
        if mine := [batch for batch, body in bodies.items() if body.get("job") == job_id]:
            remove_parts(*mine, lease=lease, services=services)
            lease.change(forget(*mine))


def sweep(
    lease: Writing, services: QueryServices, *, but: Collection[str] = (), older_s: float = ABANDONED_S
) -> list[str]:
    """Take away what others left unfinished and have not touched for a while; return what it was."""
    hidden = sorted(lease.corpus.hidden.difference(but))
    there = services.documents.get(lease.tenant, Shelf.BATCHES, hidden) if hidden else {}
    latest = services.clock() - older_s
    left = [
        batch
        for batch in hidden
        # Without a record nothing was written yet, or all of it is gone.
        if batch not in there or (there[batch].body["state"] != "visible" and there[batch].at <= latest)
    ]
    for batch in left:
        remove_parts(batch, lease=lease, services=services)
        lease.change(forget(batch))
    return left
