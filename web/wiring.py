"""The composition root of the web server: the only module of web that names adapters and reads settings."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import structlog
from flask import Flask

from config.logs import configure_logs
from config.queues import celery_settings
from config.settings import Settings
from config.version import VERSION
from jobs.errors import StoreUnavailable
from jobs.identity import LOCAL
from stores.artifacts import FileArtifacts, JobFiles
from stores.cache_redis import RedisCache
from stores.jobs_redis import RedisJobs
from stores.knowledge_stores import documents_store, graph_store
from stores.models_files import ModelFiles
from stores.queue_celery import CeleryQueue
from stores.redis_client import connect
from stores.workers_redis import RedisWorkers
from web.api_v2.things import Knowledge
from web.app import Limits, create_app
from web.caller import caller
from web.ids import new_job_id
from web.metrics import Farm, Metrics
from web.seats import SeatLimits, Seats
from web.waiting import Hub

PAGE = Path(__file__).parent / "ui" / "dist"
POWER_MODELS = Path(__file__).parents[1] / "config" / "power_models"
PATIENCE_S = 2
"""A client that waits for an answer is better told soon that there is none."""
CONNECTIONS = 32

log = structlog.get_logger(__name__)


def wired() -> Flask:
    """Build the application of this process, after the fork."""
    settings = Settings()
    configure_logs(settings.log_level)
    redis = connect(settings.redis, patience_s=PATIENCE_S, connections=CONNECTIONS)
    jobs = RedisJobs(
        redis, lease_s=settings.lease_s, retention_s=settings.job_retention_s, tombstone_s=settings.tombstone_s
    )
    queue = CeleryQueue(celery_settings(settings))
    shared = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    cache = RedisCache(settings.cache, cluster=settings.cache_cluster)
    models = ModelFiles(settings.models_dir)
    farm = Farm(jobs, queue, version=VERSION, cache=cache, models=models, clock=time.time)
    metrics = Metrics(farm, shared=Path(shared) if shared else None)
    limits = settings.limits
    seats = Seats(SeatLimits(per_tenant=limits.streams_per_tenant, per_key=limits.streams_per_key))
    return create_app(
        jobs=jobs,
        artifacts=FileArtifacts(settings.data_dir),
        files=JobFiles(settings.data_dir, "campaigns"),
        rem_files=JobFiles(settings.data_dir, "rems"),
        models=models,
        knowledge=_knowledge(settings),
        authenticate=lambda _request: LOCAL,
        queue=queue,
        workers=RedisWorkers(redis),
        hub=Hub(jobs, limit=settings.waiters_limit, watch=metrics.waiting, seat=lambda: seats.take(caller())),
        metrics=metrics,
        limits=Limits(
            body_bytes=settings.body_limit_bytes, upload_bytes=settings.upload_limit_bytes, queue=settings.queue_limit
        ),
        power_models=frozenset(path.stem for path in POWER_MODELS.glob("*.toml")),
        clock=lambda: datetime.now(UTC),
        new_id=lambda now: new_job_id(now, os.urandom),
        version=VERSION,
        page=PAGE,
        flower_url=settings.flower_url,
    )


def _knowledge(settings: Settings) -> Knowledge:
    documents_url, password = settings.documents_url, settings.graph_password
    documents = documents_store(
        None if documents_url is None else documents_url.get_secret_value(),
        folder=settings.knowledge_dir,
        patience_s=PATIENCE_S,
    )
    graph = graph_store(
        settings.graph,
        user=settings.graph_user,
        password=None if password is None else password.get_secret_value(),
        patience_s=PATIENCE_S,
    )
    try:
        # An embedded file has no tables before somebody makes them, and the first to look may be a reader.
        documents.migrate()
    except StoreUnavailable as error:
        # A server: whoever writes first will do it.
        log.warning("documents_not_migrated", error=error.message)
    return Knowledge(documents, graph)
