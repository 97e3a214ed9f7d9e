"""Numbers for Prometheus.

Requests and waiters are counted by each process; with a `shared` folder (prometheus-client's multiprocess mode, which
the server's configuration sets up) one scrape of any process answers for all of them. What concerns the whole farm is
read from the stores at the scrape.
"""

from collections.abc import Callable, Iterator, Sequence
from http import HTTPMethod
from pathlib import Path
from time import perf_counter

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from jobs.errors import StoreUnavailable
from jobs.forging import NodeModels
from jobs.queue import QUEUES, JobQueue
from stores.knowledge import Cache
from stores.ports import Jobs, ModelStates
from stores.webhooks import Deliveries

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
METHODS = frozenset(HTTPMethod)
BUCKETS_S = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Farm(Collector):
    """The farm at the moment of the scrape."""

    def __init__(
        self,
        jobs: Jobs,
        queue: JobQueue,
        *,
        version: str,
        models: ModelStates,
        clock: Callable[[], float],
        cache: Cache | None = None,
        deliveries: Deliveries | None = None,
    ) -> None:
        """Look at these; `clock` tells seconds since the epoch. Nothing is said of a `cache` or `deliveries` not given."""
        self._jobs = jobs
        self._queue = queue
        self._version = version
        self._models = models
        self._clock = clock
        self._cache = cache
        self._deliveries = deliveries

    def collect(self) -> Iterator[Metric]:
        """Yield what the stores say; only `dasein_store_up 0` and the build when they do not answer."""
        build = GaugeMetricFamily("dasein_build_info", "The running version.", labels=["version"])
        build.add_metric([self._version], 1)
        yield build
        if self._cache is not None:
            yield from _looked_up(self._cache)
        yield from _models(self._models.read(self._clock()))
        counts = GaugeMetricFamily("dasein_jobs", "Recorded jobs.", labels=["kind", "state"])
        depth = GaugeMetricFamily("dasein_queue_depth", "Messages that wait in a pool's queue.", labels=["pool"])
        try:
            for (kind, state), number in self._jobs.counts().items():
                counts.add_metric([kind, state], number)
            for name in QUEUES:
                depth.add_metric([name], self._queue.depth(name))
            due = None if self._deliveries is None else self._deliveries.due()
        except StoreUnavailable:
            yield GaugeMetricFamily("dasein_store_up", "Whether the store of jobs answers.", value=0)
            return
        yield GaugeMetricFamily("dasein_store_up", "Whether the store of jobs answers.", value=1)
        yield counts
        yield depth
        if due is not None:
            yield GaugeMetricFamily("dasein_webhooks_due", "Deliveries that are due, or will be.", value=due)


def _looked_up(cache: Cache) -> Iterator[Metric]:
    """Yield how often answers were found; only that the cache is away when it is."""
    asked = CounterMetricFamily(
        "dasein_answer_cache_requests", "Questions by what the cache of answers said.", labels=["outcome"]
    )
    try:
        for outcome, number in sorted(cache.counters().items()):
            asked.add_metric([outcome], number)
    except StoreUnavailable:
        yield GaugeMetricFamily("dasein_answer_cache_up", "Whether the cache of answers answers.", value=0)
        return
    yield GaugeMetricFamily("dasein_answer_cache_up", "Whether the cache of answers answers.", value=1)
    yield asked


def _models(machines: Sequence[NodeModels]) -> Iterator[Metric]:
    """Yield what each machine says of its models and of its cache of embeddings."""
    asked = CounterMetricFamily(
        "dasein_embedding_cache_requests", "Embeddings by what the cache said.", labels=["node", "outcome"]
    )
    held = GaugeMetricFamily("dasein_model_bytes", "Memory of loaded models.", labels=["node", "role"])
    budget = GaugeMetricFamily("dasein_model_budget_bytes", "What models may use of memory.", labels=["node"])
    for machine in machines:
        asked.add_metric([machine.node, "hit"], machine.cache_hits)
        asked.add_metric([machine.node, "miss"], machine.cache_misses)
        budget.add_metric([machine.node], machine.budget_bytes)
        roles: dict[str, int] = {}
        for model in machine.models:
            roles[model.role] = roles.get(model.role, 0) + (model.bytes if model.state == "loaded" else 0)
        for role, size in sorted(roles.items()):
            held.add_metric([machine.node, role], size)
    yield from (asked, held, budget)


