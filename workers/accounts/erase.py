"""A tenant out of every store. Nobody of it is served and none of its jobs runs while its data goes; its records of jobs
go last but for the tenant itself, so that an erasure that is cut off finds its way again. What each store then still has
is read back.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import structlog

from jobs.attempt import Attempt
from jobs.errors import Gone, NotFound, StoreUnavailable
from jobs.identity import HOME
from jobs.model import Progress
from jobs.tenancy import EraseRequest
from stores.documents import Shelf
from workers.accounts.services import AccountServices, Store

STOP_S = 60.0
"""How long running jobs may take to stop: seconds, or a lease if their worker is gone."""
LOOK_S = 0.25

log = structlog.get_logger(__name__)


def erase(request: EraseRequest, *, job_id: str, attempt: Attempt, services: AccountServices) -> Mapping[str, Any]:
    """Erase a tenant; return how many records every store had and has.

    Raise StoreUnavailable as long as something is left: worth another try. May be done twice.
    """
    tenant = request.tenant
    home = tenant == HOME
    suspend(tenant, services)
    jobs = stop(tenant, job_id=job_id, attempt=attempt, services=services)
    stores = _stores(services, jobs=jobs, spare=(job_id,) if home else (), home=home)
    removed: dict[str, int] = {}
    for number, (name, store) in enumerate(stores.items()):
        attempt.check()
        attempt.report(Progress(number, len(stores), name))
        removed[name] = store.count(tenant)
        store.erase(tenant)
    holds = {name: store.count(tenant) for name, store in stores.items()}
    if any(holds.values()):
        left = ", ".join(f"{name} {count}" for name, count in holds.items() if count)
        raise StoreUnavailable(f"Not everything of the tenant is gone: {left}.")
    if request.keep and not home:
        services.tenants.change(replace(services.tenants.get(tenant), suspended=False))
    elif not home:
        services.tenants.remove(tenant)
    log.warning("tenant_erased", tenant=tenant, removed=removed)
    return {"tenant": tenant, "removed": removed, "holds": holds, "tenant_kept": request.keep or home}


def suspend(tenant: str, services: AccountServices) -> None:
    """Have nobody of a tenant served any more; of the home tenant somebody must be."""
    if tenant == HOME:
        return
    try:
        services.tenants.change(replace(services.tenants.get(tenant), suspended=True))
    except NotFound:
        log.info("tenant_unknown", tenant=tenant)


def stop(tenant: str, *, job_id: str, attempt: Attempt, services: AccountServices) -> frozenset[str]:
    """Cancel the tenant's jobs and wait for their end; return the ids of all. What runs `job_id` goes on.

    Raise StoreUnavailable if some do not end.
    """
    left = STOP_S
    while True:
        found = {job.id: job.state.final for job in services.holdings.every(tenant) if job.id != job_id}
        open_ = {each for each, final in found.items() if not final}
        for each in open_:
            _cancel(each, services)
        while open_:
            open_ = {each for each in open_ if _is_open(each, services)}
            attempt.check()
            if open_ and left <= 0:
                raise StoreUnavailable(f"{len(open_)} jobs of the tenant do not stop.")
            if open_:
                services.pause(LOOK_S)
                left -= LOOK_S
        # What a job left behind at its end is found by another look.
        if all(found.values()):
            return frozenset(found)


def _cancel(job_id: str, services: AccountServices) -> None:
    try:
        services.jobs.cancel(job_id)
    except (NotFound, Gone):
        log.info("job_gone", job_id=job_id)


def _is_open(job_id: str, services: AccountServices) -> bool:
    try:
        return not services.jobs.get(job_id).state.final
    except (NotFound, Gone):
        return False


def _stores(
    services: AccountServices, *, jobs: frozenset[str], spare: tuple[str, ...], home: bool
) -> Mapping[str, Store]:
    """Return the stores in the order in which they are emptied; what is made from documents before these."""
    stores = {
        "queue": Store(
            lambda _tenant: services.messages.discard(jobs), lambda _tenant: services.messages.discard(jobs, dry=True)
        ),
        **{folder: _files(services, folder, jobs) for folder in services.files},
        "artifacts": Store(services.artifacts.erase, lambda tenant: sum(1 for _ in services.artifacts.every(tenant))),
        "vectors": Store(services.vectors.erase, services.vectors.held),
        "texts": Store(services.texts.erase, lambda tenant: services.documents.count(tenant, Shelf.PASSAGES)),
        "graph": Store(services.graph.erase, lambda tenant: sum(services.graph.counts(tenant).values())),
        "documents": Store(
            services.documents.erase, lambda tenant: sum(services.documents.count(tenant, shelf) for shelf in Shelf)
        ),
        **services.more,
        "audit": Store(services.audit.erase, services.audit.count),
        "jobs": Store(
            lambda tenant: services.holdings.erase(tenant, spare=spare),
            lambda tenant: services.holdings.count(tenant, spare=spare),
        ),
    }
    if services.cache is not None:
        stores["cache"] = Store(services.cache.erase, services.cache.held)
    if not home:
        # Without a key of the home tenant nobody could look after the farm.
        stores["keys"] = Store(services.keys.erase, lambda tenant: len(services.keys.of(tenant)))
    return stores


def _files(services: AccountServices, folder: str, jobs: frozenset[str]) -> Store:
    files = services.files[folder]

    def each(_tenant: str) -> None:
        for job_id in jobs:
            files.remove(job_id)

    return Store(each, lambda _tenant: sum(len(files.names(job_id)) for job_id in jobs))
