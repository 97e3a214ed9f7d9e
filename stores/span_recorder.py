"""Who records the spans of a process, as its settings say; OpenTelemetry is loaded only where spans are wanted."""

from collections.abc import Mapping

from jobs.tracing import Recorder


def span_recorder(
    url: str | None, *, headers: Mapping[str, str], ratio: float, service: str, version: str
) -> Recorder | None:
    """Return what posts spans to `url`; None without one."""
    if url is None:
        return None
    from stores.spans_otlp import OtlpRecorder

    return OtlpRecorder(url, headers=headers, ratio=ratio, service=service, version=version)
