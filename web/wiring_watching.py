"""The part of the composition root that says who watches: times and spans of stores, memory of servers, objectives."""

import atexit
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry

from config.revealed import revealed
from config.settings import Settings
from config.version import VERSION
from jobs import tracing
from stores.redis_memory import RedisMemory
from stores.span_recorder import span_recorder
from stores.store_times import StoreTimes
from stores.traced import traced
from stores.watched import Observe
from web.slo.fallback import OrElse
from web.slo.measured import Source
from web.slo.prometheus import Prometheus

PROMETHEUS_S = 2
"""Who asks for objectives is better told soon what the farm itself knows."""


def observers_of(settings: Settings, registry: CollectorRegistry | None) -> tuple[Observe, ...]:
    """Return who watches the calls of stores, the first one outermost; without a registry nobody takes their time."""
    times: tuple[Observe, ...] = () if registry is None else (StoreTimes(registry),)
    return (*times, traced) if _record_spans(settings) else times


def memories_of(settings: Settings) -> dict[str, RedisMemory]:
    """Return the servers whose memory can be full: that of jobs, and the graph where it is a FalkorDB."""
    urls = {"jobs": settings.redis, "graph": settings.graph}
    return {name: RedisMemory(url) for name, url in urls.items() if url.startswith("redis")}


def standing_of(settings: Settings, own: Source) -> Source:
    """Return who knows how the farm stands to its objectives: a Prometheus if there is one, else its `own` counters."""
    url = revealed(settings.prometheus_url)
    if url is None:
        return own
    return OrElse(Prometheus(url, timeout_s=PROMETHEUS_S, clock=lambda: datetime.now(UTC)), own)


def _record_spans(settings: Settings) -> bool:
    """Have this process's spans recorded if somebody wants them; return whether."""
    recorder = span_recorder(
        settings.spans_url,
        headers=settings.spans_headers,
        ratio=settings.trace_ratio,
        service="dasein-web",
        version=VERSION,
    )
    tracing.record_with(recorder)
    if recorder is not None:
        atexit.register(tracing.close)
    return recorder is not None
