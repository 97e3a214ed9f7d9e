"""What erasure and retention work with."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from stores.documents import Documents
from stores.graph import Graph
from stores.holdings import Holdings
from stores.identity import Audit, Keys, Tenants
from stores.knowledge import Cache
from stores.ports import Artifacts, Files, Jobs
from stores.vectors import Texts, Vectors


class Store(NamedTuple):
    """Something that keeps what is a tenant's: how to remove it, and how much of it there is."""

    erase: Callable[[str], object]
    count: Callable[[str], int]


@dataclass(frozen=True, slots=True)
class RetentionDays:
    """For how long what tenants leave is kept where they say nothing else; None: for ever, or as its store says."""

    audit: int
    artifacts: int | None = None
    chats: int | None = None


class Messages(Protocol):
    """The messages in the queues."""

    def discard(self, job_ids: Collection[str], *, dry: bool = False) -> int:
        """Take the messages of jobs away, also those that workers hold; return how many. With `dry` only count them."""


class AccountServices(NamedTuple):
    """The collaborators, built once per process."""

    jobs: Jobs
    holdings: Holdings
    keys: Keys
    tenants: Tenants
    audit: Audit
    artifacts: Artifacts
    files: Mapping[str, Files]
    """Of jobs, by the name of their folder."""
    documents: Documents
    graph: Graph
    vectors: Vectors
    texts: Texts
    cache: Cache | None
    more: Mapping[str, Store]
    """Others that keep something of a tenant, by name."""
    messages: Messages
    days: RetentionDays
    tombstone_s: float
    clock: Callable[[], datetime]
    pause: Callable[[float], None]
    """Waits so many seconds."""
