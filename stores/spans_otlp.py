"""Spans to an OpenTelemetry collector, by OTLP over HTTP: batched by a thread of this process, dropped rather than waited for.

Spans lie in memory for a second at most. A collector that is away costs them, never a job or a request. Whoever does the work
only notes what there is to tell: the SDK's own spans, which cost ten times as much to make, are made of it by the thread.
"""

import logging
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import replace
from threading import Thread
from time import monotonic, time_ns
from typing import cast

import structlog
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from jobs.tracing import Attributes, Kind, Place, Silent, Span, drawn

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
SAMPLED = SpanContext(1, 1, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))
"""All that the SDK's batches look at before they take a span in."""

log = structlog.get_logger(__name__)


class OtlpSpan:
    """A span that is recorded."""

    __slots__ = ("_processor", "began_ns", "context", "ended_ns", "error", "kind", "name", "parent", "place", "said")

    def __init__(
        self,
        processor: BatchSpanProcessor,
        name: str,
        kind: Kind,
        *,
        parent: Place | None,
        place: Place,
        said: Attributes,
    ) -> None:
        self._processor = processor
        self.name = name
        self.kind = kind
        self.parent = parent
        self.place = place
        self.said = dict(said)
        self.error: str | None = None
        self.context = SAMPLED
        self.ended_ns = 0
        self.began_ns = time_ns()

    def note(self, attributes: Attributes) -> None:
        """Say more of it."""
        self.said.update(attributes)

    def failed(self, code: str) -> None:
        """Say that it went wrong."""
        self.error = self.said["error.type"] = code

    def end(self) -> None:
        """End it."""
        self.ended_ns = time_ns()
        self._processor.on_end(cast("ReadableSpan", self))


class OtlpRecorder:
    """Records spans of this process. To be made after the fork: its thread does not survive one."""

    def __init__(self, url: str, *, headers: Mapping[str, str], ratio: float, service: str, version: str) -> None:
        """Post spans to `url`, of the part `ratio` of all traces, as those of `service`."""
        for name in NOISY:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._bound = TraceIdRatioBased(ratio).bound
        exporter = OTLPSpanExporter(url, headers=headers, timeout=ANSWER_S, compression=Compression.Gzip)
        resource = Resource.create(
            {
                "service.name": service,
                "service.namespace": "dasein",
                "service.version": version,
                "service.instance.id": f"{socket.gethostname()}:{os.getpid()}",
            }
        )
        self._processor = BatchSpanProcessor(
            _Exporter(exporter, resource, InstrumentationScope("dasein", version)),
            max_queue_size=HELD,
            schedule_delay_millis=EVERY_MS,
            max_export_batch_size=AT_ONCE,
        )

    def begin(self, name: str, kind: Kind, parent: Place | None, attributes: Attributes) -> Span:
        """Begin a span below `parent`; who comes from outside chooses the trace, and not that it is recorded."""
        place = drawn()
        if parent is None:
            place = replace(place, sampled=self._is_recorded(place))
        else:
            sampled = parent.sampled and (kind is not Kind.SERVER or self._is_recorded(parent))
            place = Place(parent.trace_id, place.span_id, sampled)
        if not place.sampled:
            return Silent(place)
        return OtlpSpan(self._processor, name, kind, parent=parent, place=place, said=attributes)

    def flush(self) -> None:
        """Send all that waits, from this thread."""
        self._processor.force_flush()

    def close(self) -> None:
        """Hand over what is left; a collector that does not answer is not waited for."""
        closing = Thread(target=self._processor.shutdown, name="spans", daemon=True)
        closing.start()
        closing.join(CLOSE_S)

    def _is_recorded(self, place: Place) -> bool:
        return int(place.trace_id[16:], 16) < self._bound


class _Exporter(SpanExporter):
    """Makes the SDK's spans of ours, and tells the log how many a collector did not take, once in a while."""

    def __init__(self, inner: SpanExporter, resource: Resource, scope: InstrumentationScope) -> None:
        self._inner = inner
        self._resource = resource
        self._scope = scope
        self._lost = 0
        self._again_at = 0.0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send spans."""
        result = self._inner.export([self._readable(span) for span in cast("Sequence[OtlpSpan]", spans)])
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

    def _readable(self, span: OtlpSpan) -> ReadableSpan:
        return ReadableSpan(
            span.name,
            _context(span.place),
            None if span.parent is None else _context(span.parent),
            self._resource,
            span.said,
            kind=KINDS[span.kind],
            status=Status() if span.error is None else Status(StatusCode.ERROR, span.error),
            start_time=span.began_ns,
            end_time=span.ended_ns,
            instrumentation_scope=self._scope,
        )


def _context(place: Place) -> SpanContext:
    return SpanContext(
        int(place.trace_id, 16), int(place.span_id, 16), is_remote=False, trace_flags=TraceFlags(place.sampled)
    )
