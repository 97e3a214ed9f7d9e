"""A collector of spans: OTLP over HTTP as OpenTelemetry sends it, protobuf in gzip, on loopback."""

import gzip
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Self

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Message
from opentelemetry.proto.trace.v1.trace_pb2 import Status


@dataclass(frozen=True, slots=True)
class Seen:
    """A span that came in."""

    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    service: str
    process: str
    said: Mapping[str, Any]
    took_ns: int
    failed: bool


class Collector:
    """Takes spans in; `status` is what it answers."""

    def __init__(self, *, status: int = 200) -> None:
        self.status = status
        self.headers: dict[str, str] = {}
        self.posts = 0
        self._seen: list[Seen] = []
        self._lock = Lock()
        collector = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with collector._lock:
                    collector.posts += 1
                    collector.headers = {name.lower(): value for name, value in self.headers.items()}
                    if self.path == "/v1/traces" and collector.status == 200:
                        collector._seen += spans_of(gzip.decompress(body))
                with suppress(OSError):
                    self.send_response(collector.status)
                    self.send_header("Content-Length", "0")
                    self.end_headers()

            def log_message(self, *_args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def spans(self, trace_id: str | None = None) -> list[Seen]:
        """Return what came in so far, of one trace or of all."""
        with self._lock:
            return [span for span in self._seen if trace_id in {None, span.trace_id}]

    def named(self, name: str) -> list[Seen]:
        """Return the spans of a name."""
        return [span for span in self.spans() if span.name == name]


def spans_of(body: bytes) -> list[Seen]:
    """Return the spans of a request."""
    request = ExportTraceServiceRequest()
    request.ParseFromString(body)
    found = []
    for resource in request.resource_spans:
        about = _said(resource.resource.attributes)
        found += [_seen(span, about) for scope in resource.scope_spans for span in scope.spans]
    return found


def _seen(span: Message, about: Mapping[str, Any]) -> Seen:
    return Seen(
        name=span.name,
        kind=Message.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        service=about["service.name"],
        process=about["service.instance.id"],
        said=_said(span.attributes),
        took_ns=span.end_time_unix_nano - span.start_time_unix_nano,
        failed=span.status.code == Status.STATUS_CODE_ERROR,
    )


def _said(attributes: Any) -> dict[str, Any]:
    return {each.key: _value(each.value) for each in attributes}


def _value(value: AnyValue) -> Any:
    return getattr(value, value.WhichOneof("value") or "string_value")
