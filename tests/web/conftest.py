"""The web application over stores in memory, with a clock, a queue and a hub that tests can look into."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Condition
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jobs.errors import StoreUnavailable
from jobs.identity import LOCAL
from jobs.model import Job
from jobs.queue import KINDS, QUEUES, Kind
from stores.artifacts import FileArtifacts, JobFiles
from stores.identity import Quotas
from stores.memory import MemoryJobs
from stores.memory_documents import MemoryDocuments
from stores.memory_graph import MemoryGraph
from stores.memory_identity import MemoryAudit, MemoryKeys, MemoryTenants
from stores.memory_limits import MemoryBuckets
from stores.memory_queue import MemoryPools, MemoryWorkers
from stores.models_files import ModelFiles
from web.accounts import Accounts
from web.api_v2.things import Knowledge
from web.app import Limits, create_app
from web.backup_note import read_note
from web.cors import Origins
from web.farm import Farm
from web.guard import Authenticate
from web.ids import new_job_id
from web.limiting import Limiter, Rates
from web.metrics import Metrics
from web.proxies import Proxies
from web.realtime.addresses import networks
from web.realtime.calling import Callbacks
from web.realtime.delivering import Hooks
from web.room import Room
from web.slo.counters import Counters
from web.slo.measured import Source
from web.slo.objectives import read
from web.waiting import Hub

PATIENCE_S = 60
OBJECTIVES = Path(__file__).parents[2] / "config" / "slo.toml"


class Clock:
    """A time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class ListQueue:
    """A queue that keeps what was sent; `down` makes it lose the connection after sending."""

    sent: list[tuple[str, str, int]] = field(default_factory=list)
    down: bool = False
    depth_now: int | None = None

    def send(self, kind: Kind, job_id: str, *, priority: int) -> None:
        if self.down:
            raise StoreUnavailable("redis at 10.0.0.1 is gone")
        self.sent.append((kind.name, job_id, priority))

    def envelope(self, kind: Kind, job_id: str, *, priority: int) -> None:
        """Return None: no store reaches into this queue."""

    def depth(self, queue: str) -> int:
        assert queue in QUEUES
        if self.down and self.depth_now is None:
            raise StoreUnavailable("redis at 10.0.0.1 is gone")
        waiting = sum(KINDS[kind].queue == queue for kind, _, _ in self.sent)
        return waiting if self.depth_now is None else self.depth_now


def two_workers() -> MemoryWorkers:
    """Return two workers that are alive for as long as any test."""
    workers = MemoryWorkers()
    for name in ("one@here", "two@here"):
        workers.beat(name, queue="simulation", ttl_s=3600, processes=1)
    return workers


class Turnstile:
    """Lets a test wait until so many requests wait."""

    def __init__(self) -> None:
        self._count = 0
        self._changed = Condition()

    def __call__(self, count: int) -> None:
        with self._changed:
            self._count = count
            self._changed.notify_all()

    def wait_for(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self._count == count, timeout=PATIENCE_S), self._count


class Client(FlaskClient):
    """Reads every answer to its end and closes it, as a server does, unless told otherwise."""

    def open(self, *args: Any, buffered: bool = True, **kwargs: Any) -> Any:
        return super().open(*args, buffered=buffered, **kwargs)


@dataclass
class Behind:
    """Everything behind one application."""

    app: Flask
    jobs: MemoryJobs
    queue: ListQueue
    workers: MemoryWorkers
    pools: MemoryPools
    artifacts: FileArtifacts
    files: JobFiles
    rem_files: JobFiles
    models: ModelFiles
    knowledge: Knowledge
    hub: Hub
    metrics: Metrics
    turnstile: Turnstile
    clock: Clock
    root: Path
    accounts: Accounts
    standing: Source

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def submit(self, **params: Any) -> Job:
        """Submit a ping and return its record."""
        answer = self.client.post("/api/v2/jobs", json={"kind": "ping", "params": params})
        assert answer.status_code == 202, answer.text
        return self.jobs.get(answer.get_json()["id"])

    def start(self, job_id: str) -> None:
        self.jobs.start(job_id, worker="one@here:1", lease_s=60)

    def firmware(self, tenant: str = "default") -> str:
        return self.artifacts.put(tenant, [b"\x7fELF"], media_type="application/octet-stream", limit_bytes=100)[0].id

    def left_behind(self) -> list[str]:
        """Return the files of artifacts, whole or not."""
        return [str(path) for path in self.root.rglob("*") if path.is_file()]


