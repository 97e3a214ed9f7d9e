"""What a store of jobs in memory has of a tenant."""

from collections.abc import Collection, Iterator

from jobs.model import Job
from stores.memory_batches import MemoryBatches


class MemoryHoldings(MemoryBatches):
    """Holdings, in memory."""

    def every(self, tenant: str) -> Iterator[Job]:
        """Yield the tenant's jobs."""
        with self._lock:
            found = [record.job for record in self._records.values() if record.job.tenant == tenant]
        yield from found

    def keep_for(self, tenant: str, seconds: float, *, tombstone_s: float, dry: bool = False) -> int:
        """Let ended jobs expire."""
        old = 0
        with self._lock:
            for record in self._records.values():
                ended = record.job.finished_at
                if record.job.tenant != tenant or ended is None or record.expires is None:
                    continue
                if record.job.id in self._dead or record.expires - ended.timestamp() >= tombstone_s:
                    continue
                expires = ended.timestamp() + seconds
                old += expires <= self._now()
                if not dry:
                    record.expires = expires
        return old

    def erase(self, tenant: str, *, spare: Collection[str] = ()) -> None:
        """Remove all that is known."""
        with self._lock:
            gone = {job.id for job in self.every(tenant)} - set(spare)
            for job_id in gone:
                for known in (self._records, self._due, self._waiting, self._dead):
                    known.pop(job_id, None)
                self.line.forget(job_id)
            if not spare:
                self.line.forget_tenant(tenant)
            for job_id in [job_id for job_id, (owner, _) in self._tombstones.items() if owner == tenant]:
                del self._tombstones[job_id]
            for batch_id in [batch.id for batch in self._batches.values() if batch.tenant == tenant]:
                del self._batches[batch_id], self._members[batch_id]
            for day in [day for day in self._traces if day[0] == tenant]:
                del self._traces[day]
            for batch_key in [key for key in self._batch_keys if key[0] == tenant]:
                del self._batch_keys[batch_key]
            for key in [key for key, (job_id, _) in self._keys.items() if key[0] == tenant and job_id not in spare]:
                del self._keys[key]

    def count(self, tenant: str, *, spare: Collection[str] = ()) -> int:
        """Return how many records there are."""
        with self._lock:
            records = sum(job.id not in spare for job in self.every(tenant))
            tombstones = sum(owner == tenant for owner, _ in self._tombstones.values())
            keys = sum(owner == tenant and job_id not in spare for (owner, _), (job_id, _) in self._keys.items())
            keys += sum(owner == tenant for owner, _ in self._batch_keys)
            batches = sum(batch.tenant == tenant for batch in self._batches.values())
            keys += sum(owner == tenant and count > 0 for (owner, _), count in self._traces.items())
        return records + tombstones + keys + batches
