"""A tenant's data: taken along, or taken away."""

from http import HTTPMethod, HTTPStatus
from threading import BoundedSemaphore

from flask import Response, request
from pydantic import Field

from jobs.errors import InvalidInput, NotFound, Overloaded
from jobs.forms import Request
from jobs.identity import HOME
from jobs.tenancy import EraseRequest
from web import audit, parsing
from web.accounts import Accounts
from web.api_v2.keys import BODY_REFUSALS
from web.api_v2.submitted import ANSWERS, HEADERS, submitted
from web.caller import caller
from web.erasing import Erasures
from web.exporting import Exporter
from web.routing import Answer, Api
from web.waiting import Hub

ZIP = "application/zip"
EXPORTS_AT_ONCE = 2
"""In one process: each reads all that a tenant has."""
RETRY_AFTER_S = 60
HOME_CONFIRMED = f"erase the home tenant {HOME}"


class Confirmation(Request):
    """That it is meant."""

    confirm: str = Field("", max_length=100, description="The tenant's id.")
    keep: bool = Field(default=False, description="Whether the tenant itself stays, with its quotas, without any data.")


def tenant_data_api(accounts: Accounts, exporter: Exporter, erasures: Erasures, hub: Hub) -> Api:
    """Serve export and erasure."""
    api = Api("tenant-data")
    exports = BoundedSemaphore(EXPORTS_AT_ONCE)

    @api.on(
        HTTPMethod.GET,
        path="/tenants/<name:tenant_id>/export",
        summary="Take a tenant's data along",
        answers=(Answer(HTTPStatus.OK, "Everything, as a zip with a manifest at its end.", media_types=(ZIP,)),),
        refusals=(NotFound, Overloaded),
    )
    def export_tenant(tenant_id: str) -> Response:
        """Return all that the tenant has: JSONL for each store, artifacts and files as they are, keys without secrets.

        A zip without its end is one that a fault cut off; the manifest has the size and digest of every member.
        """
        tenant = accounts.tenant_of(tenant_id, caller())
        if not exports.acquire(blocking=False):
            raise Overloaded("Others are exporting; try again later.", retry_after_s=RETRY_AFTER_S)
        name = f"{tenant.id}-{accounts.clock():%Y%m%dT%H%M%SZ}.zip"
        response = Response(
            exporter.export(tenant.id),
            content_type=ZIP,
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
        response.call_on_close(exports.release)
        return response

    @api.on(
        HTTPMethod.DELETE,
        path="/tenants/<name:tenant_id>/data",
        summary="Erase a tenant",
        query=Confirmation,
        headers=HEADERS,
        answers=ANSWERS,
        refusals=(*BODY_REFUSALS, NotFound),
    )
    def erase_tenant(tenant_id: str, query: Confirmation) -> Response:
        """Erase all that the tenant has in every store, and the tenant. The confirmation may also be a JSON body.

        The tenant is not served from now on. The job belongs to the home tenant; its result says how much every store
        had and what it still has: nothing, or the job fails. The home tenant, whose keys and record stay, takes a
        confirmation of its own.
        """
        tenant = accounts.tenant_of(tenant_id, caller())
        given = parsing.body(Confirmation, request) if request.mimetype == parsing.JSON else query
        wanted = HOME_CONFIRMED if tenant.id == HOME else tenant.id
        if given.confirm != wanted:
            raise InvalidInput(f"To erase all of it, confirm with `{wanted}`.", field="confirm")
        key = parsing.idempotency_key(request)
        # The tenant's own trail goes with it.
        audit.belongs_to(HOME)
        job, is_new = erasures.begin(EraseRequest(tenant=tenant.id, keep=given.keep), key=key)
        return submitted(job, is_new=is_new, hub=hub, request=request)

    return api
