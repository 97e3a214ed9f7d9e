"""Spans to an OpenTelemetry collector, by OTLP over HTTP: batched by a thread of this process, dropped rather than waited for.

Spans lie in memory for a second at most. A collector that is away costs them, never a job or a request.
"""

import logging
import os
import socket
from collections.abc import Mapping, Sequence
from threading import Thread
from time import monotonic

import structlog
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    format_span_id,
    format_trace_id,
    set_span_in_context,
)
from opentelemetry.trace import Span as OtelSpan

from jobs.tracing import Attributes, Kind, Place, Span

KINDS = {
    Kind.SERVER: SpanKind.SERVER,
    Kind.PRODUCER: SpanKind.PRODUCER,
    Kind.CONSUMER: SpanKind.CONSUMER,
    Kind.CLIENT: SpanKind.CLIENT,
}
EVERY_MS = 1000
HELD = 8192
"""Spans that wait; the oldest of more are dropped."""
AT_ONCE = 512
ANSWER_S = 3.0
CLOSE_S = 2.0
TOLD_EVERY_S = 60.0
NOISY = ("opentelemetry.exporter.otlp", "opentelemetry.sdk._shared_internal")
"""They tell each attempt; we tell once a minute what was lost."""

log = structlog.get_logger(__name__)


class OtlpSpan:
    """A span that is recorded, or at least stands for itself where its trace is not."""

    __slots__ = ("_span", "place")

    def __init__(self, span: OtelSpan) -> None:
        context = span.get_span_context()
        self._span = span
        self.place = Place(
            format_trace_id(context.trace_id), format_span_id(context.span_id), context.trace_flags.sampled
        )

    def note(self, attributes: Attributes) -> None:
        """Say more of it."""
        self._span.set_attributes(attributes)

    def failed(self, code: str) -> None:
        """Say that it went wrong."""
        self._span.set_attribute("error.type", code)
        self._span.set_status(Status(StatusCode.ERROR, code))

    def end(self) -> None:
        """End it."""
        self._span.end()


class OtlpRecorder:
    """Records spans of this process. To be made after the fork: its thread does not survive one."""

    def __init__(self, url: str, *, headers: Mapping[str, str], ratio: float, service: str, version: str) -> None:
        """Post spans to `url`, of the part `ratio` of all traces, as those of `service`."""
        for name in NOISY:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._ratio = TraceIdRatioBased(ratio)
        exporter = _Telling(OTLPSpanExporter(url, headers=headers, timeout=ANSWER_S, compression=Compression.Gzip))
        resource = Resource.create(
            {
                "service.name": service,
                "service.namespace": "dasein",
                "service.version": version,
                "service.instance.id": f"{socket.gethostname()}:{os.getpid()}",
            }
        )
        self._provider = TracerProvider(sampler=ParentBased(self._ratio), resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(
            BatchSpanProcessor(
                exporter, max_queue_size=HELD, schedule_delay_millis=EVERY_MS, max_export_batch_size=AT_ONCE
            )
        )
        self._tracer = self._provider.get_tracer("dasein", version)

    def begin(self, name: str, kind: Kind, parent: Place | None, attributes: Attributes) -> Span:
        """Begin a span below `parent`; who comes from outside chooses the trace, and not that it is recorded."""
        context = Context()
        if parent is not None:
            trace_id = int(parent.trace_id, 16)
            sampled = parent.sampled and (kind is not Kind.SERVER or self._is_sampled(trace_id))
            above = SpanContext(trace_id, int(parent.span_id, 16), is_remote=True, trace_flags=TraceFlags(sampled))
            context = set_span_in_context(NonRecordingSpan(above), context)
        return OtlpSpan(self._tracer.start_span(name, context, KINDS[kind], attributes))

    def close(self) -> None:
        """Hand over what is left; a collector that does not answer is not waited for."""
        closing = Thread(target=self._provider.shutdown, name="spans", daemon=True)
        closing.start()
        closing.join(CLOSE_S)

    def _is_sampled(self, trace_id: int) -> bool:
        return trace_id & TraceIdRatioBased.TRACE_ID_LIMIT < self._ratio.bound


class _Telling(SpanExporter):
    """Tells the log how many spans a collector did not take, once in a while."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner
        self._lost = 0
        self._again_at = 0.0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send spans."""
        result = self._inner.export(spans)
        if result is not SpanExportResult.SUCCESS:
            self._lost += len(spans)
            if monotonic() >= self._again_at:
                log.warning("spans_lost", spans=self._lost)
                self._lost, self._again_at = 0, monotonic() + TOLD_EVERY_S
        return result

    def shutdown(self) -> None:
        """End an attempt that is under way."""
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Do nothing: nothing is held back here."""
        return self._inner.force_flush(timeout_millis)
