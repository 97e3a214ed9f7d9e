"""What every answer of the first API says, refusals too: since when it is deprecated, until when it works, what to use."""

from datetime import UTC, datetime
from email.utils import format_datetime

from flask import Flask, Response, request

SINCE = datetime(2026, 11, 21, tzinfo=UTC)
UNTIL = datetime(2027, 11, 21, tzinfo=UTC)
PREFIX = "/api/v1/"
SUCCESSORS = {
    "query": "/api/v2/queries",
    "documents": "/api/v2/documents",
    "entities": "/api/v2/entities",
    "chat": "/api/v2/chat",
    "history": "/api/v2/chat/shared-v1/history",
    "status": "/api/v2/status",
    "health": "/health/live",
}
"""By the first step of a path below the prefix."""
ALIASES = {
    "/query": "query",
    "/api/query": "query",
    "/api/chat": "chat",
    "/api/chat/stream": "chat",
    "/api/history": "history",
    "/api/status": "status",
    "/health": "health",
}
"""Paths from before there were versions."""


def successor(path: str) -> str | None:
    """Return what to use instead of a path; None for one that is not of the first API."""
    name = path.removeprefix(PREFIX).partition("/")[0] if path.startswith(PREFIX) else ALIASES.get(path)
    return None if name is None else SUCCESSORS.get(name, "/api/v2/openapi.json")


def deprecate(response: Response) -> Response:
    """Say so, if the request was for the first API."""
    instead = successor(request.path)
    if instead is not None:
        response.headers["Deprecation"] = f"@{int(SINCE.timestamp())}"  # RFC 9745
        response.headers["Sunset"] = format_datetime(UNTIL, usegmt=True)  # RFC 8594
        response.headers["Link"] = (
            f'<{instead}>; rel="successor-version", </api/docs>; rel="deprecation"; type="text/html"'
        )
    return response


def register(app: Flask) -> None:
    """Let every answer of `app` say so; also those that no view has made."""
    app.after_request(deprecate)
