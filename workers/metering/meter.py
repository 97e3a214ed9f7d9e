"""What a worker counts for Prometheus, in all of its processes: its jobs, and its calls of stores."""

from collections.abc import Callable, Collection, Iterable, Mapping
from time import perf_counter
from typing import NamedTuple

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram

from jobs.attempt import Outcome
from jobs.errors import StoreUnavailable
from jobs.model import Job, State
from jobs.queue import KINDS, SHARD, SIMULATION
from stores.ports import End, Jobs
from stores.shared_numbers import GUARD
from stores.store_times import StoreTimes
from workers.metering.endings import INTERNAL, OTHER, OURS, OUTCOMES, code_of, outcome_of

JOB = ("pool", "kind")
ENGINES = ("lanes", "unicorn", "renode")
BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)
"""From a ping to the longest that any job may run."""
ENDS_AT_ONCE = 1000

log = structlog.get_logger(__name__)


class Meter:
    """The numbers of one worker; in prometheus_client's multiprocess mode its processes share them."""

    def __init__(self, pools: Collection[str]) -> None:
        """Count from now on, for a worker of `pools`."""
        self.registry = CollectorRegistry()
        self.stores = StoreTimes(self.registry)
        self._waited = self._histogram("dasein_job_wait_seconds", "From when a job was due to its start.")
        self._ran = self._histogram("dasein_job_run_seconds", "One attempt at a job.")
        self._took = self._histogram("dasein_job_seconds", "From a job's submission to its end.")
        self._attempts = self._counter("dasein_job_attempts", "Attempts at jobs that were begun.")
        self._retries = self._counter("dasein_job_retries", "Attempts that failed for a passing reason.")
        self._ended = self._counter("dasein_jobs_ended", "Jobs that have ended.", "outcome")
        self._failed = self._counter(
            "dasein_job_failures", "Jobs that have failed, by the code of their error.", "code"
        )
        self._traces = Counter("dasein_traces", "Traces of shards that ended well.", ["engine"], registry=self.registry)
        # Looked up once: finding a number by its labels takes longer than counting.
        self._known: dict[str, _Counted] = {}
        self._begin(pools)

    def measured(self, job: Job, work: Callable[[], Outcome]) -> Outcome:
        """Return what `work` does in one attempt at a job, and measure that."""
        with GUARD:
            counted = self._counted(job.kind)
            counted.attempts.inc()
            if job.waited_s is not None:
                counted.waited.observe(job.waited_s)
        began = perf_counter()
        try:
            outcome = work()
        finally:
            with GUARD:
                counted.ran.observe(perf_counter() - began)
        if job.kind == SHARD.name and isinstance(outcome, Mapping):
            self._count_traces(outcome["engines"])
        return outcome

    def retried(self, task: str) -> None:
        """Note that an attempt failed which is to be repeated."""
        kind = next((kind.name for kind in KINDS.values() if kind.task == task), OTHER)
        with GUARD:
            self._retries.labels(*_place(kind)).inc()

    def count_ends(self, jobs: Jobs) -> None:
        """Count the jobs that have ended since any worker did so; later, if their store is away."""
        try:
            while ends := jobs.take_ends(limit=ENDS_AT_ONCE):
                self._note(ends)
        except StoreUnavailable as error:
            log.warning("ends_not_counted", error=error.message)

    def _note(self, ends: Iterable[End]) -> None:
        with GUARD:
            for end in ends:
                place = _place(end.kind)
                self._ended.labels(*place, outcome_of(end)).inc()
                if end.state is State.FAILED:
                    self._failed.labels(*place, code_of(end)).inc()
                self._took.labels(*place).observe(end.took_s)

    def _counted(self, kind: str) -> "_Counted":
        """Return where attempts at a kind of job are counted."""
        found = self._known.get(kind)
        if found is None:
            place = _place(kind)
            counted = _Counted(self._attempts.labels(*place), self._waited.labels(*place), self._ran.labels(*place))
            found = self._known.setdefault(place[1], counted)
        return found

    def _begin(self, pools: Collection[str]) -> None:
        """Say 0 of what has not happened yet: from nothing to one would be no change to Prometheus."""
        for kind in KINDS.values():
            # Any worker may come to count an end.
            for outcome in OUTCOMES:
                self._ended.labels(*_place(kind.name), outcome)
            for code in OURS if kind.queue == SIMULATION else (INTERNAL,):
                self._failed.labels(*_place(kind.name), code)
            if kind.queue in pools:
                self._attempts.labels(*_place(kind.name))
                self._retries.labels(*_place(kind.name))
        if SHARD.queue in pools:
            for engine in ENGINES:
                self._traces.labels(engine)

    def _count_traces(self, engines: Mapping[str, int]) -> None:
        with GUARD:
            for engine in ENGINES:
                self._traces.labels(engine).inc(engines.get(engine, 0))

    def _histogram(self, name: str, said: str) -> Histogram:
        return Histogram(name, said, JOB, buckets=BUCKETS_S, registry=self.registry)

    def _counter(self, name: str, said: str, *more: str) -> Counter:
        return Counter(name, said, (*JOB, *more), registry=self.registry)


class _Counted(NamedTuple):
    """What is counted of every attempt at one kind of job."""

    attempts: Counter
    waited: Histogram
    ran: Histogram


def _place(kind: str) -> tuple[str, str]:
    """Return the labels of a kind of job: what is none of ours must not make new ones."""
    known = KINDS.get(kind)
    return (OTHER, OTHER) if known is None else (known.queue, known.name)
