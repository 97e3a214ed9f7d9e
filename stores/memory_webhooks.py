"""Webhooks in this process's memory, beside the jobs of `memory.py`: for tests and for one process alone."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Condition, RLock

from jobs.errors import InvalidInput, NotFound
from jobs.model import Job
from stores.webhooks import Delivery, DeliveryPage, DeliveryState, Outcome, Secrets


class MemoryDeliveries:
    """Deliveries and secrets, in memory. Safe for threads."""

    def __init__(self, *, clock: Callable[[], datetime], lock: RLock) -> None:
        """Tell the time by `clock`; share the `lock` of the jobs, so that both change at once."""
        self._clock = clock
        self._lock = lock
        self._noted = Condition(lock)
        self._deliveries: dict[str, Delivery] = {}
        self._wakes = 0
        self._secrets: dict[str, Secrets] = {}

    def note(self, job: Job) -> None:
        """Note that a job has ended, if somebody is to be told."""
        if job.callback_url is None:
            return
        now = self._clock()
        delivery = Delivery(job.id, job.tenant, job.callback_url, DeliveryState.PENDING, 0, now, due_at=now)
        with self._noted:
            self._deliveries[job.id] = delivery
            self._wake()

    def forget(self, job_id: str) -> None:
        """Forget what was to be told of a job."""
        with self._lock:
            self._deliveries.pop(job_id, None)

    def wait(self, timeout_s: float) -> None:
        """Return when something may be due, or after `timeout_s`."""
        with self._noted:
            if self._noted.wait_for(lambda: self._wakes > 0, timeout_s):
                self._wakes -= 1

    def claim(self, *, lease_s: float, but: Collection[str] = ()) -> Delivery | None:
        """Take the delivery that is due the longest."""
        with self._lock:
            now = self._clock()
            due = [
                (one.due_at, one)
                for one in self._deliveries.values()
                if one.due_at is not None and one.due_at <= now and one.tenant not in but
            ]
            if not due:
                return None
            first = min(due, key=lambda item: item[0])[1]
            claimed = replace(first, attempts=first.attempts + 1, due_at=now + timedelta(seconds=lease_s))
            self._deliveries[first.id] = claimed
            return replace(claimed, due_at=None)

    def settle(self, delivery: Delivery, outcome: Outcome) -> bool:
        """Note what came of a claimed delivery."""
        with self._lock:
            found = self._deliveries.get(delivery.id)
            if found is None or found.state is not DeliveryState.PENDING or found.attempts != delivery.attempts:
                return False
            now, pending = self._clock(), outcome.state is DeliveryState.PENDING
            self._deliveries[delivery.id] = replace(
                found,
                state=outcome.state,
                due_at=now + timedelta(seconds=outcome.again_s or 0) if pending else None,
                settled_at=None if pending else now,
                status=outcome.status,
                problem=outcome.problem,
            )
            return True

    def find(self, tenant: str, *, state: DeliveryState | None, cursor: str | None, limit: int) -> DeliveryPage:
        """Return a page of a tenant's deliveries."""
        if cursor is not None and not cursor.isdecimal():
            raise InvalidInput("This is not a cursor of ours.", field="cursor")
        with self._lock:
            numbered = list(enumerate(self._deliveries.values()))[::-1]
        found = [
            (number, one)
            for number, one in numbered
            if one.tenant == tenant and state in {None, one.state} and (cursor is None or number < int(cursor))
        ]
        page = found[:limit]
        return DeliveryPage([one for _, one in page], str(page[-1][0]) if len(found) > limit else None)

    def replay(self, tenant: str, delivery_id: str) -> Delivery:
        """Make a settled delivery due again."""
        with self._noted:
            found = self._deliveries.get(delivery_id)
            if found is None or found.tenant != tenant:
                raise NotFound("There is no such delivery.")
            if found.state is not DeliveryState.PENDING:
                first = Delivery(found.id, tenant, found.url, DeliveryState.PENDING, 0, found.created_at)
                self._deliveries[delivery_id] = replace(first, due_at=self._clock())
                self._wake()
            return self._deliveries[delivery_id]

    def due(self) -> int:
        """Return how many deliveries are due, or will be."""
        with self._lock:
            return sum(one.state is DeliveryState.PENDING for one in self._deliveries.values())

    def held(self, tenant: str) -> int:
        """Return how much there is of a tenant."""
        with self._lock:
            deliveries = sum(one.tenant == tenant for one in self._deliveries.values())
            return deliveries + (tenant in self._secrets)

    def erase(self, tenant: str) -> None:
        """Remove everything of a tenant."""
        with self._lock:
            for delivery_id in [one.id for one in self._deliveries.values() if one.tenant == tenant]:
                del self._deliveries[delivery_id]
            self._secrets.pop(tenant, None)

    def secrets(self, tenant: str, *, otherwise: str) -> Secrets:
        """Return a tenant's secrets, made if need be."""
        with self._lock:
            found = self._secrets.setdefault(tenant, Secrets(otherwise, self._clock()))
            if found.previous_until is not None and found.previous_until <= self._clock():
                found = replace(found, previous=None, previous_until=None)
            return found

    def rotate(self, tenant: str, secret: str, *, grace_s: float) -> Secrets:
        """Make `secret` the current one."""
        with self._lock:
            now, before = self._clock(), self._secrets.get(tenant)
            previous = None if before is None else before.current
            until = None if before is None else now + timedelta(seconds=grace_s)
            self._secrets[tenant] = Secrets(secret, now, previous, until)
            return self.secrets(tenant, otherwise=secret)

    def _wake(self) -> None:
        self._wakes += 1
        self._noted.notify()
