"""How much room there is: on the data volume, and in servers that keep their data in memory."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from shutil import disk_usage
from typing import Protocol

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from jobs.errors import StoreUnavailable
from stores.ports import Memory


class Filling(Protocol):
    """A server whose memory can be full."""

    def memory(self) -> Memory:
        """Return how full it is; raise StoreUnavailable."""


class Room(Collector):
    """Tells at a scrape how full things are."""

    def __init__(self, folder: Path, servers: Mapping[str, Filling]) -> None:
        """Look at the volume of `folder`, and at `servers` by the names of their stores."""
        self._folder = folder
        self._servers = servers

    def collect(self) -> Iterator[Metric]:
        """Yield what is known; nothing of what does not answer."""
        try:
            volume = disk_usage(self._folder)
        except FileNotFoundError:
            # Nobody has written anything yet.
            pass
        else:
            yield GaugeMetricFamily("dasein_data_size_bytes", "Size of the data volume.", value=volume.total)
            yield GaugeMetricFamily("dasein_data_free_bytes", "What of it may still be written.", value=volume.free)
        used = GaugeMetricFamily("dasein_store_memory_bytes", "Memory that a store's server uses.", labels=["store"])
        limit = GaugeMetricFamily(
            "dasein_store_memory_limit_bytes", "What it may use; absent where it may use all.", labels=["store"]
        )
        for name, server in self._servers.items():
            try:
                memory = server.memory()
            except StoreUnavailable:
                continue
            used.add_metric([name], memory.used_bytes)
            if memory.limit_bytes is not None:
                limit.add_metric([name], memory.limit_bytes)
        yield from (used, limit)
