"""What a tenant uses of the farm at present."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from jobs.model import State
from jobs.queue import CAMPAIGN
from stores.ports import Artifacts, Jobs

PAGE = 100
PAGES = 100
"""Of the day's campaigns: 10,000 are counted, which no quota needs to know more exactly."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What quotas bound."""

    jobs_in_flight: int
    traces_per_day: int
    storage_bytes: int


@dataclass(frozen=True, slots=True)
class Meter:
    """Reads the usage from the stores."""

    jobs: Jobs
    artifacts: Artifacts
    clock: Callable[[], datetime]

    def read(self, tenant: str) -> Usage:
        """Return the usage of a tenant."""
        counts = self.jobs.counts(tenant=tenant)
        return Usage(
            jobs_in_flight=sum(number for (_, state), number in counts.items() if not state.final),
            traces_per_day=self._traces(tenant) if any(kind == CAMPAIGN.name for kind, _ in counts) else 0,
            storage_bytes=self.artifacts.usage(tenant),
        )

    def _traces(self, tenant: str) -> int:
        """Return the traces that campaigns asked for since midnight; of those that were cancelled none."""
        midnight = self.clock().replace(hour=0, minute=0, second=0, microsecond=0)
        traces, cursor = 0, None
        for _ in range(PAGES):
            page = self.jobs.find(tenant=tenant, kind=CAMPAIGN.name, state=None, tag=None, cursor=cursor, limit=PAGE)
            for job in page.jobs:
                if job.submitted_at < midnight:
                    return traces
                if job.state is not State.CANCELLED:
                    traces += int(job.params.get("traces", 0))
            if page.cursor is None:
                break
            cursor = page.cursor
        return traces
