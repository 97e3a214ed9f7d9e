"""Looks at the pools again and again, and sizes them by the same command as `POST /pools/{name}/scale`.

It keeps nothing that matters: started anew, it watches for a window before anything shrinks. While it cannot see (Redis is
away, no worker of a pool is alive) it changes nothing.
"""

from collections.abc import Callable, Mapping
from threading import Event

import structlog

from deploy.autoscaling.decision import Bounds, Past, Rules, Seen, decide
from deploy.autoscaling.numbers import DOWN, UP, Numbers
from jobs.errors import StoreUnavailable
from jobs.queue import JobQueue
from stores.ports import Jobs, Pools, Workers
from web.backlog import Backlog
from web.scaling import scaled

log = structlog.get_logger(__name__)


class Autoscaler:
    """Sizes the pools of one machine."""

    def __init__(
        self,
        jobs: Jobs,
        queue: JobQueue,
        workers: Workers,
        pools: Pools,
        *,
        bounds: Mapping[str, Bounds],
        rules: Rules,
        largest: int,
        numbers: Numbers,
        clock: Callable[[], float],
    ) -> None:
        """Keep each pool within its `bounds`, and no worker above `largest` processes."""
        self._backlog = Backlog(jobs, queue)
        self._workers = workers
        self._pools = pools
        self._bounds = bounds
        self._rules = rules
        self._largest = largest
        self._numbers = numbers
        self._clock = clock
        self._past = dict.fromkeys(bounds, Past())
        for pool in bounds:
            numbers.watch(pool)

    def run(self, stopped: Event, *, every_s: float) -> None:
        """Look at the pools until `stopped`."""
        seeing = True
        while not stopped.is_set():
            try:
                self.look()
                seeing = True
            except StoreUnavailable as error:
                # Once for each time: the next look says nothing new.
                if seeing:
                    log.warning("autoscaler_blind", error=error.message)
                seeing = False
            stopped.wait(every_s)

    def look(self) -> None:
        """Look at every pool once, and change those that are to change; raise StoreUnavailable."""
        alive = self._workers.alive()
        for pool, bounds in self._bounds.items():
            sizes = self._workers.processes(alive.get(pool, ()))
            if sizes:
                self._look(pool, dict(sizes), bounds.within(len(sizes), len(sizes) * self._largest))
            else:
                self._past[pool] = Past()

    def _look(self, pool: str, sizes: dict[str, int], bounds: Bounds) -> None:
        seen = Seen(
            at_s=self._clock(),
            waiting=self._backlog.depth(pool),
            oldest_wait_s=self._backlog.oldest_wait_s(pool),
            processes=sum(sizes.values()),
            busy=sum(self._workers.busy(list(sizes)).values()),
        )
        past = self._past[pool]
        wanted, self._past[pool] = decide(seen, past, bounds, self._rules)
        if not past.rests(seen.at_s, self._rules):
            # Until then what was wanted last is still wanted: workers may not have done it.
            self._numbers.wanted(pool, wanted)
        if wanted == seen.processes:
            return
        changed = {worker: size for worker, size in scaled(sizes, wanted).items() if size != sizes[worker]}
        told = self._pools.resize(changed)
        now = sum({**sizes, **told}.values())
        log.info(
            "pool_autoscaled",
            pool=pool,
            processes=seen.processes,
            wanted=wanted,
            now=now,
            waiting=seen.waiting,
            oldest_wait_s=round(seen.oldest_wait_s, 3),
            silent=len(changed) - len(told),
        )
        if now != seen.processes:
            self._numbers.scaled(pool, UP if now > seen.processes else DOWN)
