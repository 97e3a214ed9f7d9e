"""What errors mean in HTTP: RFC 9457 problems, one table, the nearest ancestor wins."""

import math
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, g, json
from werkzeug.exceptions import HTTPException

from jobs import errors
from web import refusals

PROBLEM = "application/problem+json"
RETRY_UNAVAILABLE_S = 2
CHALLENGE = 'Bearer realm="dasein", X-API-Key realm="dasein"'

STATUS: dict[type[errors.DaseinError], HTTPStatus] = {
    refusals.MalformedBody: HTTPStatus.BAD_REQUEST,
    refusals.TooSlow: HTTPStatus.REQUEST_TIMEOUT,
    refusals.IncompleteBody: HTTPStatus.BAD_REQUEST,
    refusals.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    refusals.CrossSite: HTTPStatus.FORBIDDEN,
    refusals.Forbidden: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    refusals.NotAcceptable: HTTPStatus.NOT_ACCEPTABLE,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.Gone: HTTPStatus.GONE,
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    refusals.UnsupportedMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    refusals.Misdirected: HTTPStatus.MISDIRECTED_REQUEST,
    errors.InvalidInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.UpgradeRequired: HTTPStatus.UPGRADE_REQUIRED,
    errors.Overloaded: HTTPStatus.TOO_MANY_REQUESTS,
    refusals.StorageExceeded: HTTPStatus.INSUFFICIENT_STORAGE,
    refusals.TooManyStreams: HTTPStatus.TOO_MANY_REQUESTS,
    refusals.TooManyWaiters: HTTPStatus.SERVICE_UNAVAILABLE,
    refusals.Unready: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.OutOfBudget: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.Transient: HTTPStatus.SERVICE_UNAVAILABLE,
}

log = structlog.get_logger(__name__)


def status_of(error: type[errors.DaseinError]) -> HTTPStatus:
    """Return the status of an error class."""
    return next((STATUS[cls] for cls in error.__mro__ if cls in STATUS), HTTPStatus.INTERNAL_SERVER_ERROR)


def problem(
    status: HTTPStatus,
    *,
    code: str,
    detail: str,
    field: str | None = None,
    headers: dict[str, str] | None = None,
    **extensions: Any,
) -> Response:
    """Return a problem document; `extensions` are members of this kind of problem alone."""
    g.problem = code
    document: dict[str, Any] = {
        "type": f"/api/docs#problem-{code}",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "code": code,
        "trace_id": g.get("trace_id"),
    }
    if field is not None:
        document["field"] = field
    return Response(
        json.dumps(document | extensions),
        status=status.value,
        mimetype=PROBLEM,
        headers={"Cache-Control": "no-store"} | (headers or {}),
    )


def expected(error: errors.DaseinError) -> Response:
    """Answer an error that has a public code."""
    status = status_of(type(error))
    headers: dict[str, str] = {}
    extensions: dict[str, Any] = {}
    detail = error.message
    if isinstance(error, errors.Transient):
        # What a store said is ours to read, not the client's.
        log.warning("store_unavailable", error=error.message)
        detail = "A part of the farm did not answer; try again."
        headers["Retry-After"] = str(RETRY_UNAVAILABLE_S)
    if isinstance(error, refusals.Unauthenticated):
        headers["WWW-Authenticate"] = CHALLENGE
    if isinstance(error, refusals.UpgradeRequired):
        headers |= {"Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    if isinstance(error, errors.Overloaded) and error.retry_after_s:
        headers["Retry-After"] = str(math.ceil(error.retry_after_s))
    if isinstance(error, errors.QuotaExceeded):
        extensions["quota"] = {
            "name": error.reason,
            "limit": error.limit,
            "used": error.used,
            "wanted": error.wanted,
        }
    if isinstance(error, refusals.InvalidFields):
        extensions["errors"] = [{"field": item.field, "message": item.message} for item in error.errors]
    elif isinstance(error, errors.InvalidInput):
        extensions["errors"] = [{"field": error.field or "", "message": error.message}]
    if error.reason is not None:
        extensions["reason"] = error.reason
    return problem(status, code=error.code, detail=detail, field=error.field, headers=headers, **extensions)


def refused(error: HTTPException) -> Response:
    """Answer what Flask and Werkzeug refuse: unknown routes, wrong methods, bodies over the limit."""
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    kept = {name: value for name, value in error.get_headers() if name in {"Allow", "Content-Range", "Location"}}
    if status < HTTPStatus.BAD_REQUEST:
        return Response(status=status.value, headers=kept)
    codes = {HTTPStatus.REQUEST_ENTITY_TOO_LARGE: errors.TooLarge.code}
    code = codes.get(status, status.phrase.lower().replace(" ", "-"))
    return problem(status, code=code, detail=error.description or status.description, headers=kept)


def unexpected(error: Exception) -> Response:
    """Answer a bug of ours, telling its story to the log alone."""
    log.error("request_failed", exc_info=error)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, code="internal", detail="The fault is ours and has been logged.")


def register(app: Flask) -> None:
    """Make every error of `app` a problem."""
    app.register_error_handler(errors.DaseinError, expected)
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(Exception, unexpected)
