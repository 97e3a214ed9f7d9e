"""A worker's numbers over HTTP: `/metrics`, served by its parent process for all of its processes."""

from collections.abc import Iterator
from pathlib import Path
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from stores.shared_numbers import GUARD
from workers.metering.dead import gather, is_running


class Exposition(Collector):
    """Answers scrapes with what the processes have counted in their folder."""

    def __init__(self, folder: Path, *, version: str, role: str) -> None:
        """Read `folder` at every scrape."""
        self._folder = folder
        self._version = version
        self._role = role
        self._registry = CollectorRegistry()
        self._registry.register(self)
        MultiProcessCollector(self._registry, path=str(folder))  # type: ignore[no-untyped-call]  # the library's
        self._server: WSGIServer | None = None

    def collect(self) -> Iterator[Metric]:
        """Yield what is not counted but so; no store is asked, as one that is away would hold up the scrape."""
        with GUARD:
            gather(self._folder, is_alive=is_running)
        build = GaugeMetricFamily("dasein_build_info", "The running version.", labels=["version", "role"])
        build.add_metric([self._version, self._role], 1)
        yield build

    def describe(self) -> Iterator[Metric]:
        """Yield nothing: nobody else has these names, and registering is no scrape."""
        return iter(())

    def serve(self, host: str, port: int) -> None:
        """Listen from now on, in a thread; raise OSError."""
        self._server, _ = start_http_server(port, addr=host, registry=self._registry)

    def let_go(self) -> None:
        """Close what a forked process has of the server: its parent alone listens."""
        if self._server is not None:
            self._server.socket.close()