def make_accounts(
    clock: Clock,
    *,
    close: Callable[[], None] = lambda: None,
    keys: type[MemoryKeys] = MemoryKeys,
    audit: type[MemoryAudit] = MemoryAudit,
    keys_of_a_tenant: int = 100,
) -> Accounts:
    """Keep keys, tenants and the audit trail in memory."""
    tenants = MemoryTenants()
    return Accounts(
        keys(tenants),
        tenants,
        audit(tenants, clock=clock),
        secret=b"s" * 32,
        close=close,
        clock=clock,
        keys_of_a_tenant=keys_of_a_tenant,
    )


def make_farm(
    root: Path,
    *,
    jobs: MemoryJobs | None = None,
    graph: MemoryGraph | None = None,
    documents: MemoryDocuments | None = None,
    artifacts: FileArtifacts | None = None,
    clock: Clock | None = None,
    waiters: int = 300,
    authenticate: Authenticate = lambda _request: LOCAL,
    accounts: Accounts | None = None,
    rates: Rates | None = None,
    quotas: Quotas | None = None,
    origins: Sequence[str] = (),
    proxies: Sequence[str] = (),
    callback_networks: str = "",
    standing: Source | None = None,
) -> Behind:
    """Build an application; limits are small: 64 KiB a body, 1 MiB an upload, 50 messages."""
    clock = clock or Clock()
    jobs = jobs or MemoryJobs(clock=clock)
    queue, turnstile = ListQueue(), Turnstile()
    workers, pools = two_workers(), MemoryPools({"one@here": 1, "two@here": 1})
    models = ModelFiles(root)
    documents = documents or MemoryDocuments(clock=lambda: clock().timestamp())
    knowledge = Knowledge(documents, graph or MemoryGraph())
    farm = Farm(
        jobs,
        queue,
        workers,
        version="1.2.3",
        models=models,
        clock=lambda: clock().timestamp(),
        stores={"documents": knowledge.documents.ping, "graph": knowledge.graph.ping},
        backup=partial(read_note, root / "backup" / "last.json"),
        deliveries=jobs.deliveries,
    )
    metrics = Metrics(farm, Room(root, {}))

    def watch(count: int) -> None:
        metrics.waiting(count)
        turnstile(count)

    hub = Hub(jobs, limit=waiters, watch=watch, watch_stay=metrics.staying, read_s=0.2)
    artifacts, files = artifacts or FileArtifacts(root), JobFiles(root, "campaigns")
    rem_files = JobFiles(root, "rems")
    accounts = accounts or make_accounts(clock)
    standing = standing or Counters(metrics.samples, jobs, since=clock(), kept=timedelta(days=7), clock=clock)
    app = create_app(
        jobs=jobs,
        holdings=jobs,
        artifacts=artifacts,
        files=files,
        rem_files=rem_files,
        models=models,
        knowledge=knowledge,
        accounts=accounts,
        authenticate=authenticate,
        served=lambda _host: False,
        queue=queue,
        workers=workers,
        pools=pools,
        hub=hub,
        hooks=Hooks(jobs.deliveries, jobs.deliveries, new_secret=lambda: "whsec_of-a-test"),
        callbacks=Callbacks(networks(callback_networks)),
        metrics=metrics,
        objectives=read(OBJECTIVES),
        standing=standing,
        limits=Limits(quotas=quotas or Quotas(), body_bytes=64 * 1024, upload_bytes=2**20, queue=50, queue_look_s=0),
        limiter=Limiter(
            MemoryBuckets(lambda: clock().timestamp()),
            rates or Rates(),
            refused=metrics.refused,
            unlimited=metrics.unlimited,
        ),
        origins=Origins(origins),
        proxies=Proxies(proxies, family="x-forwarded"),
        power_models=("hw", "hd", "identity"),
        clock=clock,
        new_id=lambda now: new_job_id(now, os.urandom),
        version="1.2.3",
        page=root / "page",
        flower_url="http://flower.example/",
    )
    app.test_client_class = Client
    return Behind(
        app,
        jobs,
        queue,
        workers,
        pools,
        artifacts,
        files,
        rem_files,
        models,
        knowledge,
        hub,
        metrics,
        turnstile,
        clock,
        root,
        accounts,
        standing,
    )


@pytest.fixture
def farm(tmp_path: Path) -> Iterator[Behind]:
    farm = make_farm(tmp_path)
    yield farm
    farm.hub.stop()


@pytest.fixture
def client(farm: Behind) -> FlaskClient:
    return farm.client


def campaign(firmware: str, **changes: Any) -> dict[str, Any]:
    """Return a campaign that is in order."""
    return {
        "firmware": firmware,
        "target": {
            "core": "cortex-m4",
            "entry": "encrypt",
            "inputs": [
                {"name": "key", "role": "key", "length": 16, "symbol": "key"},
                {"name": "plaintext", "role": "plaintext", "length": 16, "symbol": "block"},
            ],
        },
        "traces": 1000,
        "power": {"model": "hw"},
    } | changes
