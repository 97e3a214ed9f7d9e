"""The workers' composition root: it names concrete adapters, with `wiring_*.py` beside it. Nothing connects on import.

Each function builds once per process; `forget` makes a forked child build its own.
"""

from collections.abc import Collection, Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from config.queues import celery_settings
from config.revealed import revealed
from config.settings import Settings
from jobs import tracing
from jobs.abilities import MONJE, RENODE, Abilities, Ability
from jobs.errors import SimulatorUnavailable
from jobs.queue import CAPTURE, SIMULATION, JobQueue
from stores.ports import Files, Jobs, Workers
from stores.watched import watched
from workers.metering.wiring import meter

if TYPE_CHECKING:
    from redis import Redis

    from jobs.assessing import Platform
    from jobs.target import Target
    from renode.observing import Observer
    from renode.offer import Offer
    from renode.trace import Simulator, Tracer
    from renode.unicorn_core import UnicornCore
    from stores.documents import Documents
    from stores.jobs_redis import RedisJobs
    from stores.vectors import Vectors
    from stores.watched import Observe
    from workers.accounts.schedule import Nightly
    from workers.accounts.services import AccountServices
    from workers.encoders.encoder import Encoder
    from workers.query.answer import Catalogue
    from workers.query.language_model import LanguageModel
    from workers.query.migration import Migrations
    from workers.query.services import QueryServices
    from workers.simulation.capturing import CaptureServices
    from workers.simulation.services import SimulationServices

POWER_MODELS = Path(__file__).resolve().parent.parent / "config" / "power_models"
BOOT = Path("/proc/sys/kernel/random/boot_id")
SIMULATORS = 4
"""Loaded firmware a process keeps: shards of one campaign follow each other."""
PATIENCE_S = 30
"""A restart of Redis with its data is ridden out within this time."""
KNOWLEDGE_PATIENCE_S = 2
"""An answer rather goes without a store; an ingestion is tried again later."""


class JobServices(NamedTuple):
    """What running and sending jobs takes."""

    jobs: Jobs
    queue: JobQueue
    workers: Workers


@cache
def settings() -> Settings:
    """Read the settings."""
    return Settings()


def observers() -> tuple["Observe", ...]:
    """Return who watches the calls of stores in this process, the first one outermost."""
    from stores.traced import traced

    metered = meter()
    timed: tuple[Observe, ...] = () if metered is None else (metered.stores,)
    return timed if settings().otlp_url is None else (*timed, traced)


def record_spans(pools: Iterable[str]) -> None:
    """Have the spans of this process, which serves `pools`, recorded if somebody wants them; to be called after the fork."""
    from config.version import VERSION
    from stores.span_recorder import span_recorder

    chosen = settings()
    recorder = span_recorder(
        chosen.spans_url,
        headers=chosen.spans_headers,
        ratio=chosen.trace_ratio,
        service=f"dasein-{'-'.join(sorted(pools))}",
        version=VERSION,
    )
    tracing.record_with(recorder)


def job_records(chosen: Settings, redis: "Redis") -> "RedisJobs":
    """Return the job records that lie in `redis`."""
    from stores.jobs_redis import RedisJobs

    return RedisJobs(redis, lease_s=chosen.lease_s, retention_s=chosen.job_retention_s, tombstone_s=chosen.tombstone_s)


@cache
def job_services() -> JobServices:
    """Connect to the job records and the queue."""
    from stores.queue_celery import CeleryQueue
    from stores.redis_client import connect
    from stores.workers_redis import RedisWorkers

    redis = connect(settings().redis, patience_s=PATIENCE_S)
    jobs = job_records(settings(), redis)
    queue = CeleryQueue(celery_settings(settings()))
    return JobServices(watched(jobs, "jobs", *observers()), watched(queue, "queue", *observers()), RedisWorkers(redis))


@cache
def nightly() -> "tuple[Nightly, ...]":
    """Return who starts the nightly jobs."""
    from datetime import UTC, datetime, time

    from workers.accounts.schedule import Nightly, backup_of, retention_of

    jobs, queue, _ = job_services()
    wanted = [(settings().retention_at, retention_of)]
    if settings().backup_url is not None and settings().backup_nightly:
        wanted.append((settings().backup_at, backup_of))
    return tuple(
        Nightly(jobs, queue, job, at=time.fromisoformat(at), clock=lambda: datetime.now(UTC)) for at, job in wanted
    )


@cache
def campaign_files() -> Files:
    """Return the campaigns' files."""
    from stores.artifacts import JobFiles

    return watched(JobFiles(settings().data_dir, "campaigns"), "files", *observers())


@cache
def rem_files() -> Files:
    """Return what REMForge's jobs leave."""
    from stores.artifacts import JobFiles

    return watched(JobFiles(settings().data_dir, "rems"), "files", *observers())


