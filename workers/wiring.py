"""The workers' composition root: the only module of this room that names concrete adapters. Nothing connects on import.

Each function builds once per process; `forget` makes a forked child build its own.
"""

from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pydantic import SecretStr

from config.queues import celery_settings
from config.settings import Settings
from jobs.queue import JobQueue
from stores.ports import Files, Jobs, Workers

if TYPE_CHECKING:
    from jobs.payloads import Target
    from renode.trace import Simulator
    from workers.encoders.encoder import Encoder
    from workers.query.answer import Catalogue
    from workers.query.language_model import LanguageModel
    from workers.query.migration import Migrations
    from workers.query.services import QueryServices
    from workers.simulation.services import SimulationServices

POWER_MODELS = Path(__file__).resolve().parent.parent / "config" / "power_models"
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


@cache
def job_services() -> JobServices:
    """Connect to the job records and the queue."""
    from stores.jobs_redis import RedisJobs
    from stores.queue_celery import CeleryQueue
    from stores.redis_client import connect
    from stores.workers_redis import RedisWorkers

    redis = connect(settings().redis, patience_s=PATIENCE_S)
    jobs = RedisJobs(
        redis,
        lease_s=settings().lease_s,
        retention_s=settings().job_retention_s,
        tombstone_s=settings().tombstone_s,
    )
    return JobServices(jobs, CeleryQueue(celery_settings(settings())), RedisWorkers(redis))


@cache
def campaign_files() -> Files:
    """Return the campaigns' files."""
    from stores.artifacts import JobFiles

    return JobFiles(settings().data_dir, "campaigns")


@cache
def rem_files() -> Files:
    """Return the files of REMForge's jobs."""
    from stores.artifacts import JobFiles

    return JobFiles(settings().data_dir, "rems")


@cache
def simulation_services() -> "SimulationServices":
    """Build what campaigns work with; the simulator is loaded with the first of them."""
    from stores.artifacts import FileArtifacts
    from workers.simulation.services import SimulationServices

    artifacts = FileArtifacts(settings().data_dir)

    @lru_cache(maxsize=SIMULATORS)
    def simulator(firmware: str, target: "Target") -> "Simulator":
        from renode.unicorn_core import UnicornCore

        return UnicornCore(artifacts.path(firmware), target)

    return SimulationServices(
        campaign_files(),
        simulator,
        POWER_MODELS,
        settings().traces_limit_bytes,
        ingests=settings().ingest_campaigns,
    )


@cache
def query_services() -> "QueryServices":
    """Build what questions and ingestion work with; the encoder is loaded with the first text."""
    import time

    from stores.artifacts import FileArtifacts
    from stores.cache_redis import RedisCache
    from stores.knowledge_stores import documents_store, graph_store, vectors_store
    from stores.texts_tantivy import TantivyTexts
    from workers.query.services import QueryServices

    chosen = settings()
    documents = documents_store(
        _secret(chosen.documents_url), folder=chosen.knowledge_dir, patience_s=KNOWLEDGE_PATIENCE_S
    )
    return QueryServices(
        documents=documents,
        graph=graph_store(
            chosen.graph,
            user=chosen.graph_user,
            password=_secret(chosen.graph_password),
            patience_s=KNOWLEDGE_PATIENCE_S,
        ),
        vectors=vectors_store(
            chosen.vectors_url,
            token=_secret(chosen.vectors_token),
            documents=documents,
            patience_s=KNOWLEDGE_PATIENCE_S,
        ),
        texts=TantivyTexts(documents),
        cache=RedisCache(chosen.cache, cluster=chosen.cache_cluster),
        encoder=_encoder(chosen),
        model=_language_model(chosen),
        artifacts=FileArtifacts(chosen.data_dir),
        campaigns=campaign_files(),
        rems=rem_files(),
        clock=time.time,
        timer=time.monotonic,
        model_timeout_s=chosen.model_timeout_s,
        model_extracts=chosen.model_extracts,
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
            api_key=_secret(chosen.embeddings_key),
            dimensions=None,
            timeout_s=chosen.model_timeout_s,
        )
    return CachedEncoder(inner, chosen.knowledge_dir / "embeddings.sqlite", limit_bytes=chosen.embeddings_cache_bytes)


def _language_model(chosen: Settings) -> "LanguageModel | None":
    if chosen.model_url is None:
        return None
    from workers.query.model_http import HttpModel

    return HttpModel(chosen.model_url, model=chosen.model_name, api_key=_secret(chosen.model_key))


def _secret(value: SecretStr | None) -> str | None:
    return None if value is None else value.get_secret_value()


def forget() -> None:
    """Let this process build its own collaborators; to be called after a fork."""
    job_services.cache_clear()
    simulation_services.cache_clear()
    query_services.cache_clear()
    catalogue.cache_clear()
    _migrations.cache_clear()
