"""Numbers for Prometheus.

Requests and waiters are counted by each process; with a `shared` folder (prometheus-client's multiprocess mode, which
the server's configuration sets up) one scrape of any process answers for all of them. What concerns the whole farm is
read from the stores at the scrape.
"""

from http import HTTPMethod
from pathlib import Path
from time import perf_counter

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from web.slo.measured import Sample
from web.waiting import Stay

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
METHODS = frozenset(HTTPMethod)
BUCKETS_S = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """Counts requests and waiters, and answers scrapes."""

    def __init__(
        self,
        *asked: Collector,
        registry: CollectorRegistry | None = None,
        shared: Path | None = None,
        per_request: bool = True,
    ) -> None:
        """Count for this process, or through the folder `shared` for all processes of the server.

        What others count in `registry` is exported with it, and what those that are `asked` tell at the scrape. Without
        `per_request` requests are neither counted nor timed.
        """
        self._per_request = per_request
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._asked = asked
        self._shared = shared
        self._own = registry or CollectorRegistry()
        self._requests = Counter(
            "dasein_http_requests", "Answered requests.", ["route", "method", "status"], registry=self._own
        )
        self._seconds = Histogram(
            "dasein_http_request_seconds",
            "Time until an answer begins, without what its client asked to wait.",
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
        self._clients = Gauge(
            "dasein_stream_clients",
            "Long polls, event streams and WebSockets, each kind by itself.",
            ["kind"],
            registry=self._own,
            multiprocess_mode="livesum",
        )
        for stay in Stay:
            self.staying(stay, 0)
        self._unaudited = Counter(
            "dasein_audit_entries_lost", "Calls that the audit trail could not take.", registry=self._own
        )
        self._deliveries = Counter(
            "dasein_webhook_attempts", "Calls of callbacks by what came of them.", ["outcome"], registry=self._own
        )

    def staying(self, stay: Stay, count: int) -> None:
        """Note how many wait in this process in one way."""
        self._clients.labels(stay.value).set(count)

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
        asked = CollectorRegistry()
        for each in self._asked:
            asked.register(each)
        return generate_latest(self._counted()) + generate_latest(asked)

    def samples(self) -> list[Sample]:
        """Return what is counted, in all processes of the server."""
        return [
            Sample(sample.name, sample.labels, sample.value)
            for family in self._counted().collect()
            for sample in family.samples
        ]

    def _counted(self) -> CollectorRegistry:
        if self._shared is None:
            return self._own
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=str(self._shared))  # type: ignore[no-untyped-call]  # the library's
        return registry

    def register(self, app: Flask) -> None:
        """Count every request of `app`."""
        if not self._per_request:
            return

        @app.after_request
        def count(response: Response) -> Response:
            # Unknown paths and methods share one label each: a client must not be able to make new ones.
            route = request.url_rule.rule if request.url_rule is not None else "unmatched"
            method = request.method if request.method in METHODS else "other"
            place = route, method, response.status_code
            counted = self._known.get(place)
            if counted is None:
                # Looked up once: finding a number by its labels takes longer than counting.
                requests = self._requests.labels(route, method, str(response.status_code))
                counted = self._known.setdefault(place, (requests, self._seconds.labels(route, method)))
            counted[0].inc()
            counted[1].observe(max(0.0, perf_counter() - g.started - g.get("waited_s", 0.0)))
            return response

    def blueprint(self) -> Blueprint:
        """Serve `/metrics`."""
        blueprint = Blueprint("metrics", __name__)

        @blueprint.get("/metrics")
        def metrics() -> Response:
            return Response(self.render(), content_type=CONTENT_TYPE)

        return blueprint