def forget_files(job_id: str) -> None:
    """Remove the files of a job whose retention has ended."""
    campaign_files().remove(job_id)
    rem_files().remove(job_id)


def abilities(pools: Collection[str]) -> Abilities | None:
    """Say what this machine has of what workers of `pools` may lack; None where they lack nothing."""
    found: dict[str, Ability] = {}
    if SIMULATION in pools:
        found[RENODE] = _renode()
    if CAPTURE in pools:
        from kernel.presence import presence

        # Looked at each time: modules are loaded and devices given away while workers run.
        found[MONJE] = presence(settings().capture_device)
    return found or None


@cache
def _renode() -> Ability:
    """Look once whether there is Renode."""
    from renode.driver.process import version_of

    try:
        return Ability(version_of(settings().renode))
    except SimulatorUnavailable as error:
        return Ability(None, error.message)


@cache
def simulation_services() -> "SimulationServices":
    """Build what campaigns work with; the simulator is loaded with the first of them."""
    from stores.artifacts import FileArtifacts
    from workers.simulation.services import SimulationServices

    artifacts = watched(FileArtifacts(settings().data_dir), "artifacts", *observers())

    @lru_cache(maxsize=SIMULATORS)
    def unicorn(tenant: str, firmware: str, target: "Target") -> "UnicornCore":
        from renode.unicorn_core import UnicornCore

        return UnicornCore(artifacts.path(tenant, firmware), target)

    @lru_cache(maxsize=SIMULATORS)
    def lockstep(tenant: str, firmware: str, target: "Target") -> "Simulator":
        from renode.lockstep.core import LockstepCore
        from renode.lockstep.maker import maker_of

        core = unicorn(tenant, firmware, target)
        return LockstepCore(core, maker_of(core))

    @lru_cache(maxsize=SIMULATORS)
    def renode(tenant: str, firmware: str, target: "Target", platform: "Platform | None") -> "Tracer":
        from renode.driver.core import RenodeCore
        from renode.driver.process import version_of
        from renode.driver.session import Limits

        chosen = settings()
        return RenodeCore(
            artifacts.path(tenant, firmware),
            target,
            platform,
            program=chosen.renode,
            version=version_of(chosen.renode),
            machines=chosen.renode_machines,
            limits=Limits(start_s=chosen.renode_timeout_s, answer_s=chosen.renode_timeout_s),
        )

    def offer(tenant: str, firmware: str) -> "Offer":
        from renode.elf import read_firmware
        from renode.offer import offer_of

        return offer_of(read_firmware(artifacts.path(tenant, firmware)))

    def observer(tenant: str, firmware: str, target: "Target") -> "Observer":
        from renode.observing import EmbeddedObserver

        return EmbeddedObserver(artifacts.path(tenant, firmware), target)

    return SimulationServices(
        campaign_files(),
        lockstep if settings().simulation_engine == "auto" else unicorn,
        offer,
        POWER_MODELS,
        settings().traces_limit_bytes,
        observer,
        artifacts,
        witness=unicorn if settings().simulation_engine == "auto" else None,
        ingests=settings().ingest_campaigns,
        renode=renode,
    )


@cache
def capture_services() -> "CaptureServices":
    """Build what captures work with; the recorder is opened by each of them."""
    from kernel.presence import presence
    from kernel.reader import Reader
    from stores.artifacts import FileArtifacts
    from workers.simulation.capturing import CaptureServices

    return CaptureServices(
        files=campaign_files(),
        artifacts=watched(FileArtifacts(settings().data_dir), "artifacts", *observers()),
        device=settings().capture_device,
        open=lambda device: Reader(device, control=True),
        absent=lambda device: presence(device).absent,
        artifact_bytes=settings().traces_limit_bytes,
        boot=BOOT.read_text("ascii").strip(),
    )


@cache
def query_services() -> "QueryServices":
    """Build what questions and ingestion work with; the encoder is loaded with the first text."""
    import time

    from stores.artifacts import FileArtifacts
    from stores.cache_redis import RedisCache
    from stores.knowledge_stores import graph_store
    from stores.texts_tantivy import TantivyTexts
    from workers.lifecycle import is_held
    from workers.query.services import QueryServices

    chosen = settings()
    documents = documents_of(chosen)
    graph = graph_store(
        chosen.graph,
        user=chosen.graph_user,
        password=revealed(chosen.graph_password),
        patience_s=KNOWLEDGE_PATIENCE_S,
    )
    return QueryServices(
        documents=documents,
        graph=watched(graph, "graph", *observers()),
        vectors=vectors_of(chosen, documents),
        texts=watched(TantivyTexts(documents), "texts", *observers()),
        cache=watched(RedisCache(chosen.cache, cluster=chosen.cache_cluster), "cache", *observers()),
        encoder=_encoder(chosen),
        model=_language_model(chosen),
        artifacts=watched(FileArtifacts(chosen.data_dir), "artifacts", *observers()),
        campaigns=campaign_files(),
        rems=rem_files(),
        clock=time.time,
        timer=time.monotonic,
        model_timeout_s=chosen.model_timeout_s,
        model_extracts=chosen.model_extracts,
        is_held=lambda job_id: is_held(job_id, job_services().jobs),
    )


