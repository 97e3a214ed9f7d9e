"""What every request passes: its ids, whose host it names, whose page sent it, who makes it and whether they may.

Without keys whoever reaches the port may use it. That is this machine's users alone, and two ways in which a page of
another site could make their browser reach it are closed: a rebound DNS name (Host) and a cross-site write (Origin).
"""

import re
from collections.abc import Callable, Collection
from functools import partial
from http import HTTPMethod, HTTPStatus
from ipaddress import ip_address
from time import perf_counter
from urllib.parse import urlsplit

import structlog
from flask import Flask, Request, Response, g, request
from structlog.contextvars import bind_contextvars, clear_contextvars

from jobs import tracing
from jobs.identity import Principal
from web import permissions
from web.cors import Origins
from web.refusals import CrossSite, Misdirected

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
METHODS = frozenset(HTTPMethod)
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
QUIET = ("/health/", "/metrics")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

STRICT = "max-age=31536000"
"""For a year browsers come by TLS alone, once they did."""

Authenticate = Callable[[Request], Principal]
"""Says who makes a request; raises Unauthenticated."""

log = structlog.get_logger(__name__)


def identify() -> None:
    """Give the request its ids: the trace that the client names, or a new one; and the client's own id, or the trace's."""
    clear_contextvars()
    g.started = perf_counter()
    g.span = _begun(tracing.read(request.headers.get(tracing.HEADER)))
    tracing.enter(g.span)
    g.trace_id = g.span.place.trace_id
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if REQUEST_ID.fullmatch(given) else g.trace_id
    bind_contextvars(request_id=g.request_id, trace_id=g.trace_id)


def _begun(parent: tracing.Place | None) -> tracing.Span:
    """Begin the request's span; those that ask whether we are well stand in none."""
    if request.path.startswith(QUIET):
        place = parent or tracing.drawn()
        return tracing.Silent(tracing.Place(place.trace_id, place.span_id))
    # Paths and methods of which there may be any number share one name each.
    route = request.url_rule.rule if request.url_rule is not None else "unmatched"
    method = request.method if request.method in METHODS else "other"
    told = {"http.request.method": method, "http.route": route}
    return tracing.begin(f"{method} {route}", tracing.Kind.SERVER, told, parent=parent)


def admit(served: Callable[[str], bool], origins: Origins) -> None:
    """Raise Misdirected or CrossSite for a request that another site, none of `origins`, may have caused.

    Hosts that are `served` are ours, as loopback is.
    """
    host = request.headers.get("Host", "")
    name = _place(f"//{host}")[0]
    if not is_loopback(name) and not (name and served(name)):
        raise Misdirected("This server does not answer to that host; DASEIN_ALLOWED_HOSTS names others.", field="Host")
    if request.method not in SAFE and not origins.allow(request):
        refuse_cross_site(host)


def refuse_cross_site(host: str) -> None:
    """Raise CrossSite for a request that the page of another site sent, as far as browsers tell."""
    origin = request.headers.get("Origin")
    if origin is not None and _place(origin) != _place(f"//{host}"):
        raise CrossSite("Pages of other sites may not write here.", field="Origin")
    if request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}:
        raise CrossSite("Pages of other sites may not write here.", field="Sec-Fetch-Site")


def named(hosts: Collection[str], *, closed: Callable[[], bool]) -> Callable[[str], bool]:
    """Return whether a host is among `hosts`, where `*.b` is all below b; on an open farm none but loopback is."""

    def served(name: str) -> bool:
        return closed() and any(name == host or (host[:2] == "*." and name.endswith(host[1:])) for host in hosts)

    return served


def _place(url: str) -> tuple[str | None, str]:
    """Return the host of a URL and, as it is written, its host and port; no host if it is no URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None, url
    return parts.hostname, parts.netloc.lower()


def is_loopback(host: str | None) -> bool:
    """Say whether a host can only be this machine: a name that resolves to it could also be somebody else's."""
    if host == "localhost":
        return True
    try:
        return host is not None and ip_address(host).is_loopback
    except ValueError:
        return False


def dress(response: Response) -> Response:
    """Add the headers of every answer, unless the view has set its own, and tell the log."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-Id"] = g.request_id
    _end(response)
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = STRICT
    if not request.path.startswith(QUIET):
        took_s = round(perf_counter() - g.started, 6)
        log.info(
            "request_answered",
            method=request.method,
            path=request.path,
            status=response.status_code,
            address=request.remote_addr,
            took_s=took_s,
        )
    return response


def _end(response: Response) -> None:
    """End the request's span where its answer begins: what is streamed after that has no time of its own."""
    who = g.get("caller")
    told = {"http.response.status_code": response.status_code, "dasein.request_id": g.request_id}
    g.span.note(told if who is None else told | {"dasein.tenant": who.tenant})
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        g.span.failed(g.get("problem") or str(response.status_code))
    g.span.end()


def register(app: Flask, authenticate: Authenticate, *, served: Callable[[str], bool], origins: Origins) -> None:
    """Guard every route of `app`; what is public is served to anybody whose host and page are ours.

    `served` says whether a host that is not loopback is ours; pages of `origins` count as ours.
    """

    def authorise() -> None:
        # A path that nobody serves has no endpoint: it is answered as such, whoever asks.
        if request.endpoint is None or permissions.is_public(request.endpoint):
            return
        if permissions.may_introduce_itself(request.endpoint):
            # Its caller may be named by the first message, which a page can set and a header it cannot.
            return
        g.caller = authenticate(request)
        bind_contextvars(tenant=g.caller.tenant)
        permissions.check(request.endpoint, g.caller)

    app.before_request(identify)
    app.before_request(origins.preflight)
    app.before_request(partial(admit, served, origins))
    app.before_request(authorise)
    app.after_request(dress)
