"""The ports of webhooks: what is to be told to whom when a job has ended, and the secrets that sign it.

The store of jobs notes a delivery in the same step in which a job ends, under the job's id: nothing that ended is
forgotten, whoever dies, and nothing is noted twice. A delivery goes with the record of its job.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class DeliveryState(StrEnum):
    """How far a delivery is."""

    PENDING = "pending"
    """It is due, or will be again."""
    DELIVERED = "delivered"
    FAILED = "failed"
    """It was given up; it can be replayed."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is to be told once. Times are UTC."""

    id: str
    """The job's."""
    tenant: str
    url: str
    state: DeliveryState
    attempts: int
    """Since it was noted, or replayed."""
    created_at: datetime
    due_at: datetime | None = None
    """When it is tried next; None once it is settled."""
    settled_at: datetime | None = None
    status: int | None = None
    """What the receiver answered last."""
    problem: str | None = None
    """Why the last attempt was none that counts."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt: delivered without a problem, tried again after `again_s`, or given up."""

    status: int | None = None
    problem: str | None = None
    again_s: float | None = None

    @property
    def state(self) -> DeliveryState:
        """Return the state that it leads to."""
        if self.problem is None:
            return DeliveryState.DELIVERED
        return DeliveryState.FAILED if self.again_s is None else DeliveryState.PENDING


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """Deliveries, newest first, and the cursor of the next page."""

    deliveries: Sequence[Delivery]
    cursor: str | None


class Deliveries(Protocol):
    """What is due, what was tried, and what came of it."""

    def wait(self, timeout_s: float) -> None:
        """Return when a job that wants a delivery has ended, which wakes one of all who wait, or after `timeout_s`."""

    def claim(self, *, lease_s: float, but: Collection[str] = ()) -> Delivery | None:
        """Take the delivery that is due the longest, of no tenant among `but`; None if there is none.

        This counts as an attempt. If nothing is said of it for `lease_s`, it is due again.
        """

    def settle(self, delivery: Delivery, outcome: Outcome) -> bool:
        """Note what came of a claimed delivery; return False, noting nothing, if it was claimed again meanwhile."""

    def find(self, tenant: str, *, state: DeliveryState | None, cursor: str | None, limit: int) -> DeliveryPage:
        """Return a page of a tenant's deliveries; raise InvalidInput for a cursor that is not ours."""

    def replay(self, tenant: str, delivery_id: str) -> Delivery:
        """Make a settled delivery due again, from its first attempt on; raise NotFound; a pending one stays as it is."""

    def due(self) -> int:
        """Return how many deliveries are due, or will be."""

    def held(self, tenant: str) -> int:
        """Return how much there is of a tenant: deliveries, and one for its secrets."""

    def erase(self, tenant: str) -> None:
        """Remove everything of a tenant, secrets included."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What signs a tenant's deliveries."""

    current: str
    created_at: datetime
    previous: str | None = None
    """Signs as well, for as long as receivers may need to learn the new one."""
    previous_until: datetime | None = None


class WebhookSecrets(Protocol):
    """The secrets of tenants."""

    def secrets(self, tenant: str, *, otherwise: str) -> Secrets:
        """Return a tenant's secrets; one that has none gets `otherwise`, whoever asks first."""

    def rotate(self, tenant: str, secret: str, *, grace_s: float) -> Secrets:
        """Make `secret` the current one; the one before it counts for `grace_s` more."""