class Metrics:
    """Counts requests and waiters, and answers scrapes."""

    def __init__(self, farm: Farm, *, registry: CollectorRegistry | None = None, shared: Path | None = None) -> None:
        """Count for this process, or through the folder `shared` for all processes of the server.

        What others count in `registry` is exported with it.
        """
        self._farm = farm
        self._shared = shared
        self._own = registry or CollectorRegistry()
        self._requests = Counter(
            "dasein_http_requests", "Answered requests.", ["route", "method", "status"], registry=self._own
        )
        self._seconds = Histogram(
            "dasein_http_request_seconds",
            "Time until an answer begins; long polls included.",
            ["route", "method"],
            buckets=BUCKETS_S,
            registry=self._own,
        )
        self._refused = Counter(
            "dasein_limits_refused", "Requests over a limit of their key or address.", ["policy"], registry=self._own
        )
        self._unlimited = Counter(
            "dasein_limits_unenforced", "Requests let through because the limits could not be read.", registry=self._own
        )
        self._waiters = Gauge(
            "dasein_http_waiters",
            "Long polls, event streams and WebSockets.",
            registry=self._own,
            multiprocess_mode="livesum",
        )
        self._sockets = Gauge("dasein_websockets", "Open WebSockets.", registry=self._own, multiprocess_mode="livesum")
        self._unaudited = Counter(
            "dasein_audit_entries_lost", "Calls that the audit trail could not take.", registry=self._own
        )
        self._deliveries = Counter(
            "dasein_webhook_attempts", "Calls of callbacks by what came of them.", ["outcome"], registry=self._own
        )

    def sockets(self, count: int) -> None:
        """Note how many WebSockets are open in this process."""
        self._sockets.set(count)

    def delivered(self, outcome: str) -> None:
        """Note what came of a call: `delivered`, `retried` or `failed`."""
        self._deliveries.labels(outcome).inc()

    def unaudited(self) -> None:
        """Note that a call is missing in the audit trail."""
        self._unaudited.inc()

    def refused(self, policy: str) -> None:
        """Note that a limit was met."""
        self._refused.labels(policy).inc()

    def unlimited(self) -> None:
        """Note that a request was let through without its limits."""
        self._unlimited.inc()

    def waiting(self, count: int) -> None:
        """Note how many requests wait in this process."""
        self._waiters.set(count)

    def render(self) -> bytes:
        """Return the numbers in Prometheus's text format."""
        registry = self._own
        if self._shared is not None:
            registry = CollectorRegistry()
            MultiProcessCollector(registry, path=str(self._shared))  # type: ignore[no-untyped-call]  # the library's
        farm = CollectorRegistry()
        farm.register(self._farm)
        return generate_latest(registry) + generate_latest(farm)

    def register(self, app: Flask) -> None:
        """Count every request of `app`."""

        @app.after_request
        def count(response: Response) -> Response:
            # Unknown paths and methods share one label each: a client must not be able to make new ones.
            route = request.url_rule.rule if request.url_rule is not None else "unmatched"
            method = request.method if request.method in METHODS else "other"
            self._requests.labels(route, method, str(response.status_code)).inc()
            self._seconds.labels(route, method).observe(perf_counter() - g.started)
            return response

    def blueprint(self) -> Blueprint:
        """Serve `/metrics`."""
        blueprint = Blueprint("metrics", __name__)

        @blueprint.get("/metrics")
        def metrics() -> Response:
            return Response(self.render(), content_type=CONTENT_TYPE)

        return blueprint
