"""The bytes that each tenant keeps here: artifacts, and files of its jobs.

Measured by walking the data folder, at most twice a minute; what this process takes in meanwhile is counted.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Lock
from time import monotonic

from stores.ports import Artifacts, Files, Jobs
from web.quotas import TenantQuotas
from web.refusals import StorageExceeded

KEPT_S = 30.0
QUOTA = "storage_bytes"


class Storage:
    """Measures tenants, and keeps them within their quotas; those without one cost nothing."""

    def __init__(
        self,
        artifacts: Artifacts,
        files: Sequence[Files],
        jobs: Jobs,
        quotas: TenantQuotas,
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Measure `artifacts` and the `files` of `jobs`."""
        self._artifacts = artifacts
        self._files = files
        self._jobs = jobs
        self._quotas = quotas
        self._clock = clock
        self._lock = Lock()
        self._owners: Mapping[str, str] = {}
        self._of_jobs: Counter[str] = Counter()
        self._jobs_until = 0.0
        self._measured: dict[str, tuple[float, int]] = {}
        self._since: Counter[str] = Counter()
        self._arriving: Counter[str] = Counter()

    def used(self, tenant: str) -> int:
        """Return the bytes of a tenant; raise StoreUnavailable."""
        with self._lock:
            until, stored = self._measured.get(tenant, (0.0, 0))
            if self._clock() >= until:
                self._since[tenant] = 0
                stored = self._artifacts.usage(tenant) + self._job_files()[tenant]
                self._measured[tenant] = (self._clock() + KEPT_S, stored)
            return stored + self._since[tenant] + self._arriving[tenant]

    def admit(self, tenant: str, wanted: int = 0) -> None:
        """Raise StorageExceeded for a tenant that has no room for `wanted` bytes, or none at all."""
        limit = self._quotas.of(tenant).storage_bytes
        if limit is not None and ((used := self.used(tenant)) + wanted > limit or used >= limit):
            raise _exceeded(limit, used, wanted)

    def counted(self, tenant: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the chunks of an upload while there is room for them; raise StorageExceeded."""
        limit = self._quotas.of(tenant).storage_bytes
        arrived = 0
        try:
            for chunk in chunks:
                if limit is not None:
                    if (used := self.used(tenant)) + len(chunk) > limit:
                        raise _exceeded(limit, used, len(chunk))
                    arrived += len(chunk)
                    self._arriving[tenant] += len(chunk)
                yield chunk
        finally:
            self._arriving[tenant] -= arrived

    def stored(self, tenant: str, size: int) -> None:
        """Note that a tenant keeps so many bytes more, or less."""
        self._since[tenant] += size

    def _job_files(self) -> Counter[str]:
        """Return the bytes of the files of jobs, by tenant: one walk is good for all of them."""
        if self._clock() >= self._jobs_until:
            sizes: Counter[str] = Counter()
            for files in self._files:
                sizes.update(files.sizes())
            # A job never changes its tenant.
            known = {job: tenant for job, tenant in self._owners.items() if job in sizes}
            self._owners = {**known, **self._jobs.owners([job for job in sizes if job not in known])}
            self._of_jobs = Counter()
            for job, size in sizes.items():
                self._of_jobs[self._owners.get(job, "")] += size
            self._jobs_until = self._clock() + KEPT_S
        return self._of_jobs


def _exceeded(limit: int, used: int, wanted: int) -> StorageExceeded:
    return StorageExceeded(QUOTA, limit=limit, used=used, wanted=wanted, retry_after_s=0)
