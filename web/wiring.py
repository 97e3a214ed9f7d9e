"""The composition root of the web server: the only module of web that names adapters and reads settings."""

import atexit
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from secrets import token_urlsafe

import structlog
from flask import Flask
from prometheus_client import CollectorRegistry
from redis import Redis

from config.access import close, is_closed, secret
from config.logs import configure_logs
from config.metrics_folder import LOCK, VARIABLE
from config.queues import celery_settings
from config.settings import Settings
from config.version import VERSION
from jobs import tracing
from jobs.errors import StoreUnavailable
from jobs.identity import Role
from stores.artifacts import FileArtifacts, JobFiles
from stores.cache_redis import RedisCache
from stores.holdings_redis import RedisHoldings
from stores.identity import Quotas
from stores.identity_redis import RedisAudit, RedisKeys, RedisTenants
from stores.jobs_redis import RedisJobs
from stores.knowledge_stores import documents_store, graph_store
from stores.limits_leased import LeasedBuckets
from stores.limits_redis import RedisBuckets
from stores.models_files import ModelFiles
from stores.pools_celery import CeleryPools
from stores.queue_celery import CeleryQueue
from stores.redis_client import connect
from stores.redis_memory import RedisMemory
from stores.shared_numbers import share
from stores.span_recorder import span_recorder
from stores.store_times import StoreTimes
from stores.traced import traced
from stores.watched import Observe, watched
from stores.webhooks_redis import RedisDeliveries
from stores.workers_redis import RedisWorkers
from web import guard
from web.accounts import Accounts
from web.api_v2.things import Knowledge
from web.app import Limits, create_app
from web.authentication import Authentication
from web.backup_note import read_note
from web.caller import caller
from web.cors import Origins
from web.farm import Farm
from web.ids import new_job_id
from web.jwks import Jwks, from_file, from_url
from web.limiting import Limiter, Rates
from web.metrics import Metrics
from web.proxies import Proxies
from web.realtime.addresses import networks
from web.realtime.calling import Callbacks
from web.realtime.delivering import Hooks
from web.room import Room
from web.seats import SeatLimits, Seats
from web.slo.counters import Counters
from web.slo.fallback import OrElse
from web.slo.measured import Source
from web.slo.objectives import read
from web.slo.prometheus import Prometheus
from web.tokens import Claims, Tokens
from web.waiting import Hub

PAGE = Path(__file__).parent / "ui" / "dist"
OBJECTIVES = Path(__file__).parents[1] / "config" / "slo.toml"
POWER_MODELS = Path(__file__).parents[1] / "config" / "power_models"
PATIENCE_S = 2
"""A client that waits for an answer is better told soon that there is none."""
CONNECTIONS = 32
CONNECTIONS_AT_ONCE, ANSWER_AT_ONCE_S = 4, 3.0
KEYS = "api keys"
"""What the server's secret is for here."""

log = structlog.get_logger(__name__)


def wired(*, metered: bool = True) -> Flask:
    """Build the application of this process, after the fork; one that is not `metered` tells only what stores know."""
    settings = Settings()
    configure_logs(settings.logs)
    if VARIABLE in os.environ:
        share()
    registry = CollectorRegistry()
    observers = _observers(StoreTimes(registry) if metered else None, spans=_record_spans(settings))
    redis = connect(settings.redis, patience_s=PATIENCE_S, connections=CONNECTIONS)
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
    room = Room(settings.data_dir, _memories(settings))
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
    accounts = _accounts(settings, redis)
    authentication = _authentication(settings, accounts)
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
        standing=_standing(settings, own),
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


def _record_spans(settings: Settings) -> bool:
    """Have this process's spans recorded if somebody wants them; return whether."""
    recorder = span_recorder(
        settings.spans_url,
        headers=settings.spans_headers,
        ratio=settings.trace_ratio,
        service="dasein-web",
        version=VERSION,
    )
    tracing.record_with(recorder)
    if recorder is not None:
        atexit.register(tracing.close)
    return recorder is not None


def _memories(settings: Settings) -> dict[str, RedisMemory]:
    """Return the servers whose memory can be full: that of jobs, and the graph where it is a FalkorDB."""
    urls = {"jobs": settings.redis, "graph": settings.graph}
    return {name: RedisMemory(url) for name, url in urls.items() if url.startswith("redis")}


def _standing(settings: Settings, own: Source) -> Source:
    if settings.prometheus_url is None:
        return own
    url = settings.prometheus_url.get_secret_value()
    return OrElse(Prometheus(url, timeout_s=PATIENCE_S, clock=lambda: datetime.now(UTC)), own)


def _observers(times: StoreTimes | None, *, spans: bool) -> tuple[Observe, ...]:
    """Return who watches the calls of stores, the first one outermost."""
    return (*(() if times is None else (times,)), *((traced,) if spans else ()))


@contextmanager
def connected_accounts() -> Iterator[Accounts]:
    """Lend the accounts of the farm to a command that runs beside it."""
    settings = Settings()
    with connect(settings.redis, patience_s=PATIENCE_S, connections=1) as redis:
        yield _accounts(settings, redis)


def _accounts(settings: Settings, redis: Redis) -> Accounts:
    return Accounts(
        RedisKeys(redis),
        RedisTenants(redis),
        RedisAudit(redis),
        secret=secret(settings, KEYS),
        close=lambda: close(settings),
        clock=lambda: datetime.now(UTC),
    )


def _authentication(settings: Settings, accounts: Accounts) -> Authentication:
    try:
        # The data folder may be a new one, and Redis not.
        if not is_closed(settings) and accounts.keys.of(None):
            log.warning("closed_by_keys", folder=str(settings.data_dir))
            close(settings)
    except StoreUnavailable as error:
        log.warning("keys_not_looked_for", error=error.message)
    return Authentication(
        accounts.keys,
        accounts.tenants,
        _tokens(settings),
        secret=accounts.secret,
        closed=lambda: is_closed(settings),
        clock=accounts.clock,
    )


def _tokens(settings: Settings) -> Tokens | None:
    if not settings.takes_tokens:
        return None
    given, load = settings.jwt_secret, None
    if settings.jwt_jwks_url is not None:
        load = from_url(settings.jwt_jwks_url, timeout_s=settings.jwt_timeout_s)
    elif settings.jwt_jwks_file is not None:
        load = from_file(settings.jwt_jwks_file)
    return Tokens(
        algorithms=settings.token_algorithms,
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        leeway_s=settings.jwt_leeway_s,
        claims=Claims(
            tenant=settings.jwt_tenant_claim,
            role=settings.jwt_role_claim,
            name=settings.jwt_name_claim,
            roles={name: Role(role) for name, role in settings.token_roles.items()},
            default_tenant=settings.jwt_tenant,
        ),
        secret=None if given is None else given.get_secret_value().encode(),
        jwks=None
        if load is None
        else Jwks(load, refetch_s=settings.jwt_refetch_s, refresh_s=settings.jwt_refresh_s, clock=time.monotonic),
    )


def _knowledge(settings: Settings, observers: Sequence[Observe]) -> Knowledge:
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
    return Knowledge(watched(documents, "documents", *observers), watched(graph, "graph", *observers))
