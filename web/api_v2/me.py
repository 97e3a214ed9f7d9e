"""Who one is here."""

from http import HTTPMethod, HTTPStatus
from typing import Literal

from flask import Response
from pydantic import Field

from jobs.identity import LOCAL, Role
from web import permissions
from web.api_v2.answers import Shown, answered
from web.caller import caller
from web.routing import Answer, Api


class MeView(Shown):
    """Who makes the request, and what they may do."""

    tenant: str
    role: Role
    name: str
    key: str | None = Field(description="The prefix of the API key, if it was one.")
    authentication: Literal["none", "key", "jwt"] = Field(description="`none`: a farm without keys, on loopback.")
    home: bool = Field(description="Whether the tenant is the farm itself.")
    operations: tuple[str, ...] = Field(description="Names of the operations that the caller may call.")
    version: str


def me_api(*, version: str) -> Api:
    """Serve who one is."""
    api = Api("identity")

    @api.on(
        HTTPMethod.GET,
        path="/me",
        summary="Ask who you are",
        answers=(Answer(HTTPStatus.OK, "Who makes the request.", MeView),),
    )
    def show_me() -> Response:
        """Say which tenant and role a key or token has, and what that allows."""
        who = caller()
        return answered(
            MeView(
                tenant=who.tenant,
                role=who.role,
                name=who.name,
                key=who.key,
                authentication="none" if who is LOCAL else "jwt" if who.key is None else "key",
                home=who.home,
                operations=tuple(permissions.operations(who)),
                version=version,
            )
        )

    return api
