"""The composition root of the web server: it names adapters and reads settings, with `wiring_*.py` beside it."""

import os
import socket
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from secrets import token_urlsafe

import structlog
from flask import Flask
from prometheus_client import CollectorRegistry
from redis import Redis

from config.folder_id import drawn_id
from config.logs import configure_logs
from config.metrics_folder import LOCK, VARIABLE
from config.queues import celery_settings
from config.revealed import revealed
from config.settings import Settings
from config.version import VERSION
from jobs.errors import StoreUnavailable
from stores.artifacts import FileArtifacts, JobFiles
from stores.cache_redis import RedisCache
from stores.folders_redis import RedisFolders
from stores.holdings_redis import RedisHoldings
from stores.identity import Quotas
from stores.jobs_redis import RedisJobs
from stores.knowledge_stores import documents_store, graph_store
from stores.limits_leased import LeasedBuckets
from stores.limits_redis import RedisBuckets
from stores.models_files import ModelFiles
from stores.pools_celery import CeleryPools
from stores.queue_celery import CeleryQueue
from stores.redis_client import connect
from stores.shared_numbers import share
from stores.watched import Observe, watched
from stores.webhooks_redis import RedisDeliveries
from stores.workers_redis import RedisWorkers
from web import guard
from web.api_v2.things import Knowledge
from web.app import Limits, create_app
from web.backup_note import read_note
from web.caller import caller
from web.cors import Origins
from web.farm import Farm
from web.ids import new_job_id
from web.limiting import Limiter, Rates
from web.metrics import Metrics
from web.proxies import Proxies
from web.realtime.addresses import networks
from web.realtime.calling import Callbacks
from web.realtime.delivering import Hooks
from web.room import Room
from web.seats import SeatLimits, Seats
from web.slo.counters import Counters
from web.slo.objectives import read
from web.waiting import Hub
from web.wiring_accounts import accounts_of, authentication_of
from web.wiring_watching import memories_of, observers_of, standing_of

PAGE = Path(__file__).parent / "ui" / "dist"
OBJECTIVES = Path(__file__).parents[1] / "config" / "slo.toml"
POWER_MODELS = Path(__file__).parents[1] / "config" / "power_models"
PATIENCE_S = 2
"""A client that waits for an answer is better told soon that there is none."""
CONNECTIONS = 32
CONNECTIONS_AT_ONCE, ANSWER_AT_ONCE_S = 4, 3.0

log = structlog.get_logger(__name__)