@cache
def account_services() -> "AccountServices":
    """Build what erasure and retention work with: all stores that keep something of a tenant."""
    import time
    from datetime import UTC, datetime

    from stores.holdings_redis import RedisHoldings
    from stores.identity_redis import RedisAudit, RedisKeys, RedisTenants
    from stores.queue_celery import CeleryQueue
    from stores.redis_client import connect
    from stores.webhooks_redis import RedisDeliveries
    from workers.accounts.services import AccountServices, RetentionDays, Store

    chosen = settings()
    knowledge = ready_query_services()
    redis = connect(chosen.redis, patience_s=PATIENCE_S)
    deliveries = RedisDeliveries(redis)
    return AccountServices(
        jobs=job_services().jobs,
        holdings=RedisHoldings(redis),
        keys=RedisKeys(redis),
        tenants=RedisTenants(redis),
        audit=RedisAudit(redis),
        artifacts=knowledge.artifacts,
        files={"campaigns": campaign_files(), "rems": rem_files()},
        documents=knowledge.documents,
        graph=knowledge.graph,
        vectors=knowledge.vectors,
        texts=knowledge.texts,
        cache=knowledge.cache,
        more={"webhooks": Store(deliveries.erase, deliveries.held)},
        messages=watched(CeleryQueue(celery_settings(chosen)), "queue", *observers()),
        days=RetentionDays(
            audit=chosen.audit_retention_days,
            artifacts=chosen.artifact_retention_days,
            chats=chosen.chat_retention_days,
        ),
        tombstone_s=chosen.tombstone_s,
        clock=lambda: datetime.now(UTC),
        pause=time.sleep,
    )


@cache
def catalogue() -> "Catalogue":
    """Keep the names that questions may use, for this process."""
    from workers.query.answer import Catalogue

    return Catalogue()


def ready_query_services() -> "QueryServices":
    """Return the stores with their schema in place; one that is away is left for the next call."""
    services = query_services()
    _migrations().run(services.documents, services.graph, services.vectors, services.texts)
    return services


@cache
def _migrations() -> "Migrations":
    from workers.query.migration import Migrations

    return Migrations()


def documents_of(chosen: Settings) -> "Documents":
    """Return the store of documents."""
    from stores.knowledge_stores import documents_store

    found = documents_store(
        revealed(chosen.documents_url), folder=chosen.knowledge_dir, patience_s=KNOWLEDGE_PATIENCE_S
    )
    return watched(found, "documents", *observers())


def vectors_of(chosen: Settings, documents: "Documents") -> "Vectors":
    """Return the store of vectors, which may be made of `documents`."""
    from stores.knowledge_stores import vectors_store

    found = vectors_store(
        chosen.vectors_url,
        token=revealed(chosen.vectors_token),
        documents=documents,
        patience_s=KNOWLEDGE_PATIENCE_S,
    )
    return watched(found, "vectors", *observers())


def _encoder(chosen: Settings) -> "Encoder":
    from workers.encoders.encoder_cache import CachedEncoder
    from workers.encoders.encoder_onnx import OnnxMiniLm
    from workers.query.encoder_http import HttpEncoder

    inner: Encoder
    if chosen.embeddings_url is None:
        inner = OnnxMiniLm(chosen.knowledge_dir / "models", threads=1)
    else:
        inner = HttpEncoder(
            chosen.embeddings_url,
            model=chosen.embeddings_model,
            api_key=revealed(chosen.embeddings_key),
            dimensions=None,
            timeout_s=chosen.model_timeout_s,
        )
    return CachedEncoder(inner, chosen.knowledge_dir / "embeddings.sqlite", limit_bytes=chosen.embeddings_cache_bytes)


def _language_model(chosen: Settings) -> "LanguageModel | None":
    if chosen.model_url is None:
        return None
    from workers.query.model_http import HttpModel

    return HttpModel(chosen.model_url, model=chosen.model_name, api_key=revealed(chosen.model_key))


def forget() -> None:
    """Let this process build its own collaborators; to be called after a fork."""
    from workers.wiring_remforge import forge_services

    job_services.cache_clear()
    simulation_services.cache_clear()
    capture_services.cache_clear()
    forge_services.cache_clear()
    query_services.cache_clear()
    account_services.cache_clear()
    catalogue.cache_clear()
    _migrations.cache_clear()
