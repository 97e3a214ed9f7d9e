"""What every store of job records promises of quotas: taken with the submission, or not at all."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from jobs.errors import QuotaExceeded
from jobs.model import NewJob
from stores.ports import Allowance, Jobs

DAY_S = 86_400


def refused(submit: Callable[[], object]) -> QuotaExceeded:
    with pytest.raises(QuotaExceeded) as refusal:
        submit()
    return refusal.value


def job(number: int, tenant: str = "acme") -> NewJob:
    return NewJob(f"{tenant}-{number}", "campaign", {"traces": 10}, tenant=tenant)


def test_so_many_jobs_of_a_tenant_are_in_flight_and_room_comes_with_each_end(jobs: Jobs) -> None:
    two = Allowance(jobs_in_flight=2)
    jobs.submit(job(1), allowance=two)
    jobs.submit(job(2), allowance=two)
    jobs.start("acme-2", worker="one@here:1", lease_s=60)

    refusal = refused(lambda: jobs.submit(job(3), allowance=two))
    jobs.submit(job(1, "other"), allowance=two)
    jobs.finish("acme-2", {})
    third, is_new = jobs.submit(job(3), allowance=two)

    assert (refusal.reason, refusal.limit, refusal.used, refusal.wanted) == ("jobs_in_flight", 2, 2, 1)
    assert 0 < refusal.retry_after_s <= 60
    assert (third.id, is_new) == ("acme-3", True)


def test_parts_of_a_job_are_not_counted(jobs: Jobs) -> None:
    jobs.submit(job(1))
    jobs.start("acme-1", worker="one@here:1", lease_s=60)
    parts = [NewJob(f"part-{number}", "shard", {}, tenant="acme") for number in range(5)]
    jobs.await_children("acme-1", parts, NewJob("last", "merge", {}, tenant="acme"))

    jobs.submit(job(2), allowance=Allowance(jobs_in_flight=2))

    assert refused(lambda: jobs.submit(job(3), allowance=Allowance(jobs_in_flight=2))).used == 2


def test_so_many_traces_are_asked_for_on_a_day(jobs: Jobs) -> None:
    jobs.submit(job(1), allowance=Allowance(traces=60, traces_per_day=100))

    refusal = refused(lambda: jobs.submit(job(2), allowance=Allowance(traces=41, traces_per_day=100)))
    jobs.submit(job(2), allowance=Allowance(traces=40, traces_per_day=100))
    jobs.submit(job(3), allowance=Allowance(traces_per_day=100))
    jobs.submit(job(1, "other"), allowance=Allowance(traces=100, traces_per_day=100))

    assert (refusal.reason, refusal.limit, refusal.used, refusal.wanted) == ("traces_per_day", 100, 60, 41)
    assert 0 < refusal.retry_after_s <= DAY_S
    assert (jobs.traces_today("acme"), jobs.traces_today("other"), jobs.traces_today("nobody")) == (100, 100, 0)


def test_traces_are_counted_where_there_is_no_quota_and_for_no_longer_than_the_job_ends_well(jobs: Jobs) -> None:
    jobs.submit(job(1), allowance=Allowance(traces=7))
    jobs.cancel("acme-1")

    assert jobs.traces_today("acme") == 7


def test_what_was_submitted_before_is_free(jobs: Jobs) -> None:
    full = Allowance(traces=10, traces_per_day=10, jobs_in_flight=1)
    first, _ = jobs.submit(job(1), idempotency_key="k", fingerprint="f", allowance=full)

    by_key = jobs.submit(job(2), idempotency_key="k", fingerprint="f", allowance=full)
    by_id = jobs.submit(job(1), allowance=full)

    assert [again.id for again, _ in (by_key, by_id)] == [first.id] * 2
    assert [is_new for _, is_new in (by_key, by_id)] == [False, False]
    assert jobs.traces_today("acme") == 10


def test_a_refused_job_leaves_nothing_and_its_key_is_free(jobs: Jobs) -> None:
    refused(lambda: jobs.submit(job(1), idempotency_key="k", fingerprint="f", allowance=Allowance(jobs_in_flight=0)))

    assert jobs.repeated("k", tenant="acme", fingerprint="g") is None
    assert jobs.counts(tenant="acme") == {}
    assert jobs.submit(job(1), idempotency_key="k", fingerprint="g")[1]


def test_a_batch_is_taken_whole_or_not_at_all(jobs: Jobs) -> None:
    batch = [job(1), job(2), job(3)]
    few, enough = Allowance(jobs_in_flight=2), Allowance(jobs_in_flight=3, traces=30, traces_per_day=30)

    refusal = refused(lambda: jobs.submit_batch("b", batch, idempotency_key="k", fingerprint="f", allowance=few))
    taken = jobs.submit_batch("b", batch, idempotency_key="k", fingerprint="f", allowance=enough)
    again = jobs.submit_batch("c", batch, idempotency_key="k", fingerprint="f", allowance=enough)

    assert (refusal.used, refusal.wanted) == (0, 3)
    assert (taken[1], again[1], again[0].id) == (True, False, "b")
    assert jobs.traces_today("acme") == 30


def test_many_who_submit_at_once_get_together_no_more_than_there_is(jobs: Jobs) -> None:
    five = Allowance(jobs_in_flight=5)

    def submit(number: int) -> bool:
        try:
            return jobs.submit(job(number), allowance=five)[1]
        except QuotaExceeded:
            return False

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(submit, range(40)))

    assert sum(taken) == 5


def test_owners_are_those_of_recorded_jobs(jobs: Jobs) -> None:
    jobs.submit(job(1))
    jobs.submit(job(1, "other"))

    assert jobs.owners(["acme-1", "other-1", "nobody"]) == {"acme-1": "acme", "other-1": "other"}
    assert jobs.owners([]) == {}
