"""The audit trail."""

from datetime import datetime
from http import HTTPMethod, HTTPStatus
from typing import Literal, Self

from flask import Response
from pydantic import Field

from jobs.errors import InvalidInput, NotFound
from jobs.forms import Request
from jobs.identity import Role, TenantId
from stores.identity import Entry
from web.accounts import Accounts
from web.api_v2.answers import Shown, answered
from web.caller import caller
from web.routing import Answer, Api


class AuditQuery(Request):
    """Which calls to list."""

    tenant: TenantId | None = Field(None, description="Default: the caller's.")
    outcome: Literal["succeeded", "denied", "failed"] | None = Field(
        None, description="denied: 401, 403 and 429; failed: what was refused for another reason."
    )
    unknown: bool = Field(default=False, description="Calls of nobody we know; for the home tenant's admins.")
    cursor: str | None = Field(None, min_length=1, max_length=64, description="From the page before.")
    limit: int = Field(100, ge=1, le=500)


class EntryView(Shown):
    """A call."""

    id: str
    at: datetime
    tenant: str | None = Field(description="Of the caller; null for nobody we know.")
    name: str | None
    role: Role | None
    method: str
    path: str = Field(description="Without its query.")
    operation: str | None
    status: int
    code: str | None = Field(description="Of the problem that it was answered with.")
    address: str | None
    request_id: str

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """Show an entry."""
        return cls(
            id=entry.id,
            at=entry.at,
            tenant=entry.tenant,
            name=entry.name,
            role=entry.role,
            method=entry.method,
            path=entry.path,
            operation=entry.operation,
            status=entry.status,
            code=entry.code,
            address=entry.address,
            request_id=entry.request_id,
        )


class AuditView(Shown):
    """Calls, newest first."""

    entries: tuple[EntryView, ...]
    cursor: str | None = Field(description="Ask for the next page with it; null on the last one. A page may be short.")


def audit_api(accounts: Accounts) -> Api:
    """Serve the audit trail."""
    api = Api("audit")

    @api.on(
        HTTPMethod.GET,
        path="/audit",
        summary="Read the audit trail",
        query=AuditQuery,
        answers=(Answer(HTTPStatus.OK, "A page of calls, newest first.", AuditView),),
        refusals=(InvalidInput, NotFound),
    )
    def show_audit(query: AuditQuery) -> Response:
        """List the calls that wrote and those that were denied; bodies, queries and secrets are never kept."""
        if query.unknown:
            if not caller().home:
                raise NotFound("There is no such trail.")
            tenant = None
        else:
            tenant = accounts.tenant_of(query.tenant or caller().tenant, caller()).id
        page, cursor = accounts.audit.page(tenant, outcome=query.outcome, cursor=query.cursor, limit=query.limit)
        return answered(AuditView(entries=tuple(map(EntryView.of, page)), cursor=cursor))

    return api
