"""Whether somebody who follows a stream may still do so: keys are revoked and expire while streams go on."""

from collections.abc import Callable

import structlog
from flask import Request, request

from jobs.errors import StoreUnavailable
from jobs.identity import Principal
from web import permissions
from web.caller import caller
from web.guard import Authenticate
from web.refusals import Forbidden, Unauthenticated

StillAllowed = Callable[[], bool]
Stand = Callable[[], StillAllowed]
"""Called in a view: returns what says, later, whether its caller may go on."""

log = structlog.get_logger(__name__)


def standing_by(authenticate: Authenticate) -> Stand:
    """Return what looks again at the credentials of the present request, by the same way as every request."""

    def stand() -> StillAllowed:
        # The request itself, not the name for whichever is the present one.
        made: Request = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # werkzeug's proxy
        principal, endpoint = caller(), request.endpoint or ""
        return lambda: still_allowed(authenticate, made, principal, endpoint)

    return stand


def still_allowed(authenticate: Authenticate, made: Request, principal: Principal, endpoint: str) -> bool:
    """Say whether the credentials of a request still stand for the same tenant, with a role that is enough."""
    try:
        now = authenticate(made)
        permissions.check(endpoint, now)
    except (Unauthenticated, Forbidden) as error:
        log.info("stream_not_allowed_any_more", name=principal.name, code=error.code)
        return False
    except StoreUnavailable as error:
        # Nobody is sent away for a fault of ours; the next look comes soon.
        log.warning("standing_unknown", error=error.message)
        return True
    return now.tenant == principal.tenant
