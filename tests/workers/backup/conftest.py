"""A small farm on real stores, with something of everything in it, and what backs it up."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from jobs.identity import Role
from jobs.ingestion import IngestRequest
from jobs.model import Failure, NewJob
from stores.artifacts import FileArtifacts, JobFiles
from stores.audit_redis import RedisAudit
from stores.copying import CopiedDocuments, CopiedGraph
from stores.data_folder import DataFolder
from stores.documents_sqlite import SqliteDocuments
from stores.identity import ApiKey, Entry, Tenant
from stores.identity_redis import RedisKeys, RedisTenants
from stores.jobs_redis import RedisJobs
from stores.memory_graph import MemoryGraph
from stores.records_redis import RedisRecords
from stores.texts_tantivy import TantivyTexts
from stores.vault_obstore import ObjectVault
from stores.vectors_exact import ExactVectors
from tests.workers.query.knowledge import Running, WordEncoder
from workers.backup.services import BackupServices
from workers.backup.take import new_id
from workers.query.ingest import ingest
from workers.query.services import QueryServices

NOW = datetime(2026, 3, 4, 2, 30, tzinfo=UTC)
TENANT = "default"
NOTES = {
    "cipher": "The cipher runs on a Cortex-M4 board. Its S-box leaks at 3.3 V.",
    "board": "The board was calibrated in March. The oscilloscope samples at 500 MHz.",
}


class Clock:
    """A time that moves on by a second whenever it is asked."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass
class SmallFarm:
    """The stores of a farm."""

    redis: Redis
    jobs: RedisJobs
    folder: Path
    documents: CopiedDocuments
    graph: CopiedGraph
    backup: BackupServices
    query: QueryServices
    moved: list["SmallFarm"] = field(default_factory=list)

    def close(self) -> None:
        """Give connections back."""
        for farm in (self, *self.moved):
            if isinstance(farm.documents, SqliteDocuments):
                farm.documents.close()

    def take_in(self, name: str, text: str, *, tenant: str = TENANT, job_id: str = "") -> None:
        """Take a document into the knowledge."""
        attempt = Running(job_id=job_id or f"ingest-{name}")
        ingest(
            IngestRequest(text=text, name=name),
            tenant=tenant,
            job_id=attempt.job_id,
            attempt=attempt,
            services=self.query,
        )

    def moved_to(self, folder: Path, **changes: Any) -> "SmallFarm":
        """Return a farm without data on an emptied Redis, with the same vault."""
        self.redis.flushdb()
        vault = changes.pop("vault", self.backup.vault)
        self.moved.append(small_farm(self.redis, folder, vault=vault, **changes))
        return self.moved[-1]


def small_farm(
    redis: Redis,
    folder: Path,
    *,
    vault: ObjectVault,
    documents: CopiedDocuments | None = None,
    graph: CopiedGraph | None = None,
    **changes: Any,
) -> SmallFarm:
    """Return a farm on these stores, which are made where they are not given."""
    folder.mkdir(parents=True, exist_ok=True)
    held = documents or SqliteDocuments(folder / "knowledge" / "documents.sqlite", patience_s=5)
    held.migrate()
    drawn = graph or MemoryGraph()
    jobs = RedisJobs(redis, lease_s=15, retention_s=3600, tombstone_s=7200)
    backup = BackupServices(
        jobs=jobs,
        records=RedisRecords(redis),
        documents=held,
        graph=drawn,
        files=DataFolder(folder),
        cache=None,
        vault=vault,
        seal=None,
        engines={"records": "redis", "documents": "sqlite", "graph": "memory", "vectors": "exact"},
        keep=0,
        notes=folder / "backup",
        version="0",
        clock=Clock(),
        new_id=lambda now: new_id(now, "0000"),
    )._replace(**changes)
    query = QueryServices(
        documents=held,
        graph=drawn,
        vectors=ExactVectors(held),
        texts=TantivyTexts(held),
        cache=None,
        encoder=WordEncoder(),
        model=None,
        artifacts=FileArtifacts(folder),
        campaigns=JobFiles(folder, "campaigns"),
        rems=JobFiles(folder, "rems"),
        clock=NOW.timestamp,
        timer=lambda: 0.0,
    )
    return SmallFarm(redis, jobs, folder, held, drawn, backup, query)


def fill(farm: SmallFarm) -> None:
    """Leave something of everything: ended and running jobs, a batch, a dead letter, accounts, files, knowledge."""
    jobs = farm.jobs
    firmware, _ = FileArtifacts(farm.folder).put(TENANT, [b"\x7fELF firmware"], media_type="x/elf", limit_bytes=100)
    jobs.submit(NewJob("done", "campaign", {"firmware": firmware.id}, tags=("night",)), idempotency_key="one")
    jobs.start("done", worker="w:1", lease_s=9)
    jobs.finish("done", {"verdict": "leaks"})
    for job_id in ("done", "split"):
        JobFiles(farm.folder, "campaigns").write(job_id, "report.json", [f'{{"campaign": "{job_id}"}}'.encode()])
    jobs.submit(NewJob("split", "campaign", {}))
    jobs.start("split", worker="w:1", lease_s=9)
    parts = [NewJob(f"split.{number}", "shard", {}) for number in range(3)]
    jobs.await_children("split", parts, NewJob("split.merge", "merge", {}))
    jobs.start("split.0", worker="w:2", lease_s=9)
    jobs.finish("split.0", {"traces": 7})
    jobs.submit(NewJob("waits", "query", {"question": "why?"}, callback_url="https://a.example/hook"))
    jobs.submit(NewJob("told", "query", {}, callback_url="https://a.example/hook"))
    jobs.start("told", worker="w:1", lease_s=9)
    jobs.finish("told", {})
    jobs.submit(NewJob("poison", "campaign", {}))
    jobs.start("poison", worker="w:1", lease_s=9)
    jobs.fail("poison", Failure("internal", "The fault is ours."), dead=True)
    jobs.submit_batch("many", [NewJob(f"many-{number}", "query", {}, batch="many") for number in range(3)])
    jobs.start("many-0", worker="w:1", lease_s=9)
    jobs.finish("many-0", {})
    jobs.start("many-1", worker="w:1", lease_s=9)
    RedisTenants(farm.redis).add(Tenant("acme", title="Acme", created_at=NOW))
    RedisKeys(farm.redis).add(
        ApiKey("k1", tenant="acme", role=Role.ADMIN, name="ops", created_at=NOW, created_by="local"), "digest"
    )
    RedisAudit(farm.redis).append(
        Entry(
            at=NOW,
            tenant="acme",
            name="ops",
            role=Role.ADMIN,
            method="POST",
            path="/api/v2/keys",
            operation="makeKey",
            status=201,
            code=None,
            address="127.0.0.1",
            request_id="r",
        )
    )
    (farm.folder / "closed").touch()
    (farm.folder / "secret").write_text("s" * 64)
    (farm.folder / "secret").chmod(0o600)
    for name, text in NOTES.items():
        farm.take_in(name, text)
    farm.take_in("other", "Acme has a board of its own.", tenant="acme")


@pytest.fixture
def vault(tmp_path: Path) -> ObjectVault:
    """Return a folder for backups."""
    return ObjectVault(str(tmp_path / "vault"))


@pytest.fixture
def farm(redis_client: Redis, tmp_path: Path, vault: ObjectVault) -> Iterator[SmallFarm]:
    """Return a farm with something of everything in it."""
    made = small_farm(redis_client, tmp_path / "data", vault=vault)
    fill(made)
    yield made
    made.close()
