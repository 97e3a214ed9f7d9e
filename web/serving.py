"""The server's worker: gunicorn's on gevent, which is not kept busy by slow clients and speaks problem+json.

An idle connection, and one on which the head of a request does not become complete, is closed after `keepalive`.
"""

import json
from http import HTTPStatus
from typing import Any, ClassVar

import structlog
from gevent import Timeout
from gunicorn.http import errors  # type: ignore[import-untyped]  # gunicorn has no types
from gunicorn.workers.ggevent import GeventWorker  # type: ignore[import-untyped]

from jobs import tracing
from web.pace import Sink, Slowest, Source

LAST_WORD_S = 1.0
STATUS: dict[type[Exception], HTTPStatus] = {
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
    errors.ParseException: HTTPStatus.BAD_REQUEST,
}
"""What is not HTTP as we know it."""

log = structlog.get_logger(__name__)


class Worker(GeventWorker):  # type: ignore[misc]  # gunicorn has no types
    """Serves each connection in a greenlet of its own."""

    slowest: ClassVar[Slowest] = Slowest()

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> Any:
        """Serve one request, at the pace that a client must keep."""
        # Bodies alone are paced in this direction: who takes the socket for more than HTTP, as a WebSocket does, reads
        # from it directly.
        req.unreader.sock = Source(sock, self.slowest, req.force_close)
        try:
            return super().handle_request(listener_name, req, Sink(sock, self.slowest), addr)
        finally:
            req.unreader.sock = sock

    def handle_error(self, _req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer what never became a request, and faults beneath the application."""
        status = next((STATUS[cls] for cls in type(exc).__mro__ if cls in STATUS), HTTPStatus.INTERNAL_SERVER_ERROR)
        trace_id = tracing.drawn().trace_id
        address = addr[0] if addr else None
        if status is HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("connection_failed", request_id=trace_id, trace_id=trace_id, address=address, exc_info=exc)
        else:
            log.info(
                "request_malformed",
                request_id=trace_id,
                trace_id=trace_id,
                address=address,
                status=status.value,
                error=str(exc),
            )
        with Timeout(LAST_WORD_S, False):  # noqa: FBT003 - says nothing of the time that is over
            try:
                client.sendall(_problem(status, trace_id))
            except OSError:
                log.debug("client_gone", request_id=trace_id, trace_id=trace_id)


def _problem(status: HTTPStatus, trace_id: str) -> bytes:
    code = status.phrase.lower().replace(" ", "-").replace("'", "")
    document = {
        "type": f"/api/docs#problem-{code}",
        "title": status.phrase,
        "status": status.value,
        "detail": status.description or status.phrase,
        "code": code,
        "trace_id": trace_id,
    }
    body = json.dumps(document).encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n"
        f"X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\nX-Request-Id: {trace_id}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
