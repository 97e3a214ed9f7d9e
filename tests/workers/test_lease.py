from threading import Event

import pytest

from jobs.errors import Cancelled, DeadlineExceeded, WorkerLost
from jobs.model import NewJob, State
from stores.memory import MemoryJobs
from tests.servers import eventually
from workers.lease import Lease

WORKER = "one@here:1"
LEASE_S = 0.3


@pytest.fixture
def jobs() -> MemoryJobs:
    jobs = MemoryJobs()
    jobs.submit(NewJob("a", "ping", {}))
    jobs.start("a", worker=WORKER, lease_s=LEASE_S)
    return jobs


def stopped(lease: Lease) -> bool:
    try:
        lease.check()
    except (Cancelled, DeadlineExceeded, WorkerLost):
        return True
    return False


def test_a_lease_is_kept_for_as_long_as_the_work_takes(jobs: MemoryJobs) -> None:
    renewals = []

    class Watched(MemoryJobs):
        def renew(self, job_id: str, *, worker: str, lease_s: float) -> bool:
            renewals.append((job_id, worker, lease_s))
            return jobs.renew(job_id, worker=worker, lease_s=lease_s)

    with Lease(jobs.get("a"), Watched(), worker=WORKER, lease_s=LEASE_S, abandon=pytest.fail) as lease:
        eventually(lambda: len(renewals) >= 5)
        lease.check()

    assert jobs.lapsed(limit=1) == []
    assert renewals[0] == ("a", WORKER, LEASE_S)


def test_work_that_does_not_stop_when_told_is_abandoned(jobs: MemoryJobs) -> None:
    abandoned = Event()

    with Lease(jobs.get("a"), jobs, worker=WORKER, lease_s=LEASE_S, abandon=abandoned.set):
        jobs.cancel("a")

        assert abandoned.wait(30)

    assert jobs.get("a").state is State.CANCELLED


def test_work_that_stops_in_time_is_not_abandoned(jobs: MemoryJobs) -> None:
    with Lease(jobs.get("a"), jobs, worker=WORKER, lease_s=LEASE_S, abandon=pytest.fail) as lease:
        jobs.cancel("a")
        eventually(lambda: stopped(lease))

    assert jobs.get("a").state is State.RUNNING


def test_work_that_was_taken_over_is_told_to_stop(jobs: MemoryJobs) -> None:
    with Lease(jobs.get("a"), jobs, worker="gone@here:0", lease_s=LEASE_S, abandon=pytest.fail) as lease:
        eventually(lambda: stopped(lease))

        with pytest.raises(WorkerLost):
            lease.check()

    assert jobs.get("a").worker == WORKER


def test_work_that_another_worker_has_finished_is_not_taken_for_cancelled(jobs: MemoryJobs) -> None:
    job = jobs.get("a")
    jobs.finish("a", {})

    with Lease(job, jobs, worker=WORKER, lease_s=LEASE_S, abandon=pytest.fail) as lease:
        eventually(lambda: stopped(lease))

        with pytest.raises(WorkerLost):
            lease.check()
