"""The processes of running workers, through Celery's remote control: `workers/scaling.py` is the other end."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from celery import Celery

from stores.queue_celery import translated

COMMAND = "dasein_resize"
PATIENCE_S = 3.0
"""A worker answers between two jobs that it hands to its processes: at once."""


class CeleryPools:
    """Resizes pools, and waits for the workers' word."""

    def __init__(self, settings: Mapping[str, Any], *, patience_s: float = PATIENCE_S) -> None:
        """Ask as `settings` (of `config.queues`) say, and wait for `patience_s` for answers."""
        self._celery = Celery("dasein.pools", set_as_current=False)
        self._celery.conf.update(settings)
        self._patience_s = patience_s

    def resize(self, sizes: Mapping[str, int]) -> Mapping[str, int]:
        """Have workers keep so many processes; return how many each one that answered has now."""
        by_size: defaultdict[int, list[str]] = defaultdict(list)
        for worker, size in sizes.items():
            by_size[size].append(worker)
        answered: dict[str, int] = {}
        for size, workers in by_size.items():
            answered |= self._resize(workers, size)
        return answered

    def close(self) -> None:
        """Close the connections."""
        self._celery.close()

    def _resize(self, workers: list[str], processes: int) -> dict[str, int]:
        with translated():
            answers = self._celery.control.broadcast(
                COMMAND,
                arguments={"processes": processes},
                destination=workers,
                reply=True,
                timeout=self._patience_s,
                limit=len(workers),
            )
        said = [(worker, told) for answer in answers or () for worker, told in answer.items()]
        return {worker: int(told["processes"]) for worker, told in said if "processes" in told}
