"""What a tenant uses of the farm at present."""

from dataclasses import dataclass

from stores.ports import Jobs
from web.storage import Storage


@dataclass(frozen=True, slots=True)
class Usage:
    """What quotas bound."""

    jobs_in_flight: int
    traces_per_day: int
    storage_bytes: int


@dataclass(frozen=True, slots=True)
class Meter:
    """Reads the usage from the stores, as the quotas do."""

    jobs: Jobs
    storage: Storage

    def read(self, tenant: str) -> Usage:
        """Return the usage of a tenant."""
        counts = self.jobs.counts(tenant=tenant)
        return Usage(
            jobs_in_flight=sum(number for (_, state), number in counts.items() if not state.final),
            traces_per_day=self.jobs.traces_today(tenant),
            storage_bytes=self.storage.used(tenant),
        )
