"""Growing and shrinking a worker's pool while it runs: a remote-control command of our own.

Celery's own commands add and take away; this one is told how many processes there are to be, so that it may arrive twice,
and says how many there are then.
"""

from collections.abc import Callable
from typing import Any

import structlog
from celery.worker.control import control_command

from stores.pools_celery import COMMAND

log = structlog.get_logger(__name__)
_listeners: list[Callable[[], object]] = []


def on_resize(listener: Callable[[], object]) -> None:
    """Call `listener` after every change of the pool's size."""
    _listeners.append(listener)


def processes_of(pool: Any) -> int | None:
    """Return how many jobs a pool runs at once; None for one that is being stopped, and has no processes any more."""
    inner = pool._pool  # noqa: SLF001  # read once: another thread may stop it at any moment
    return None if inner is None else int(inner._processes)  # noqa: SLF001


@control_command(name=COMMAND, args=[("processes", int)], signature="PROCESSES")
def resize(state: Any, processes: int) -> dict[str, int]:
    """Bring the pool to so many processes, as far as enough of them are idle, and say how many there are."""
    consumer = state.consumer
    pool = consumer.pool
    change = processes - pool.num_processes
    if change > 0:
        pool.grow(change)
        consumer._update_prefetch_count(change)  # noqa: SLF001  # as Celery's own commands do
    for _ in range(-change):
        try:
            pool.shrink(1)
        except ValueError:
            # All that are left are busy: a job is never stopped for this.
            break
        consumer._update_prefetch_count(-1)  # noqa: SLF001
    # At once, rather than with the next of the pool's own looks at itself.
    pool.maintain_pool()
    log.info("pool_resized", processes=pool.num_processes, asked=processes)
    for listener in _listeners:
        listener()
    return {"processes": pool.num_processes}
