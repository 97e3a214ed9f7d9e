"""What the autoscaler tells Prometheus."""

from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, Counter, Gauge, disable_created_metrics, start_http_server

UP, DOWN = "up", "down"


class Numbers:
    """Counts changes, and shows what is wanted."""

    def __init__(self) -> None:
        """Begin with nothing."""
        # When a counter began is nobody's question, and would be a name more.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no types
        self.registry = CollectorRegistry()
        self._scaled = Counter(
            "dasein_pool_scaled", "Changes of a pool's size.", ["pool", "direction"], registry=self.registry
        )
        self._wanted = Gauge(
            "dasein_pool_wanted", "How many jobs a pool is to run at once.", ["pool"], registry=self.registry
        )

    def watch(self, pool: str) -> None:
        """Count the changes of a pool from nothing on: a rate needs a first value."""
        for direction in (UP, DOWN):
            self._scaled.labels(pool, direction)

    def wanted(self, pool: str, processes: int) -> None:
        """Note what a pool is to have."""
        self._wanted.labels(pool).set(processes)

    def scaled(self, pool: str, direction: str) -> None:
        """Note that a pool has another size now."""
        self._scaled.labels(pool, direction).inc()

    def serve(self, host: str, port: int) -> WSGIServer:
        """Answer scrapes; raise OSError where that address is taken."""
        server: WSGIServer
        server, _ = start_http_server(port, addr=host, registry=self.registry)
        return server
