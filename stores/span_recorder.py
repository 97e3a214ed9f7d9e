"""Who records the spans of a process, as its settings say; OpenTelemetry is loaded only where spans are wanted."""

from collections.abc import Mapping

from jobs.tracing import Recorder


class NoOpenTelemetry(Exception):
    """Spans are wanted, and what records them is not installed."""


def span_recorder(
    url: str | None, *, headers: Mapping[str, str], ratio: float, service: str, version: str
) -> Recorder | None:
    """Return what posts spans to `url`, or None without one; raise NoOpenTelemetry."""
    if url is None:
        return None
    try:
        from stores.spans_otlp import OtlpRecorder
    except ModuleNotFoundError as error:
        message = f"DASEIN_OTLP_URL is set, and {error.name} is not installed: install the extra `telemetry`."
        raise NoOpenTelemetry(message) from error
    return OtlpRecorder(url, headers=headers, ratio=ratio, service=service, version=version)
