"""The port of what the store of jobs has of a tenant: for taking it along, taking it away, and letting it grow old."""

from collections.abc import Collection, Iterator
from typing import Protocol

from jobs.model import Job


class Holdings(Protocol):
    """All records of a tenant's jobs, parts and expired ones too. Every call looks at all records: nothing for a request."""

    def every(self, tenant: str) -> Iterator[Job]:
        """Yield the tenant's jobs, their parts too, in no order; one that comes or goes meanwhile may be left out."""

    def keep_for(self, tenant: str, seconds: float, *, tombstone_s: float, dry: bool = False) -> int:
        """Let the tenant's ended jobs expire so long after their end; return how many have with that expired already.

        Dead letters and what they were parts of, which are kept for `tombstone_s`, stay. With `dry` nothing is changed.
        """

    def erase(self, tenant: str, *, spare: Collection[str] = ()) -> None:
        """Remove all that is known of the tenant's jobs, running or not, but of those to `spare`."""

    def count(self, tenant: str, *, spare: Collection[str] = ()) -> int:
        """Return how many records, tombstones and idempotency keys there are, but of those to `spare`."""
