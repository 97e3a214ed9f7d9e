"""Pages of other sites that may use the API (CORS): those of the origins that were named, and never with credentials of
the browser's own, of which there are none.
"""

from collections.abc import Collection
from http import HTTPStatus

from flask import Flask, Request, Response, request

METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
HEADERS = (
    "Accept, Authorization, Content-Digest, Content-Type, Digest, Idempotency-Key, If-None-Match, If-Range, Last-Event-ID, "
    "Prefer, Range, X-API-Key, X-Request-Id"
)
EXPOSED = (
    "Accept-Ranges, Content-Disposition, Content-Range, Deprecation, ETag, Idempotency-Replayed, Link, Location, "
    "Preference-Applied, RateLimit, RateLimit-Limit, RateLimit-Policy, RateLimit-Remaining, RateLimit-Reset, Retry-After, "
    "Sunset, X-Request-Id"
)
REMEMBERED_S = 600


class Origins:
    """The origins whose pages may use the API, as browsers write them."""

    def __init__(self, allowed: Collection[str] = ()) -> None:
        """Allow these and no others."""
        self._allowed = frozenset(allowed)

    def allow(self, request: Request) -> bool:
        """Say whether a page of such an origin sent the request."""
        return request.headers.get("Origin") in self._allowed

    def preflight(self) -> Response | None:
        """Answer a browser that asks whether a page may send a request; None for any other request."""
        if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers:
            return None
        if not self.allow(request):
            return None
        return Response(
            status=HTTPStatus.NO_CONTENT,
            headers={
                "Access-Control-Allow-Methods": METHODS,
                "Access-Control-Allow-Headers": HEADERS,
                "Access-Control-Max-Age": str(REMEMBERED_S),
            },
        )

    def tell(self, response: Response) -> Response:
        """Let a page of an allowed origin read the answer."""
        if not self._allowed:
            return response
        response.vary.add("Origin")
        if self.allow(request):
            response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
            response.headers["Access-Control-Expose-Headers"] = EXPOSED
        return response

    def register(self, app: Flask) -> None:
        """Tell browsers with every answer of `app`."""
        app.after_request(self.tell)
