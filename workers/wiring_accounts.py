"""The part of the composition root that erasure and retention work with."""

from functools import cache
from typing import TYPE_CHECKING

from config.queues import celery_settings
from stores.watched import watched
from workers.wiring import PATIENCE_S, campaign_files, job_services, observers, rem_files, settings
from workers.wiring_query import ready_query_services

if TYPE_CHECKING:
    from workers.accounts.services import AccountServices


@cache
def account_services() -> "AccountServices":
    """Build what erasure and retention work with: all stores that keep something of a tenant."""
    import time
    from datetime import UTC, datetime

    from stores.audit_redis import RedisAudit
    from stores.holdings_redis import RedisHoldings
    from stores.identity_redis import RedisKeys, RedisTenants
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
