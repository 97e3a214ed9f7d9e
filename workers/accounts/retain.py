"""What is over its age, out of the stores: by the tenant's own days, or by those of the settings."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import structlog
from pydantic_core import to_json

from jobs.attempt import Attempt
from jobs.errors import NotFound
from jobs.model import Progress
from jobs.tenancy import RetainRequest
from stores.documents import Shelf
from stores.identity import Tenant
from workers.accounts.services import AccountServices

DAY_S = 86_400
SESSIONS_AT_ONCE = 500

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Removed:
    """What went of a tenant, or would go."""

    jobs: int
    """Expired with that; the workers' sweep removes them and their files."""
    artifacts: int
    artifact_bytes: int
    audit: int
    chats: int


def retain(request: RetainRequest, *, attempt: Attempt, services: AccountServices) -> Mapping[str, Any]:
    """Remove what is over its age of all tenants, or only count it; return what that was, by tenant."""
    tenants = services.tenants.every()
    removed: dict[str, Removed] = {}
    for number, tenant in enumerate(tenants):
        attempt.check()
        attempt.report(Progress(number, len(tenants)))
        removed[tenant.id] = _of(tenant, dry=request.dry_run, services=services)
    before = services.clock() - timedelta(days=services.days.audit)
    unknown = services.audit.trim(None, before=before, dry=request.dry_run)
    total = {name: sum(asdict(each)[name] for each in removed.values()) for name in Removed.__dataclass_fields__}
    # Of a thousand tenants most have nothing to say, and a result is small.
    told = {tenant: asdict(each) for tenant, each in removed.items() if any(asdict(each).values())}
    log.info("retention_done", dry_run=request.dry_run, unknown=unknown, **total)
    return {"dry_run": request.dry_run, "total": total, "audit_of_unknown": unknown, "tenants": told}


def _of(tenant: Tenant, *, dry: bool, services: AccountServices) -> Removed:
    days, own = services.days, tenant.retention
    jobs = 0
    if own.job_days is not None:
        jobs = services.holdings.keep_for(tenant.id, own.job_days * DAY_S, tombstone_s=services.tombstone_s, dry=dry)
    artifacts, size = _artifacts(tenant.id, own.artifact_days or days.artifacts, dry=dry, services=services)
    before = services.clock() - timedelta(days=own.audit_days or days.audit)
    return Removed(
        jobs=jobs,
        artifacts=artifacts,
        artifact_bytes=size,
        audit=services.audit.trim(tenant.id, before=before, dry=dry),
        chats=_chats(tenant.id, own.chat_days or days.chats, dry=dry, services=services),
    )


def _artifacts(tenant: str, days: int | None, *, dry: bool, services: AccountServices) -> tuple[int, int]:
    """Remove what was uploaded so long ago and stands in no job's parameters; return how many, and their bytes."""
    if days is None:
        return 0, 0
    before = services.clock().timestamp() - days * DAY_S
    old = {artifact.id: artifact for artifact in services.artifacts.every(tenant) if artifact.stored_at < before}
    if not old:
        return 0, 0
    for job in services.holdings.every(tenant):
        told = to_json([job.params, job.result])
        for used in [artifact for artifact in old if artifact.encode() in told]:
            del old[used]
    count = size = 0
    for artifact in old.values():
        if not dry:
            try:
                services.artifacts.delete(tenant, artifact.id)
            except NotFound:
                continue
        count, size = count + 1, size + artifact.bytes
    return count, size


def _chats(tenant: str, days: int | None, *, dry: bool, services: AccountServices) -> int:
    """Remove the sessions whose last turn was so long ago; return how many."""
    if days is None:
        return 0
    before, removed = services.clock().timestamp() - days * DAY_S, 0
    after: tuple[float, str] | None = None
    while True:
        found = services.documents.find(tenant, Shelf.CHATS, after=after, limit=SESSIONS_AT_ONCE)
        old = [session for session in found if session.at < before]
        for session in old:
            if not dry:
                services.documents.remove(tenant, Shelf.TURNS, groups=[session.id])
                services.documents.remove(tenant, Shelf.CHATS, ids=[session.id])
        removed += len(old)
        # By age: behind one that is young enough all are.
        if len(found) < SESSIONS_AT_ONCE or len(old) < len(found):
            return removed
        after = found[-1].at, found[-1].id
