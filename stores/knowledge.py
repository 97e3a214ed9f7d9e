"""The ports of knowledge: documents, graph, vectors, texts, cache. Adapters raise StoreUnavailable, and nothing of their drivers.

Documents are the truth. Graph, vectors and texts are made from them and can be made again. What is written belongs to a
*batch* (a campaign, a measurement file, a document); one writer per tenant writes at a time. A batch that is being
written or removed is *hidden*: readers name the hidden batches and see nothing that belongs to them alone. Every call
names its tenant and sees nothing of another one. Every write may happen twice.
"""

from collections.abc import Mapping
from typing import Protocol


class Store(Protocol):
    """What every store of knowledge can be asked."""

    def migrate(self) -> None:
        """Create what is missing: schema, indexes, constraints, versioned; may run twice and at the same time."""

    def ping(self) -> None:
        """Return if the store answers; raise StoreUnavailable."""

    def erase(self, tenant: str) -> None:
        """Remove everything of a tenant."""


class Cache(Protocol):
    """Answers that were given before. Losing all of it costs time and nothing else. Keys are `<what>:<tenant>:<more>`."""

    def get(self, key: str) -> bytes | None:
        """Return a value that has not expired."""

    def set(self, key: str, value: bytes, *, ttl_s: float) -> None:
        """Keep a value for a while."""

    def lock(self, key: str, *, owner: str, ttl_s: float) -> bool:
        """Take a lock that nobody holds, or that is the owner's already; say whether it is held now."""

    def unlock(self, key: str, *, owner: str) -> None:
        """Give back a lock, if it is the owner's."""

    def note(self, tenant: str, request: str) -> None:
        """Count a request (its JSON) among the tenant's most frequent ones; the rarest of too many are forgotten."""

    def frequent(self, tenant: str, *, limit: int) -> list[str]:
        """Return the tenant's most frequent requests, most first."""

    def tenants(self) -> list[str]:
        """Return the tenants that have asked something, sorted."""

    def count(self, name: str, by: int = 1) -> None:
        """Add to a counter of the whole farm, such as `hit` or `miss`."""

    def counters(self) -> Mapping[str, int]:
        """Return the counters."""

    def erase(self, tenant: str) -> None:
        """Remove everything of a tenant."""

    def held(self, tenant: str) -> int:
        """Return how many values, locks and frequent requests of a tenant there are."""

    def ping(self) -> None:
        """Return if the cache answers; raise StoreUnavailable."""
