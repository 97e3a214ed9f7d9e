"""The query pool's door to Celery: one line per kind of job. Questions and ingestion wait in queues of their own."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import structlog
from celery import signals

from jobs.attempt import Attempt, Followed
from jobs.errors import InvalidInput, NotFound, StoreUnavailable
from jobs.forging import RemIngestRequest
from jobs.ingestion import IngestRequest, RebuildRequest, RemoveRequest
from jobs.model import Job, NewJob, State
from jobs.questions import ChatRequest, QueryRequest, SimilarRequest, WarmRequest
from jobs.queue import (
    BACKUP,
    CAMPAIGN,
    CHAT,
    ERASURE,
    INGESTION,
    QUERY,
    QUESTION,
    REBUILD,
    REM_INGESTION,
    REMOVAL,
    RETENTION,
    SIMILAR,
    WARM,
)
from jobs.tenancy import BackupRequest, EraseRequest, RetainRequest
from workers.accounts.erase import erase
from workers.accounts.retain import retain
from workers.app import celery
from workers.backup.take import take, told_of
from workers.lifecycle import send
from workers.query.answer import answer
from workers.query.ask import ask
from workers.query.caching import warm
from workers.query.chat import take_turn
from workers.query.ingest import ingest
from workers.query.ingest_rems import ingest_rems
from workers.query.rebuild import rebuild
from workers.query.remove import remove
from workers.query.services import QueryServices
from workers.query.similar import similar
from workers.wiring import job_services, settings
from workers.wiring_accounts import account_services
from workers.wiring_backup import backup_services
from workers.wiring_query import catalogue, query_services, ready_query_services

FIRST = QueryRequest(question="What is known?")
"""Asked once by every process, so that names and indexes are loaded."""
TENANTS = 8
"""Whose knowledge is loaded ahead."""

log = structlog.get_logger(__name__)


@celery.task(name=QUESTION.task)
def run_question(job: Job, attempt: Attempt) -> Mapping[str, Any]:
    """Answer a question."""
    request = QueryRequest.model_validate(job.params)
    found = ask(
        request,
        tenant=job.tenant,
        services=ready_query_services(),
        catalogue=catalogue(),
        owner=job.id,
        check=attempt.check,
        on_token=lambda token: attempt.publish(job.id, {"token": token}),
    )
    return found.model_dump(mode="json")


@celery.task(name=CHAT.task)
def run_chat(job: Job, attempt: Attempt) -> Mapping[str, Any]:
    """Take a turn of a conversation."""
    request = ChatRequest.model_validate(job.params)
    turn = take_turn(
        request,
        tenant=job.tenant,
        job_id=job.id,
        services=ready_query_services(),
        catalogue=catalogue(),
        check=attempt.check,
        on_token=lambda token: attempt.publish(job.id, {"token": token}),
    )
    return turn.model_dump(mode="json")


@celery.task(name=SIMILAR.task)
def run_similar(job: Job, _attempt: Attempt) -> Mapping[str, Any]:
    """Find instructions with similar profiles."""
    request = SimilarRequest.model_validate(job.params)
    return similar(request, tenant=job.tenant, services=ready_query_services()).model_dump(mode="json")


@celery.task(name=WARM.task)
def run_warm(job: Job, attempt: Attempt) -> Mapping[str, Any]:
    """Answer the most frequent questions before they are asked again."""
    limit = WarmRequest.model_validate(job.params).limit
    services = ready_query_services()
    answered = warm(tenant=job.tenant, services=services, catalogue=catalogue(), limit=limit, check=attempt.check)
    return {"answered": answered}


@celery.task(name=INGESTION.task)
def run_ingest(job: Job, attempt: Attempt) -> Followed:
    """Take something into the knowledge."""
    request = IngestRequest.model_validate(job.params)
    if request.campaign is not None:
        request = request.model_copy(update={"tags": (*request.tags, *_campaign_tags(job, request.campaign))})
    result = ingest(request, tenant=job.tenant, job_id=job.id, attempt=attempt, services=ready_query_services())
    return _warmed(job, result.model_dump(mode="json"))


@celery.task(name=REM_INGESTION.task)
def run_ingest_rems(job: Job, attempt: Attempt) -> Followed:
    """Take the records of a job of REMForge into the knowledge."""
    request = RemIngestRequest.model_validate(job.params)
    services = ready_query_services()
    result = ingest_rems(request, tenant=job.tenant, job_id=job.id, attempt=attempt, services=services)
    changed = result.records > result.unchanged
    told = result.model_dump(mode="json")
    return _warmed(job, told) if changed else Followed(told, [])


@celery.task(name=REMOVAL.task)
def run_remove(job: Job, attempt: Attempt) -> Followed:
    """Take something away from the knowledge."""
    request = RemoveRequest.model_validate(job.params)
    result = remove(request.batch, tenant=job.tenant, job_id=job.id, attempt=attempt, services=ready_query_services())
    return _warmed(job, result)


@celery.task(name=REBUILD.task)
def run_rebuild(job: Job, attempt: Attempt) -> Followed:
    """Make graph, vectors and texts again from the documents."""
    request = RebuildRequest.model_validate(job.params)
    result = rebuild(request, tenant=job.tenant, job_id=job.id, attempt=attempt, services=ready_query_services())
    return _warmed(job, result)


@celery.task(name=ERASURE.task)
def run_erase(job: Job, attempt: Attempt) -> Mapping[str, Any]:
    """Take a tenant out of every store."""
    request = EraseRequest.model_validate(job.params)
    return erase(request, job_id=job.id, attempt=attempt, services=account_services())


@celery.task(name=RETENTION.task)
def run_retain(job: Job, attempt: Attempt) -> Mapping[str, Any]:
    """Remove what is over its age."""
    return retain(RetainRequest.model_validate(job.params), attempt=attempt, services=account_services())


@celery.task(name=BACKUP.task)
def run_backup(job: Job, attempt: Attempt) -> Mapping[str, Any]:
    """Make a backup of the farm."""
    request = BackupRequest.model_validate(job.params)
    return told_of(take(backup_services(settings()), full=request.full, check=attempt.check))


@signals.worker_process_init.connect
def load(**_: Any) -> None:
    """Load the encoder, and what questions need of every tenant that asks, before the first one waits for it."""
    services = ready_query_services()
    services.encoder.encode([FIRST.question])
    if QUERY in celery.amqp.queues.consume_from:
        for tenant in _tenants(services):
            try:
                answer(FIRST, tenant=tenant, services=services, catalogue=catalogue())
            except StoreUnavailable as error:
                log.warning("not_loaded", tenant=tenant, error=error.message)


@signals.worker_ready.connect
def warm_up(sender: Any, **_: Any) -> None:
    """Have the frequent questions answered that the cache may have lost while nobody worked."""
    limit = settings().cache_warm
    if not limit or QUERY not in sender.app.amqp.queues.consume_from:
        return
    jobs, queue, _workers = job_services()
    request = WarmRequest(limit=limit).model_dump()
    for tenant in _tenants(query_services()):
        new = NewJob(f"{uuid4()}.warm", WARM.name, request, tenant, priority=1)
        try:
            send(jobs.submit(new)[0], jobs, queue)
        except StoreUnavailable as error:
            log.warning("not_warmed", tenant=tenant, error=error.message)


def _tenants(services: QueryServices) -> list[str]:
    """Return who has asked before, or nobody if the cache is away."""
    try:
        return [] if services.cache is None else services.cache.tenants()[:TENANTS]
    except StoreUnavailable:
        return []


def _campaign_tags(job: Job, campaign: str) -> tuple[str, ...]:
    """Return a campaign's tags; raise InvalidInput for one that is not there or has no report."""
    try:
        found = job_services().jobs.get(campaign)
    except NotFound as error:
        raise InvalidInput("There is no such campaign.", field="campaign") from error
    if found.tenant != job.tenant or found.kind != CAMPAIGN.name:
        raise InvalidInput("There is no such campaign.", field="campaign")
    if found.state in {State.FAILED, State.CANCELLED}:
        raise InvalidInput(f"The campaign is {found.state}: it has no report.", field="campaign")
    return found.tags


def _warmed(job: Job, result: Mapping[str, Any]) -> Followed:
    """Have the frequent questions answered anew over the changed knowledge."""
    limit = settings().cache_warm
    if not limit or result.get("unchanged") is True:
        return Followed(result, [])
    request = WarmRequest(limit=limit)
    return Followed(result, [NewJob(f"{job.id}.warm", WARM.name, request.model_dump(), job.tenant, priority=1)])
