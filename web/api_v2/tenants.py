"""Tenants: make, list, change."""

from dataclasses import asdict, replace
from datetime import datetime
from http import HTTPMethod, HTTPStatus
from typing import Self

from flask import Response
from pydantic import Field

from jobs.errors import Conflict, NotFound
from jobs.forms import Request
from jobs.identity import HOME, TenantId
from stores.identity import Quotas, Retention, Tenant
from web.accounts import Accounts
from web.api_v2.answers import Shown, answered
from web.api_v2.keys import BODY_REFUSALS, Title
from web.caller import caller
from web.routing import PREFIX, Answer, Api
from web.usage import Meter, Usage

MOST = 2**53
MOST_DAYS = 36_500
LEAST_WEIGHT, MOST_WEIGHT = 0.01, 100.0
WEIGHT = "Of what it has of a pool while others want it, too: twice the weight, twice the time."


class QuotasBody(Request):
    """What the tenant may use at most; null: what the settings say."""

    jobs_in_flight: int | None = Field(None, ge=0, le=MOST, description="Queued or running.")
    traces_per_day: int | None = Field(None, ge=0, le=MOST, description="Of campaigns, since midnight UTC.")
    storage_bytes: int | None = Field(None, ge=0, le=MOST)


class RetentionBody(Request):
    """For how many days what the tenant leaves is kept; null: as the settings say."""

    job_days: int | None = Field(None, ge=1, le=MOST_DAYS, description="After the job's end.")
    audit_days: int | None = Field(None, ge=1, le=MOST_DAYS)
    artifact_days: int | None = Field(None, ge=1, le=MOST_DAYS, description="After the upload, if no job names it.")
    chat_days: int | None = Field(None, ge=1, le=30, description="After the last turn.")


class NewTenant(Request):
    """A tenant to be made."""

    id: TenantId = Field(description="For ever: it names the tenant in every store.")
    title: Title | None = None
    quotas: QuotasBody = QuotasBody()
    retention: RetentionBody = RetentionBody()
    weight: float = Field(1, ge=LEAST_WEIGHT, le=MOST_WEIGHT, description=WEIGHT)


class TenantChange(Request):
    """What is to be different; what is left out stays, also within quotas and retention."""

    title: Title | None = None
    suspended: bool | None = Field(None, description="Whether its keys and tokens are refused.")
    quotas: QuotasBody | None = None
    retention: RetentionBody | None = None
    weight: float | None = Field(None, ge=LEAST_WEIGHT, le=MOST_WEIGHT, description=WEIGHT)


class QuotasView(Shown):
    """What the tenant may use at most; null: what the settings say."""

    jobs_in_flight: int | None
    traces_per_day: int | None
    storage_bytes: int | None


class UsageView(Shown):
    """What the tenant uses now."""

    jobs_in_flight: int
    traces_per_day: int = Field(description="Since midnight UTC.")
    storage_bytes: int = Field(description="Of artifacts and files of jobs.")


class RetentionView(Shown):
    """For how many days what the tenant leaves is kept; null: as the settings say."""

    job_days: int | None
    audit_days: int | None
    artifact_days: int | None
    chat_days: int | None


class TenantView(Shown):
    """A tenant."""

    id: str
    title: str
    created_at: datetime | None = Field(description="Null: the home tenant was always there.")
    suspended: bool
    quotas: QuotasView
    usage: UsageView
    retention: RetentionView
    weight: float = Field(description=WEIGHT)

    @classmethod
    def of(cls, tenant: Tenant, usage: Usage) -> Self:
        """Show a tenant."""
        return cls(
            id=tenant.id,
            title=tenant.title,
            created_at=tenant.created_at,
            suspended=tenant.suspended,
            quotas=QuotasView(**asdict(tenant.quotas)),
            usage=UsageView(**asdict(usage)),
            retention=RetentionView(**asdict(tenant.retention)),
            weight=tenant.weight,
        )


class TenantsView(Shown):
    """Tenants, the home tenant first, then by id."""

    tenants: tuple[TenantView, ...]


def tenants_api(accounts: Accounts, meter: Meter) -> Api:
    """Serve tenants."""
    api = Api("tenants")

    def shown(tenant: Tenant, *, status: int = HTTPStatus.OK) -> Response:
        return answered(
            TenantView.of(tenant, meter.read(tenant.id)),
            status=status,
            headers={"Location": f"{PREFIX}/tenants/{tenant.id}"} if status == HTTPStatus.CREATED else None,
        )

    @api.on(
        HTTPMethod.POST,
        path="/tenants",
        summary="Make a tenant",
        body=NewTenant,
        answers=(Answer(HTTPStatus.CREATED, "The tenant.", TenantView, headers={"Location": "Where the tenant is."}),),
        refusals=(*BODY_REFUSALS, Conflict),
        example={"id": "acme", "title": "Acme Labs", "quotas": {"jobs_in_flight": 100}},
    )
    def make_tenant(body: NewTenant) -> Response:
        """Make a tenant; its first key is made by `POST /keys` with its id."""
        tenant = Tenant(
            body.id,
            accounts.clock(),
            body.title or body.id,
            quotas=Quotas(**body.quotas.model_dump()),
            retention=Retention(**body.retention.model_dump()),
            weight=body.weight,
        )
        accounts.add_tenant(tenant)
        return shown(tenant, status=HTTPStatus.CREATED)

    @api.on(
        HTTPMethod.GET,
        path="/tenants",
        summary="List tenants",
        answers=(Answer(HTTPStatus.OK, "The tenants that the caller may look after.", TenantsView),),
    )
    def list_tenants() -> Response:
        """List tenants with quotas and usage: all for the home tenant's admins, their own for others."""
        found = accounts.tenants_of(caller())
        return answered(TenantsView(tenants=tuple(TenantView.of(tenant, meter.read(tenant.id)) for tenant in found)))

    @api.on(
        HTTPMethod.GET,
        path="/tenants/<name:tenant_id>",
        summary="Look at a tenant",
        answers=(Answer(HTTPStatus.OK, "The tenant.", TenantView),),
        refusals=(NotFound,),
    )
    def show_tenant(tenant_id: str) -> Response:
        """Return a tenant with its quotas and what it uses."""
        return shown(accounts.tenant_of(tenant_id, caller()))

    @api.on(
        HTTPMethod.PATCH,
        path="/tenants/<name:tenant_id>",
        summary="Change a tenant",
        body=TenantChange,
        answers=(Answer(HTTPStatus.OK, "The tenant as it is now.", TenantView),),
        refusals=(*BODY_REFUSALS, NotFound, Conflict),
        example={"suspended": False, "quotas": {"traces_per_day": 5_000_000}},
    )
    def change_tenant(tenant_id: str, body: TenantChange) -> Response:
        """Change title, quotas, retention and weight, or suspend the tenant: from the next request on nobody of it is served."""
        before = accounts.tenants.get(tenant_id)
        if body.suspended and tenant_id == HOME:
            raise Conflict("The home tenant cannot be suspended: nobody could undo that.", field="suspended")
        quotas = {} if body.quotas is None else body.quotas.model_dump(exclude_unset=True)
        retention = {} if body.retention is None else body.retention.model_dump(exclude_unset=True)
        changed = replace(
            before,
            title=before.title if body.title is None else body.title,
            suspended=before.suspended if body.suspended is None else body.suspended,
            quotas=replace(before.quotas, **quotas),
            retention=replace(before.retention, **retention),
            weight=before.weight if body.weight is None else body.weight,
        )
        accounts.tenants.change(changed)
        return shown(changed)

    return api
