"""What a worker counts for Prometheus, in all of its processes: its jobs, and its calls of stores."""

from prometheus_client import CollectorRegistry

from stores.store_times import StoreTimes


class Meter:
    """The numbers of one worker; in prometheus_client's multiprocess mode its processes share them."""

    def __init__(self) -> None:
        """Count from now on."""
        self.registry = CollectorRegistry()
        self.stores = StoreTimes(self.registry)
