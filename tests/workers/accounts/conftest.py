"""Tenants with data in every store, in memory, and what looks after them."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobs.identity import Role
from jobs.model import NewJob, Progress
from stores.artifacts import FileArtifacts, JobFiles
from stores.documents import Record, Shelf
from stores.graph import Node
from stores.identity import ApiKey, Entry, Tenant
from stores.memory import MemoryJobs
from stores.memory_cache import MemoryCache
from stores.memory_documents import MemoryDocuments
from stores.memory_graph import MemoryGraph
from stores.memory_identity import MemoryAudit, MemoryKeys, MemoryTenants
from stores.memory_texts import MemoryTexts
from stores.vectors import Passage, Row, Space
from stores.vectors_exact import ExactVectors
from workers.accounts.services import AccountServices, RetentionDays

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
TOMBSTONE_S = 90 * 86_400


class Clock:
    """A time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Attempted:
    """An attempt that notes what it was told."""

    job_id: str = "erase-1"
    worker: str = "one@here:1"
    steps: list[str] = field(default_factory=list)

    def check(self) -> None:
        """Go on."""

    def report(self, progress: Progress) -> None:
        self.steps.append(progress.message)

    def publish(self, job_id: str, partial: object) -> None:
        """Tell nobody."""


@dataclass
class Sent:
    """Messages in queues, by the ids of their jobs."""

    ids: list[str] = field(default_factory=list)

    def discard(self, job_ids: Collection[str], *, dry: bool = False) -> int:
        found = [job_id for job_id in self.ids if job_id in job_ids]
        if not dry:
            self.ids = [job_id for job_id in self.ids if job_id not in job_ids]
        return len(found)


@dataclass
class World:
    """All stores, and who looks after them."""

    services: AccountServices
    jobs: MemoryJobs
    messages: Sent
    clock: Clock
    paused: list[float]

    def bring(self, tenant: str) -> None:
        """Give a tenant something in every store, and jobs that are queued and done."""
        services, at = self.services, self.clock()
        if tenant != "default":
            services.tenants.add(Tenant(tenant, at))
        services.keys.add(ApiKey(f"{tenant:a<8}"[:8], tenant, Role.ADMIN, "somebody", at, "test"), "digest")
        services.audit.append(Entry(at, tenant, "somebody", Role.ADMIN, "POST", "/", None, 200, None, None, "id"))
        artifact = services.artifacts.put(tenant, [tenant.encode()], media_type="text/plain", limit_bytes=99)[0].id
        for name in ("queued", "done"):
            job_id = f"{tenant}-{name}"
            self.jobs.submit(NewJob(job_id, "ping", {"firmware": artifact}, tenant))
            self.messages.ids.append(job_id)
            for files in services.files.values():
                files.write(job_id, "report.json", [tenant.encode()])
        self.jobs.start(f"{tenant}-done", worker="one@here:1", lease_s=60)
        self.jobs.finish(f"{tenant}-done", {})
        services.graph.merge(tenant, [Node("Instruction", "i1", {"line": 1})], [], batch="b")
        vector = np.eye(1, 4, dtype=np.float32)[0]
        services.vectors.upsert(tenant, Space("chunks", "words-1", 4), [Row("i1", vector)])
        services.texts.add(tenant, [Passage("p1", "chunk", "a word")])
        services.documents.put(tenant, Shelf.PASSAGES, [Record("p1", {"kind": "chunk", "text": "a word"})])
        services.documents.put(tenant, Shelf.CHATS, [Record("s", {}, at=at.timestamp())])
        services.documents.put(tenant, Shelf.TURNS, [Record("t", {}, group="s", at=at.timestamp())])
        assert services.cache is not None
        services.cache.set(f"query:{tenant}:1", b"1", ttl_s=60)
        services.cache.note(tenant, "{}")

    def held(self, tenant: str) -> dict[str, Any]:
        """Return all that the stores have of a tenant."""
        services = self.services
        assert services.cache is not None
        return {
            "tenant": [one for one in services.tenants.every() if one.id == tenant],
            "keys": services.keys.of(tenant),
            "audit": services.audit.page(tenant, outcome=None, cursor=None, limit=100)[0],
            "artifacts": list(services.artifacts.every(tenant)),
            "jobs": list(self.jobs.every(tenant)),
            "messages": [one for one in self.messages.ids if one in {f"{tenant}-queued", f"{tenant}-done"}],
            "files": [
                (name, files.path(f"{tenant}-{job}", name).read_bytes())
                for files in services.files.values()
                for job in ("queued", "done")
                for name in files.names(f"{tenant}-{job}")
            ],
            "graph": services.graph.page(tenant, after=-1, limit=100),
            "vectors": services.vectors.held(tenant),
            "texts": services.texts.passages(tenant, ["p1"]),
            "documents": {shelf: services.documents.find(tenant, shelf) for shelf in Shelf},
            "cache": services.cache.held(tenant),
        }


@pytest.fixture
def world(tmp_path: Path) -> World:
    clock, messages = Clock(), Sent()
    paused: list[float] = []
    jobs, tenants = MemoryJobs(clock=clock, tombstone_s=TOMBSTONE_S), MemoryTenants()
    documents = MemoryDocuments(clock=lambda: clock().timestamp())
    services = AccountServices(
        jobs=jobs,
        holdings=jobs,
        keys=MemoryKeys(tenants),
        tenants=tenants,
        audit=MemoryAudit(tenants, clock=clock),
        artifacts=FileArtifacts(tmp_path),
        files={"campaigns": JobFiles(tmp_path, "campaigns"), "rems": JobFiles(tmp_path, "rems")},
        documents=documents,
        graph=MemoryGraph(),
        vectors=ExactVectors(documents),
        texts=MemoryTexts(),
        cache=MemoryCache(),
        more={},
        messages=messages,
        days=RetentionDays(audit=365),
        tombstone_s=TOMBSTONE_S,
        clock=clock,
        pause=paused.append,
    )
    return World(services, jobs, messages, clock, paused)
