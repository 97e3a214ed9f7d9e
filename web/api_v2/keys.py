"""API keys: make, list, rotate, revoke."""

from datetime import datetime, timedelta
from http import HTTPMethod, HTTPStatus
from typing import Annotated, Self

from flask import Response
from pydantic import Field, StringConstraints

from jobs.errors import Conflict, InvalidInput, NotFound
from jobs.forms import Request
from jobs.identity import Role, TenantId
from stores.identity import ApiKey
from web.accounts import Accounts
from web.api_v2.answers import Shown, answered
from web.caller import caller
from web.refusals import MalformedBody, UnsupportedMediaType
from web.routing import PREFIX, Answer, Api

DAY_S = 86_400
LONGEST_S = 3650 * DAY_S
GRACE_S = DAY_S
BODY_REFUSALS = (InvalidInput, MalformedBody, UnsupportedMediaType)
Title = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]


class NewKey(Request):
    """A key to be made."""

    name: Title = Field(description="Whose it is, or what for: it stands in lists and in the audit trail.")
    role: Role
    tenant: TenantId | None = Field(None, description="Default: the caller's.")
    expires_in_s: int | None = Field(None, ge=60, le=LONGEST_S, description="Null: it is good until it is revoked.")


class Rotation(Request):
    """How a key is replaced."""

    grace_s: int = Field(GRACE_S, ge=0, le=30 * DAY_S, description="For how long the old key is still good.")


class KeysQuery(Request):
    """Whose keys to list."""

    tenant: TenantId | None = Field(None, description="Default: the caller's; for the home tenant's admins all.")


class KeyView(Shown):
    """What is known of a key."""

    prefix: str = Field(description="The public part after `dsn_`, by which the key is named.")
    name: str
    role: Role
    tenant: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = Field(description="To the minute.")
    created_by: str

    @classmethod
    def of(cls, key: ApiKey) -> Self:
        """Show a key."""
        return cls(
            prefix=key.prefix,
            name=key.name,
            role=key.role,
            tenant=key.tenant,
            created_at=key.created_at,
            expires_at=key.expires_at,
            last_used_at=key.last_used_at,
            created_by=key.created_by,
        )


class MadeKeyView(KeyView):
    """A key that was just made."""

    key: str = Field(description="The key itself: told this once, and kept nowhere.")


class KeysView(Shown):
    """Keys, oldest first."""

    keys: tuple[KeyView, ...]


def keys_api(accounts: Accounts) -> Api:
    """Serve keys."""
    api = Api("keys")

    def made(key: ApiKey, text: str) -> Response:
        view = MadeKeyView(key=text, **KeyView.of(key).model_dump())
        return answered(view, status=HTTPStatus.CREATED, headers={"Location": f"{PREFIX}/keys/{key.prefix}"})

    place = {"Location": "Where the key is revoked."}

    @api.on(
        HTTPMethod.POST,
        path="/keys",
        summary="Make an API key",
        body=NewKey,
        answers=(Answer(HTTPStatus.CREATED, "The key, whole, this once.", MadeKeyView, headers=place),),
        refusals=(*BODY_REFUSALS, NotFound, Conflict),
        example={"name": "ci of the lab", "role": "submitter", "expires_in_s": 90 * DAY_S},
    )
    def make_key(body: NewKey) -> Response:
        """Make a key for the caller's tenant, or, in the home tenant, for any. The first key closes an open farm."""
        tenant = accounts.tenant_of(body.tenant or caller().tenant, caller()).id
        lasts = None if body.expires_in_s is None else timedelta(seconds=body.expires_in_s)
        return made(
            *accounts.make_key(tenant=tenant, role=body.role, name=body.name, created_by=caller().name, lasts=lasts)
        )

    @api.on(
        HTTPMethod.GET,
        path="/keys",
        summary="List API keys",
        query=KeysQuery,
        answers=(Answer(HTTPStatus.OK, "What is known of the keys.", KeysView),),
        refusals=(InvalidInput, NotFound),
    )
    def list_keys(query: KeysQuery) -> Response:
        """List keys by their prefixes, oldest first; those that expired in the last 30 days with them."""
        if query.tenant is None:
            tenant = None if caller().home else caller().tenant
        else:
            tenant = accounts.tenant_of(query.tenant, caller()).id
        return answered(KeysView(keys=tuple(map(KeyView.of, accounts.keys.of(tenant)))))

    @api.on(
        HTTPMethod.POST,
        path="/keys/<name:prefix>/rotate",
        summary="Replace an API key",
        body=Rotation,
        answers=(Answer(HTTPStatus.CREATED, "The new key, whole, this once.", MadeKeyView, headers=place),),
        refusals=(*BODY_REFUSALS, NotFound, Conflict),
        example={"grace_s": 3600},
    )
    def rotate_key(prefix: str, body: Rotation) -> Response:
        """Make a key of the same name, role and lifetime, and let the old one end after the time of grace."""
        key = accounts.key_of(prefix, caller())
        return made(*accounts.rotate_key(key, grace=timedelta(seconds=body.grace_s), created_by=caller().name))

    @api.on(
        HTTPMethod.DELETE,
        path="/keys/<name:prefix>",
        summary="Revoke an API key",
        answers=(Answer(HTTPStatus.NO_CONTENT, "The key is refused from now on, everywhere."),),
        refusals=(NotFound,),
    )
    def revoke_key(prefix: str) -> Response:
        """Revoke a key. The farm stays closed, also when it was the last one."""
        accounts.keys.revoke(accounts.key_of(prefix, caller()).prefix)
        return Response(status=HTTPStatus.NO_CONTENT)

    return api
