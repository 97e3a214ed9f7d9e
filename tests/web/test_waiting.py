"""The hub, on threads, over jobs in memory."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Condition, Event

import pytest

from jobs.errors import NotFound, StoreUnavailable
from jobs.model import Job, NewJob, State
from stores.memory import MemoryJobs
from tests.web.conftest import PATIENCE_S, Turnstile
from web.refusals import TooManyWaiters
from web.waiting import READ_S, Hub


class CountingJobs(MemoryJobs):
    """Counts how often each job is looked at, and loses the connection to its changes on demand."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Counter[str] = Counter()
        self.broken = Event()
        self.lost = Event()
        self._looked = Condition()

    def get(self, job_id: str, *, tenant: str | None = None) -> Job:
        job = super().get(job_id, tenant=tenant)
        with self._looked:
            self.seen[job_id] += 1
            self._looked.notify_all()
        return job

    def wait_for_looks(self, job_ids: Sequence[str], *, each: int) -> None:
        with self._looked:
            assert self._looked.wait_for(lambda: all(self.seen[job_id] == each for job_id in job_ids), PATIENCE_S)

    def changes(self, *, after: str | None, wait_s: float) -> tuple[str, Mapping[str, str | None]]:
        changed = super().changes(after=after, wait_s=wait_s)
        if self.broken.is_set():
            # The answer was on its way when the connection broke.
            self.lost.set()
            raise StoreUnavailable("gone")
        return changed


@contextmanager
def hub_over(jobs: MemoryJobs, *, limit: int = 500, watch: Turnstile | None = None) -> Iterator[Hub]:
    hub = Hub(jobs, limit=limit, watch=watch or Turnstile(), read_s=0.2)
    yield hub
    hub.stop()


def recorded(jobs: MemoryJobs, count: int) -> list[str]:
    first = sum(jobs.counts().values())
    return [jobs.submit(NewJob(f"job-{first + index}", "ping", {}))[0].id for index in range(count)]


def ended(job: Job) -> bool:
    return job.state.final


def test_a_waiter_gets_the_job_as_soon_as_it_has_ended() -> None:
    jobs, gate = CountingJobs(), Turnstile()
    [job_id] = recorded(jobs, 1)
    with hub_over(jobs, watch=gate) as hub, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(hub.wait, job_id, until=ended, timeout_s=PATIENCE_S)
        gate.wait_for(1)

        jobs.finish(job_id, {"echo": "x"})

        assert waiting.result(PATIENCE_S).state is State.SUCCEEDED
        assert hub.waiting == 0


def test_a_job_that_satisfies_already_is_returned_without_waiting() -> None:
    jobs = CountingJobs()
    [job_id] = recorded(jobs, 1)
    jobs.finish(job_id, {})

    with hub_over(jobs) as hub:
        job = hub.wait(job_id, until=ended, timeout_s=PATIENCE_S)

    assert job.state is State.SUCCEEDED
    assert jobs.seen[job_id] == 1


def test_a_wait_that_ends_unsatisfied_returns_the_job_as_it_is() -> None:
    jobs = CountingJobs()
    [job_id] = recorded(jobs, 1)

    with hub_over(jobs) as hub:
        job = hub.wait(job_id, until=ended, timeout_s=0.05)

    assert job.state is State.QUEUED


def reading(jobs: CountingJobs, hub: Hub) -> None:
    """Return when the hub has its place in the stream of changes."""
    [probe_id] = recorded(jobs, 1)
    with hub.enter(probe_id) as probe:
        assert probe.wait(PATIENCE_S)


def test_a_change_wakes_its_own_waiters_and_nobody_else() -> None:
    jobs = CountingJobs()
    changed, *others = recorded(jobs, 40)
    with hub_over(jobs) as hub, ThreadPoolExecutor(40) as pool:
        reading(jobs, hub)
        waiting = [pool.submit(hub.wait, job_id, until=ended, timeout_s=PATIENCE_S) for job_id in [changed, *others]]
        jobs.wait_for_looks([changed, *others], each=1)

        jobs.finish(changed, {})
        waiting[0].result(PATIENCE_S)

        assert jobs.seen[changed] == 2
        assert {jobs.seen[job_id] for job_id in others} == {1}
        for job_id in others:
            jobs.finish(job_id, {})
        assert {future.result(PATIENCE_S).state for future in waiting} == {State.SUCCEEDED}


def test_everyone_looks_again_after_the_connection_was_lost() -> None:
    jobs = CountingJobs()
    job_ids = recorded(jobs, 10)
    with hub_over(jobs) as hub, ThreadPoolExecutor(10) as pool:
        reading(jobs, hub)
        waiting = [pool.submit(hub.wait, job_id, until=ended, timeout_s=PATIENCE_S) for job_id in job_ids]
        jobs.wait_for_looks(job_ids, each=1)
        jobs.broken.set()
        for job_id in job_ids:
            jobs.finish(job_id, {})
        assert jobs.lost.wait(PATIENCE_S)

        jobs.broken.clear()

        # Without the hub's call they would look for themselves, but only after READ_S.
        assert {future.result(READ_S / 2).state for future in waiting} == {State.SUCCEEDED}


def test_waiters_are_counted_and_one_too_many_is_refused() -> None:
    jobs = CountingJobs()
    [job_id] = recorded(jobs, 1)
    with hub_over(jobs, limit=2) as hub, hub.enter(job_id), hub.enter(job_id):
        with pytest.raises(TooManyWaiters) as refusal:
            hub.enter(job_id)

        assert refusal.value.retry_after_s > 0
        assert hub.waiting == 2


def test_a_waiter_that_is_closed_twice_leaves_once() -> None:
    jobs = CountingJobs()
    [job_id] = recorded(jobs, 1)
    with hub_over(jobs) as hub:
        waiter, other = hub.enter(job_id), hub.enter(job_id)

        waiter.close()
        waiter.close()

        assert hub.waiting == 1
        other.close()
        assert hub.waiting == 0


def test_an_unknown_job_leaves_no_waiter_behind() -> None:
    with hub_over(CountingJobs()) as hub:
        with pytest.raises(NotFound):
            hub.wait("nobody", until=ended, timeout_s=PATIENCE_S)

        assert hub.waiting == 0


def test_stopping_sends_everyone_home() -> None:
    jobs, gate = CountingJobs(), Turnstile()
    [job_id] = recorded(jobs, 1)
    with hub_over(jobs, watch=gate) as hub, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(hub.wait, job_id, until=ended, timeout_s=PATIENCE_S)
        gate.wait_for(1)

        hub.stop()

        assert waiting.result(PATIENCE_S).state is State.QUEUED