def wired(*, metered: bool = True) -> Flask:
    """Build the application of this process, after the fork; one that is not `metered` tells only what stores know."""
    settings = Settings()
    configure_logs(settings.logs)
    if VARIABLE in os.environ:
        share()
    registry = CollectorRegistry()
    observers = observers_of(settings, registry if metered else None)
    redis = connect(settings.redis, patience_s=PATIENCE_S, connections=CONNECTIONS)
    _tell_folder(settings, redis)
    jobs = watched(_jobs(settings, redis), "jobs", *observers)
    # Prometheus takes a server that is slower to answer for one that is away.
    at_once = connect(settings.redis, patience_s=0, connections=CONNECTIONS_AT_ONCE, answer_s=ANSWER_AT_ONCE_S)
    told = _jobs(settings, at_once)
    queue = watched(CeleryQueue(celery_settings(settings)), "queue", *observers)
    shared = os.environ.get(VARIABLE)
    cache = watched(RedisCache(settings.cache, cluster=settings.cache_cluster), "cache", *observers)
    # The folder's lock is made once, by the server before it forks.
    started_at = (Path(shared) / LOCK).stat().st_mtime if shared else time.time()
    models = ModelFiles(settings.models_dir)
    deliveries = RedisDeliveries(redis)
    workers = RedisWorkers(redis)
    knowledge = _knowledge(settings, observers)
    farm = Farm(
        watched(told, "jobs", *observers),
        queue,
        workers,
        version=VERSION,
        cache=cache,
        models=models,
        clock=time.time,
        stores={"documents": knowledge.documents.ping, "graph": knowledge.graph.ping},
        backup=partial(read_note, settings.data_dir / "backup" / "last.json"),
        deliveries=deliveries,
    )
    room = Room(settings.data_dir, memories_of(settings))
    metrics = Metrics(farm, room, registry=registry, shared=Path(shared) if shared else None, per_request=metered)
    own = Counters(
        metrics.samples,
        told,
        since=datetime.fromtimestamp(started_at, UTC),
        kept=timedelta(seconds=settings.job_retention_s),
        clock=lambda: datetime.now(UTC),
    )
    limits = settings.limits
    seats = Seats(SeatLimits(per_tenant=limits.streams_per_tenant, per_key=limits.streams_per_key))
    accounts = accounts_of(settings, redis)
    authentication = authentication_of(settings, accounts)
    limiter = Limiter(
        LeasedBuckets(RedisBuckets(redis)),
        Rates(
            queries=limits.queries,
            campaigns=limits.campaigns,
            uploads=limits.uploads,
            writes=limits.writes,
            reads=limits.reads,
            address=limits.address,
            local=limits.local,
            failures=limits.failures,
        ),
        refused=metrics.refused,
        unlimited=metrics.unlimited,
    )
    return create_app(
        jobs=jobs,
        holdings=RedisHoldings(redis),
        artifacts=watched(FileArtifacts(settings.data_dir), "artifacts", *observers),
        files=watched(JobFiles(settings.data_dir, "campaigns"), "files", *observers),
        rem_files=watched(JobFiles(settings.data_dir, "rems"), "files", *observers),
        models=models,
        knowledge=knowledge,
        accounts=accounts,
        authenticate=authentication,
        served=guard.named(settings.host_names | {settings.host}, closed=lambda: authentication.closed),
        queue=queue,
        workers=workers,
        pools=CeleryPools(celery_settings(settings)),
        hub=Hub(
            jobs,
            limit=settings.waiters_limit,
            watch=metrics.waiting,
            watch_stay=metrics.staying,
            seat=lambda: seats.take(caller()),
        ),
        hooks=Hooks(deliveries, deliveries, new_secret=lambda: f"whsec_{token_urlsafe(32)}"),
        callbacks=Callbacks(networks(settings.callback_networks)),
        metrics=metrics,
        objectives=read(OBJECTIVES),
        standing=standing_of(settings, own),
        limits=Limits(
            quotas=Quotas(
                jobs_in_flight=settings.quotas.jobs_in_flight or None,
                traces_per_day=settings.quotas.traces_per_day or None,
                storage_bytes=settings.quotas.storage_bytes or None,
            ),
            body_bytes=settings.body_limit_bytes,
            upload_bytes=settings.upload_limit_bytes,
            queue=settings.queue_limit,
            pool=settings.pool_limit,
        ),
        limiter=limiter,
        origins=Origins(settings.origins),
        proxies=Proxies(settings.proxies, family=settings.proxy_headers),
        power_models=frozenset(path.stem for path in POWER_MODELS.glob("*.toml")),
        clock=lambda: datetime.now(UTC),
        new_id=lambda now: new_job_id(now, os.urandom),
        version=VERSION,
        page=PAGE,
        flower_url=settings.flower_url,
        build=settings.build or None,
    )


def _jobs(settings: Settings, redis: Redis) -> RedisJobs:
    return RedisJobs(
        redis, lease_s=settings.lease_s, retention_s=settings.job_retention_s, tombstone_s=settings.tombstone_s
    )


def _tell_folder(settings: Settings, redis: Redis) -> None:
    """Tell workers which data folder is the farm's: the one that is served here."""
    try:
        RedisFolders(redis).tell(drawn_id(settings.data_dir), machine=socket.gethostname())
    except (OSError, ValueError, StoreUnavailable) as error:
        # Workers go by what was told before, or do not compare.
        log.warning("data_folder_not_told", folder=str(settings.data_dir), error=str(error))


def _knowledge(settings: Settings, observers: Sequence[Observe]) -> Knowledge:
    documents = documents_store(
        revealed(settings.documents_url),
        folder=settings.knowledge_dir,
        patience_s=PATIENCE_S,
    )
    graph = graph_store(
        settings.graph,
        user=settings.graph_user,
        password=revealed(settings.graph_password),
        patience_s=PATIENCE_S,
    )
    try:
        # An embedded file has no tables before somebody makes them, and the first to look may be a reader.
        documents.migrate()
    except StoreUnavailable as error:
        # A server: whoever writes first will do it.
        log.warning("documents_not_migrated", error=error.message)
    return Knowledge(watched(documents, "documents", *observers), watched(graph, "graph", *observers))
