"""Jobs that are submitted together, on every store."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from jobs.errors import Conflict, Gone, InvalidInput, NotFound
from jobs.model import Failure, Member, NewJob, State
from stores.ports import Jobs
from tests.stores.conftest import MakeJobs

ONE = "one@here:1"
BROKEN = Failure("broken", "It broke.")


def parts(*ids: str, batch: str = "b", tenant: str = "default") -> list[NewJob]:
    return [NewJob(job_id, "ping", {"x": []}, tenant, tags=("t",), batch=batch) for job_id in ids]


def counted(jobs: Jobs, batch: str = "b") -> dict[str, int]:
    return {state.value: number for state, number in jobs.batch(batch).states.items() if number}


def test_a_batch_is_its_jobs_each_of_them_queued(jobs: Jobs) -> None:
    batch, is_new = jobs.submit_batch("b", parts("a", "c", tenant="me"))

    assert is_new
    assert batch == jobs.batch("b")
    assert (batch.id, batch.tenant, batch.size, batch.ended, batch.finished_at) == ("b", "me", 2, 0, None)
    assert counted(jobs) == {"queued": 2}
    assert jobs.members(["b"])["b"] == [Member("a", "ping", State.QUEUED), Member("c", "ping", State.QUEUED)]
    assert [(jobs.get(job_id).batch, jobs.get(job_id).params) for job_id in "ac"] == [("b", {"x": []})] * 2
    page = jobs.find(tenant="me", kind="ping", state=State.QUEUED, tag="t", cursor=None, limit=9)
    assert [job.id for job in page.jobs] == ["c", "a"]


def test_a_batch_follows_its_jobs_to_their_end(jobs: Jobs) -> None:
    before, _ = jobs.submit_batch("b", parts("a", "c", "d"))
    jobs.start("a", worker=ONE, lease_s=15)
    during = jobs.batch("b")
    jobs.finish("a", {})
    jobs.fail("c", BROKEN)
    jobs.cancel("d")

    batch = jobs.batch("b")

    assert during.states[State.RUNNING] == 1
    assert counted(jobs) == {"succeeded": 1, "failed": 1, "cancelled": 1}
    assert (batch.size, batch.ended) == (3, 3)
    assert batch.finished_at is not None
    assert before.version < during.version < batch.version
    assert [(member.state, member.error and member.error.code) for member in jobs.members(["b"])["b"]] == [
        (State.SUCCEEDED, None),
        (State.FAILED, "broken"),
        (State.CANCELLED, "cancelled"),
    ]


def test_a_job_that_is_given_back_is_counted_where_it_stands(jobs: Jobs) -> None:
    jobs.submit_batch("b", parts("a"))
    jobs.start("a", worker=ONE, lease_s=15)

    jobs.release("a", worker=ONE)

    assert counted(jobs) == {"queued": 1}


def test_jobs_of_a_batch_that_were_not_confirmed_as_sent_lapse(make_jobs: MakeJobs) -> None:
    jobs = make_jobs(lease_s=0)
    jobs.submit_batch("b", parts("a", "c", "d"))

    jobs.sent("a")
    jobs.sent("d")

    assert [job.id for job in jobs.lapsed(limit=9)] == ["c"]
    assert [job.id for job in jobs.waiting("ping", limit=9)] == ["a", "d"]


def test_cancelling_a_batch_cancels_what_has_not_ended(jobs: Jobs) -> None:
    jobs.submit_batch("b", parts("a", "c", "d"))
    jobs.finish("a", {})
    jobs.start("c", worker=ONE, lease_s=15)

    batch = jobs.cancel_batch("b")
    again = jobs.cancel_batch("b")

    assert (batch.states[State.SUCCEEDED], batch.states[State.RUNNING], batch.states[State.CANCELLED]) == (1, 1, 1)
    assert again == batch
    assert not jobs.renew("c", worker=ONE, lease_s=15)


def test_the_same_key_for_the_same_request_returns_the_first_batch(jobs: Jobs) -> None:
    first, _ = jobs.submit_batch("b", parts("a"), idempotency_key="k", fingerprint="f")

    again, is_new = jobs.submit_batch("e", parts("c", batch="e"), idempotency_key="k", fingerprint="f")

    assert (again, is_new) == (first, False)
    assert jobs.repeated_batch("k", tenant="default", fingerprint="f") == first
    assert jobs.repeated_batch("k", tenant="another", fingerprint="f") is None
    with pytest.raises(NotFound):
        jobs.batch("e")
    with pytest.raises(NotFound):
        jobs.get("c")


def test_the_same_key_for_another_request_is_refused_and_nothing_is_recorded(jobs: Jobs) -> None:
    jobs.submit_batch("b", parts("a"), idempotency_key="k", fingerprint="f")

    with pytest.raises(Conflict):
        jobs.submit_batch("e", parts("c", batch="e"), idempotency_key="k", fingerprint="g")
    with pytest.raises(Conflict):
        jobs.repeated_batch("k", tenant="default", fingerprint="g")

    assert jobs.counts() == {("ping", State.QUEUED): 1}


def test_a_key_of_a_job_is_none_of_a_batch(jobs: Jobs) -> None:
    jobs.submit(NewJob("a", "ping", {}), idempotency_key="k", fingerprint="f")

    _, is_new = jobs.submit_batch("b", parts("c"), idempotency_key="k", fingerprint="g")

    assert is_new


def test_a_key_used_by_many_at_once_makes_one_batch(jobs: Jobs) -> None:
    def submit(number: int) -> bool:
        batch = f"b{number}"
        return jobs.submit_batch(batch, parts(f"a{number}", batch=batch), idempotency_key="k", fingerprint="f")[1]

    with ThreadPoolExecutor(8) as threads:
        new = list(threads.map(submit, range(32)))

    assert sum(new) == 1
    assert jobs.counts() == {("ping", State.QUEUED): 1}


def test_a_thousand_jobs_are_recorded_as_one_batch(jobs: Jobs) -> None:
    ids = tuple(f"{number:04}" for number in range(1000))

    jobs.submit_batch("b", parts(*ids))

    assert counted(jobs) == {"queued": 1000}
    assert tuple(member.id for member in jobs.members(["b"])["b"]) == ids
    assert jobs.counts() == {("ping", State.QUEUED): 1000}


def test_jobs_of_several_batches_are_read_at_once_and_as_many_as_are_asked_for(jobs: Jobs) -> None:
    jobs.submit_batch("b", parts("a", "c", "d"))
    jobs.submit_batch("e", parts("f", batch="e", tenant="me"))
    jobs.start("f", worker=ONE, lease_s=15)

    members = jobs.members(["e", "nobody", "b"], limit=2)

    assert members == {
        "e": [Member("f", "ping", State.RUNNING)],
        "b": [Member("a", "ping", State.QUEUED), Member("c", "ping", State.QUEUED)],
    }
    assert jobs.members([]) == {}


def test_batches_of_a_tenant_come_in_pages_newest_first(jobs: Jobs) -> None:
    for number in range(5):
        jobs.submit_batch(f"b{number}", parts(f"{number}", batch=f"b{number}"))
    jobs.submit_batch("theirs", parts("x", batch="theirs", tenant="me"))

    pages, cursor = [], None
    while True:
        page = jobs.batches(tenant="default", cursor=cursor, limit=2)
        pages.append(list(page.ids))
        cursor = page.cursor
        if cursor is None:
            break

    assert pages == [["b4", "b3"], ["b2", "b1"], ["b0"]]
    assert list(jobs.batches(tenant="me", cursor=None, limit=1).ids) == ["theirs"]
    assert jobs.batches(tenant="me", cursor=None, limit=1).cursor is None


@pytest.mark.parametrize("cursor", ["?", "ü", "a" * 300, ""])
def test_a_cursor_of_batches_that_is_not_ours_is_refused(jobs: Jobs, cursor: str) -> None:
    jobs.submit_batch("b", parts("a"))

    with pytest.raises(InvalidInput):
        jobs.batches(tenant="default", cursor=cursor, limit=2)


def test_who_waits_for_a_batch_hears_of_every_change(jobs: Jobs) -> None:
    jobs.submit_batch("b", parts("a"))
    position, _ = jobs.changes(after=None, wait_s=0)

    jobs.start("a", worker=ONE, lease_s=15)

    _, changed = jobs.changes(after=position, wait_s=5)
    assert changed.keys() >= {"a", "b"}


def test_a_batch_that_has_expired_is_gone_and_an_unknown_one_is_not_there(make_jobs: MakeJobs) -> None:
    jobs = make_jobs(retention_s=0)
    jobs.submit_batch("b", parts("a"))
    jobs.finish("a", {})

    with pytest.raises(Gone):
        jobs.batch("b")
    with pytest.raises(Gone):
        jobs.cancel_batch("b")
    with pytest.raises(NotFound):
        jobs.batch("b", tenant="another")
    with pytest.raises(NotFound):
        jobs.batch("nobody")
    assert jobs.members(["nobody"]) == {}


def test_a_member_that_expired_before_its_batch_is_known_by_its_id_alone(make_jobs: MakeJobs) -> None:
    jobs = make_jobs(retention_s=0)
    jobs.submit_batch("b", parts("a", "c"))
    jobs.finish("a", {})

    jobs.prune(limit=9)

    assert jobs.members(["b"])["b"] == [Member("a"), Member("c", "ping", State.QUEUED)]
    assert counted(jobs) == {"succeeded": 1, "queued": 1}
