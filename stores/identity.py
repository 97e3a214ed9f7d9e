"""The ports of identity: keys, tenants, the audit trail. Adapters raise StoreUnavailable, and nothing of their drivers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from jobs.identity import HOME, Role


@dataclass(frozen=True, slots=True)
class Quotas:
    """What a tenant may use at most; None: what the settings say."""

    jobs_in_flight: int | None = None
    """Jobs that are queued or running, without their parts."""
    traces_per_day: int | None = None
    """Of campaigns that were submitted since midnight, UTC."""
    storage_bytes: int | None = None
    """Of artifacts and of files of jobs."""


@dataclass(frozen=True, slots=True)
class Retention:
    """For how many days what a tenant leaves is kept; None: as the settings say."""

    job_days: int | None = None
    """After the job's end."""
    audit_days: int | None = None
    artifact_days: int | None = None
    """After the upload, once no job names it any more."""
    chat_days: int | None = None
    """After the last turn; at most 30."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """Somebody whose data nobody else sees. The home tenant is always there, recorded or not."""

    id: str
    created_at: datetime | None
    """None for the home tenant before anybody changed it."""
    title: str = ""
    suspended: bool = False
    """Its keys and tokens are refused; its data and jobs stay as they are."""
    quotas: Quotas = field(default_factory=Quotas)
    retention: Retention = field(default_factory=Retention)
    weight: float = 1.0
    """Of what it has of a pool while others want it, too: twice the weight, twice the time."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key; never the key itself."""

    prefix: str
    """Public: names the key."""
    tenant: str
    role: Role
    name: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    """To the minute."""


@dataclass(frozen=True, slots=True)
class Known:
    """All that a key's check takes."""

    key: ApiKey
    digest: str
    """Of the whole key, under the server's secret."""
    tenant: Tenant | None
    """None if there is no such tenant any more."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One call in the audit trail: who did what, when, from where and with what outcome; no body, no secret."""

    at: datetime
    tenant: str | None
    """Of the caller; None for nobody we know."""
    name: str | None
    role: Role | None
    method: str
    path: str
    operation: str | None
    """The name of the operation; None for a path that nobody serves."""
    status: int
    code: str | None
    """Of the problem that it was answered with."""
    address: str | None
    request_id: str
    id: str = ""
    """Given by the store, ordered by time."""


Outcome = Literal["succeeded", "denied", "failed"]


class Keys(Protocol):
    """API keys. A key that was revoked is unknown to the next call, in every process."""

    def add(self, key: ApiKey, digest: str) -> None:
        """Record a key; raise Conflict for a prefix that is taken."""

    def find(self, prefix: str) -> Known | None:
        """Return what a check takes, in one round trip; None for an unknown prefix."""

    def touch(self, prefix: str, at: datetime) -> None:
        """Note that a key was used; one that is gone stays gone."""

    def expire(self, prefix: str, at: datetime) -> None:
        """Let a key end at `at`, if it would not end sooner; one that is gone stays gone."""

    def revoke(self, prefix: str) -> ApiKey:
        """Remove a key and return it; raise NotFound."""

    def of(self, tenant: str | None) -> Sequence[ApiKey]:
        """Return the keys of a tenant, or all, oldest first; those that expired lately with them."""

    def erase(self, tenant: str) -> None:
        """Remove all keys of a tenant."""


class Tenants(Protocol):
    """Who there is, with quotas and retention."""

    def add(self, tenant: Tenant) -> None:
        """Record a tenant; raise Conflict for an id that is taken."""

    def get(self, tenant: str) -> Tenant:
        """Return a tenant, the home tenant always; raise NotFound."""

    def change(self, tenant: Tenant) -> None:
        """Replace a tenant's record; raise NotFound unless there is one, or it is the home tenant's."""

    def every(self) -> Sequence[Tenant]:
        """Return all tenants, the home tenant first, then by id."""

    def remove(self, tenant: str) -> None:
        """Forget a tenant, if it is there."""


class Audit(Protocol):
    """The audit trail, one for each tenant and one for callers that nobody knows; each keeps its newest entries.

    What was denied and what was done are capped apart: nobody can flush out a trail by being denied.
    """

    def append(self, entry: Entry) -> None:
        """Add an entry to its tenant's trail; to the home tenant's if there is no such tenant any more."""

    def page(
        self, tenant: str | None, *, outcome: Outcome | None, cursor: str | None, limit: int
    ) -> tuple[Sequence[Entry], str | None]:
        """Return entries, newest first, and the cursor of the next page; a page may be short, and yet not the last.

        Raise InvalidInput for a cursor that is not ours.
        """

    def trim(self, tenant: str | None, *, before: datetime, dry: bool = False) -> int:
        """Remove the entries before a time and return how many; with `dry` only count them."""

    def erase(self, tenant: str) -> None:
        """Remove a tenant's trail."""

    def count(self, tenant: str | None) -> int:
        """Return how many entries there are."""


def home_tenant() -> Tenant:
    """Return the home tenant as it is before anybody changed it."""
    return Tenant(HOME, created_at=None, title="The farm itself")


def outcome_of(status: int) -> Outcome:
    """Return what a status says of a call."""
    if status in {401, 403, 429}:
        return "denied"
    return "succeeded" if status < 400 else "failed"
