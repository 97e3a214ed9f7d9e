"""The contract of job records, on every store."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from jobs.errors import Conflict, Gone, InvalidInput, NotFound, TooLarge
from jobs.model import Failure, NewJob, Progress, State
from stores.ports import MAX_LOST, RESULT_LIMIT_BYTES, Jobs, Start
from tests.servers import eventually
from tests.stores.conftest import MakeJobs

ONE = "one@here:1"
TWO = "two@here:2"
BROKEN = Failure("broken", "It broke.", "params.x", "because")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def new(job_id: str = "a", kind: str = "ping", **more: object) -> NewJob:
    return NewJob(job_id, kind, {"x": [], "y": {"z": 1.5}}, **more)  # type: ignore[arg-type]  # as the test says


def start(jobs: Jobs, job_id: str = "a", worker: str = ONE, lease_s: float = 15) -> Start:
    return jobs.start(job_id, worker=worker, lease_s=lease_s)


def split(jobs: Jobs, *children: str) -> None:
    jobs.submit(new("p", "campaign"))
    start(jobs, "p")
    jobs.await_children("p", [new(child, "shard") for child in children], new("then", "merge"))


def states(jobs: Jobs, *ids: str) -> list[State]:
    return [jobs.get(job_id).state for job_id in ids]


def listed(jobs: Jobs, **by: object) -> list[str]:
    wanted = {"kind": None, "state": None, "tag": None, "cursor": None, "limit": 10} | by
    return [job.id for job in jobs.find(tenant="default", **wanted).jobs]  # type: ignore[arg-type]  # as the test says


class TestSubmitting:
    def test_a_submitted_job_is_queued_as_it_was_given(self, jobs: Jobs) -> None:
        deadline = datetime(2100, 1, 2, 3, 4, 5, tzinfo=UTC)
        given = new(
            priority=7, tags=("t", "ü"), deadline_at=deadline, retry_of="b", tenant="me", traceparent="00-a-b-01"
        )

        job, is_new = jobs.submit(given)

        assert is_new
        assert job == jobs.get("a")
        assert (job.state, job.attempts, job.tenant) == (State.QUEUED, 0, "me")
        assert (job.params, job.priority, job.tags) == (given.params, 7, ("t", "ü"))
        assert (job.deadline_at, job.retry_of, job.version) == (deadline, "b", 1)
        assert job.traceparent == "00-a-b-01"
        assert abs(job.submitted_at - datetime.now(UTC)) < timedelta(minutes=1)

    def test_the_same_id_twice_is_one_job(self, jobs: Jobs) -> None:
        first, _ = jobs.submit(new())

        again, is_new = jobs.submit(new())

        assert (again, is_new) == (first, False)
        assert jobs.counts() == {("ping", State.QUEUED): 1}

    def test_the_same_key_for_the_same_request_returns_the_first_job(self, jobs: Jobs) -> None:
        jobs.submit(new("a"), idempotency_key="k", fingerprint="f")

        job, is_new = jobs.submit(new("b"), idempotency_key="k", fingerprint="f")

        assert (job.id, is_new) == ("a", False)
        with pytest.raises(NotFound):
            jobs.get("b")

    def test_the_same_key_for_another_request_is_refused(self, jobs: Jobs) -> None:
        jobs.submit(new("a"), idempotency_key="k", fingerprint="f")

        with pytest.raises(Conflict):
            jobs.submit(new("b"), idempotency_key="k", fingerprint="g")

        assert listed(jobs) == ["a"]

    def test_a_key_used_by_many_at_once_makes_one_job(self, jobs: Jobs) -> None:
        with ThreadPoolExecutor(8) as threads:
            answers = list(
                threads.map(lambda n: jobs.submit(new(f"{n}"), idempotency_key="k", fingerprint="f"), range(32))
            )

        assert sum(is_new for _, is_new in answers) == 1
        assert len({job.id for job, _ in answers}) == 1

    def test_tenants_do_not_share_keys(self, jobs: Jobs) -> None:
        jobs.submit(new("a", tenant="me"), idempotency_key="k", fingerprint="f")

        _, is_new = jobs.submit(new("b", tenant="you"), idempotency_key="k", fingerprint="g")

        assert is_new

    def test_a_key_that_was_used_tells_its_job_without_submitting_one(self, jobs: Jobs) -> None:
        assert jobs.repeated("k", tenant="default", fingerprint="f") is None
        jobs.submit(new("a"), idempotency_key="k", fingerprint="f")

        first = jobs.repeated("k", tenant="default", fingerprint="f")

        assert first is not None
        assert first.id == "a"
        assert jobs.repeated("k", tenant="another", fingerprint="f") is None
        with pytest.raises(Conflict):
            jobs.repeated("k", tenant="default", fingerprint="g")


class TestListing:
    def test_jobs_are_listed_newest_first_in_pages(self, jobs: Jobs) -> None:
        for number in range(5):
            jobs.submit(new(f"{number}"))

        first = jobs.find(tenant="default", kind=None, state=None, tag=None, cursor=None, limit=2)
        second = jobs.find(tenant="default", kind=None, state=None, tag=None, cursor=first.cursor, limit=2)
        third = jobs.find(tenant="default", kind=None, state=None, tag=None, cursor=second.cursor, limit=2)

        pages = [[job.id for job in page.jobs] for page in (first, second, third)]
        assert pages == [["4", "3"], ["2", "1"], ["0"]]
        assert third.cursor is None

    def test_a_listing_keeps_what_matches_all_filters(self, jobs: Jobs) -> None:
        jobs.submit(new("a", "ping", tags=("x",)))
        jobs.submit(new("b", "campaign", tags=("x", "y")))
        jobs.submit(new("c", "campaign", tags=("y",)))
        jobs.submit(new("d", "ping", tenant="you"))
        start(jobs, "b")

        assert listed(jobs, kind="campaign") == ["c", "b"]
        assert listed(jobs, tag="x") == ["b", "a"]
        assert listed(jobs, state=State.RUNNING) == ["b"]
        assert listed(jobs, state=State.QUEUED, kind="campaign", tag="y") == ["c"]
        assert listed(jobs, tag="nowhere") == []

    def test_filters_find_what_lies_deep(self, jobs: Jobs) -> None:
        for number in range(30):
            jobs.submit(new(f"{number}", "ping" if number else "campaign", tags=("x",)))

        assert listed(jobs, kind="campaign", tag="x", limit=2) == ["0"]

    @pytest.mark.parametrize("cursor", ["nonsense", "%", "ÿ", "AAAA"])
    def test_a_foreign_cursor_is_refused(self, jobs: Jobs, cursor: str) -> None:
        with pytest.raises(InvalidInput):
            listed(jobs, cursor=cursor)

    def test_parts_of_jobs_are_neither_listed_nor_counted(self, jobs: Jobs) -> None:
        split(jobs, "c1")

        assert listed(jobs) == ["p"]
        assert jobs.counts() == {("campaign", State.RUNNING): 1}


class TestRunning:
    def test_a_started_job_is_held_by_its_worker(self, jobs: Jobs) -> None:
        jobs.submit(new())

        assert start(jobs) is Start.STARTED

        job = jobs.get("a")
        assert (job.state, job.attempts, job.worker) == (State.RUNNING, 1, ONE)
        assert job.started_at is not None
        assert start(jobs, worker=TWO) is Start.HELD
        assert start(jobs) is Start.STARTED
        assert jobs.get("a").attempts == 1

    def test_a_finished_job_stays_finished(self, jobs: Jobs) -> None:
        jobs.submit(new())
        start(jobs)

        assert jobs.finish("a", {"r": [1]}) == []
        jobs.finish("a", {"r": [2]})
        jobs.fail("a", BROKEN)
        jobs.cancel("a")
        jobs.progress("a", Progress(1, 2))

        job = jobs.get("a")
        assert (job.state, job.result, job.error) == (State.SUCCEEDED, {"r": [1]}, None)
        assert job.progress == Progress()
        assert job.finished_at is not None
        assert start(jobs) is Start.FINAL
        assert jobs.counts() == {("ping", State.SUCCEEDED): 1}

    def test_a_failed_job_says_why(self, jobs: Jobs) -> None:
        jobs.submit(new())
        start(jobs)

        jobs.fail("a", BROKEN, worker=ONE)

        job = jobs.get("a")
        assert (job.state, job.result, job.error) == (State.FAILED, None, BROKEN)

    def test_a_worker_that_lost_a_job_cannot_fail_it(self, jobs: Jobs) -> None:
        jobs.submit(new())
        start(jobs, lease_s=0)
        start(jobs, worker=TWO)

        jobs.fail("a", BROKEN, worker=ONE)

        assert jobs.get("a").state is State.RUNNING

    def test_a_result_has_a_limit(self, jobs: Jobs) -> None:
        jobs.submit(new())
        start(jobs)

        with pytest.raises(TooLarge):
            jobs.finish("a", {"r": "x" * RESULT_LIMIT_BYTES})

        assert jobs.get("a").state is State.RUNNING

    def test_a_delivery_of_an_unknown_job_is_one_too_many(self, jobs: Jobs) -> None:
        assert start(jobs, "unknown") is Start.FINAL

    def test_a_job_past_its_deadline_does_not_start(self, jobs: Jobs) -> None:
        jobs.submit(new(deadline_at=LONG_AGO))

        assert start(jobs) is Start.FINAL

        job = jobs.get("a")
        assert job.error is not None
        assert (job.state, job.error.code) == (State.FAILED, "deadline-exceeded")

    def test_progress_ends_at_its_total(self, jobs: Jobs) -> None:
        jobs.submit(new())
        start(jobs)
        jobs.progress("a", Progress(3, 10, 'tr"aces\n'))

        assert jobs.get("a").progress == Progress(3, 10, 'tr"aces\n')

        jobs.finish("a", {})
        assert jobs.get("a").progress == Progress(10, 10, 'tr"aces\n')


class TestLeases:
    def test_a_lapsed_lease_lets_another_worker_take_over(self, jobs: Jobs) -> None:
        jobs.submit(new())
        start(jobs, lease_s=0)

        assert start(jobs, worker=TWO) is Start.STARTED

        assert (jobs.get("a").attempts, jobs.get("a").worker) == (2, TWO)
        assert not jobs.renew("a", worker=ONE, lease_s=15)
        assert jobs.renew("a", worker=TWO, lease_s=15)

    def test_a_renewed_lease_does_not_lapse(self, jobs: Jobs) -> None:
        jobs.submit(new())
        start(jobs, lease_s=0)

        assert jobs.renew("a", worker=ONE, lease_s=15)

        assert jobs.lapsed(limit=10) == []
        assert start(jobs, worker=TWO) is Start.HELD

    def test_a_job_that_loses_its_worker_too_often_is_given_up(self, jobs: Jobs) -> None:
        jobs.submit(new())
        outcomes = [start(jobs, worker=f"w:{number}", lease_s=0) for number in range(MAX_LOST + 2)]

        assert outcomes == [*[Start.STARTED] * MAX_LOST, Start.EXHAUSTED, Start.FINAL]
        job = jobs.get("a")
        assert job.error is not None
        assert (job.state, job.error.code, job.attempts) == (State.FAILED, "worker-lost", MAX_LOST)
        assert [letter.job_id for letter in jobs.dead_letters(tenant="default", limit=10)] == ["a"]

    def test_a_job_that_is_given_back_runs_again_without_a_mark(self, jobs: Jobs) -> None:
        jobs.submit(new())
        for _ in range(MAX_LOST + 2):
            start(jobs)
            assert jobs.release("a", worker=ONE)
            assert jobs.get("a").state is State.QUEUED

        assert start(jobs, worker=TWO) is Start.STARTED

    def test_only_its_worker_gives_a_job_back(self, jobs: Jobs) -> None:
        jobs.submit(new())
        start(jobs)

        assert not jobs.release("a", worker=TWO)
        assert not jobs.release("a", worker="one@her")
        assert jobs.release("a", worker="one@here", lost=True)

    def test_a_cancelled_job_is_not_given_back_but_ended(self, jobs: Jobs) -> None:
        jobs.submit(new())
        start(jobs)
        jobs.cancel("a")

        assert not jobs.release("a", worker=ONE)

        assert jobs.get("a").state is State.CANCELLED

    def test_a_lapsed_job_is_claimed_once(self, make_jobs: MakeJobs) -> None:
        jobs = make_jobs()
        jobs.submit(new())
        start(jobs, lease_s=0)

        with ThreadPoolExecutor(8) as threads:
            claims = list(threads.map(lambda _: jobs.lapsed(limit=10), range(16)))

        assert [job.id for claim in claims for job in claim] == ["a"]
        assert jobs.get("a").state is State.QUEUED

    def test_a_job_that_was_never_sent_lapses(self, make_jobs: MakeJobs) -> None:
        jobs = make_jobs(lease_s=0)
        jobs.submit(new("a"))
        jobs.submit(new("b"))
        jobs.sent("b")

        assert [job.id for job in jobs.lapsed(limit=10)] == ["a"]

    def test_a_sent_job_waits_until_it_starts(self, jobs: Jobs) -> None:
        jobs.submit(new("a"))
        jobs.submit(new("b"))
        jobs.submit(new("c", "campaign"))
        for job_id in "abc":
            jobs.sent(job_id)

        assert [job.id for job in jobs.waiting("ping", limit=10)] == ["a", "b"]
        assert [job.id for job in jobs.waiting("ping", limit=1)] == ["a"]
        assert jobs.waiting("ping", older_s=60, limit=10) == []
        start(jobs, "a")
        assert [job.id for job in jobs.waiting("ping", limit=10)] == ["b"]

    def test_the_oldest_wait_is_that_of_the_kinds_asked_for(self, jobs: Jobs) -> None:
        jobs.submit(new("a"))
        jobs.sent("a")
        eventually(lambda: jobs.oldest_wait_s({"ping"}) > 0.05)
        jobs.submit(new("b"))
        jobs.submit(new("c", "campaign"))
        jobs.sent("b")
        jobs.sent("c")

        assert jobs.oldest_wait_s({"campaign"}) < jobs.oldest_wait_s({"ping", "campaign"}) < 60
        assert jobs.oldest_wait_s({"shard"}) == jobs.oldest_wait_s(()) == 0

        before = jobs.oldest_wait_s({"ping"})
        start(jobs, "a")
        assert jobs.oldest_wait_s({"ping"}) < before
        start(jobs, "b")
        assert jobs.oldest_wait_s({"ping"}) == 0

    def test_a_queued_job_is_ended_at_its_deadline(self, make_jobs: MakeJobs) -> None:
        jobs = make_jobs(lease_s=0)
        jobs.submit(new(deadline_at=LONG_AGO))
        jobs.sent("a")

        assert jobs.lapsed(limit=10) == []

        job = jobs.get("a")
        assert job.error is not None
        assert job.error.code == "deadline-exceeded"
        assert jobs.waiting("ping", limit=10) == []

    def test_a_job_past_its_deadline_should_stop(self, jobs: Jobs) -> None:
        soon = datetime.now(UTC) + timedelta(seconds=0.3)
        jobs.submit(new(deadline_at=soon))
        start(jobs)

        while datetime.now(UTC) < soon:
            assert jobs.get("a").state is State.RUNNING

        assert not jobs.renew("a", worker=ONE, lease_s=15)


class TestCancelling:
    def test_a_queued_job_is_cancelled_at_once(self, jobs: Jobs) -> None:
        jobs.submit(new())

        assert jobs.cancel("a").state is State.CANCELLED

        assert start(jobs) is Start.FINAL
        assert jobs.lapsed(limit=10) == []
        assert jobs.get("a").attempts == 0

    def test_a_running_job_is_told_and_ends_itself(self, jobs: Jobs) -> None:
        jobs.submit(new())
        start(jobs)

        job = jobs.cancel("a")

        assert (job.state, job.cancel_requested) == (State.RUNNING, True)
        assert not jobs.renew("a", worker=ONE, lease_s=15)
        jobs.fail("a", Failure("cancelled", "It was cancelled."), worker=ONE)
        assert jobs.get("a").state is State.CANCELLED

    def test_a_cancelled_job_whose_worker_died_is_ended_by_the_sweep(self, jobs: Jobs) -> None:
        jobs.submit(new())
        start(jobs, lease_s=0)
        jobs.cancel("a")

        assert jobs.lapsed(limit=10) == []

        assert jobs.get("a").state is State.CANCELLED

    def test_unknown_jobs_cannot_be_cancelled(self, jobs: Jobs) -> None:
        with pytest.raises(NotFound):
            jobs.cancel("unknown")


class TestParts:
    def test_the_last_child_makes_then_due_and_then_ends_the_job(self, jobs: Jobs) -> None:
        split(jobs, "c1", "c2")
        for child in ("c1", "c2"):
            start(jobs, child)

        assert jobs.finish("c1", {}) == []
        assert jobs.finish("c1", {}) == []
        due = jobs.finish("c2", {})

        assert [job.id for job in due] == ["then"]
        assert jobs.get("p").state is State.RUNNING
        start(jobs, "then")
        assert jobs.finish("then", {"sum": 2}) == []
        parent = jobs.get("p")
        assert (parent.state, parent.result) == (State.SUCCEEDED, {"sum": 2})

    def test_children_are_returned_to_be_sent_and_lapse_if_they_are_not(self, make_jobs: MakeJobs) -> None:
        jobs = make_jobs(lease_s=0)
        jobs.submit(new("p", "campaign"))
        start(jobs, "p")

        due = jobs.await_children("p", [new("c1", "shard"), new("c2", "shard")], new("then", "merge"))

        assert [job.id for job in due] == ["c1", "c2"]
        assert {job.id for job in jobs.lapsed(limit=10)} == {"c1", "c2"}
        assert {job.parent for job in due} == {"p"}

    def test_a_job_splits_once(self, jobs: Jobs) -> None:
        split(jobs, "c1")

        assert jobs.await_children("p", [new("c2", "shard")], new("then", "merge")) == []

        with pytest.raises(NotFound):
            jobs.get("c2")

    def test_a_job_without_children_goes_on_with_then(self, jobs: Jobs) -> None:
        jobs.submit(new("p", "campaign"))
        start(jobs, "p")

        assert [job.id for job in jobs.await_children("p", [], new("then", "merge"))] == ["then"]

    def test_a_waiting_job_is_held_by_nobody_and_started_by_nobody(self, jobs: Jobs) -> None:
        split(jobs, "c1")

        assert start(jobs, "p", worker=TWO) is Start.HELD
        assert not jobs.renew("p", worker=ONE, lease_s=15)
        assert not jobs.release("p", worker=ONE)
        assert jobs.finish("p", {}) == []
        assert jobs.get("p").state is State.RUNNING
        assert jobs.lapsed(limit=10) == []

    def test_a_job_that_was_queued_again_while_it_split_is_split_all_the_same(self, make_jobs: MakeJobs) -> None:
        jobs = make_jobs(lease_s=0)
        jobs.submit(new("p", "campaign"))
        start(jobs, "p", lease_s=0)
        assert [job.id for job in jobs.lapsed(limit=10)] == ["p"]
        assert jobs.get("p").state is State.QUEUED

        due = jobs.await_children("p", [new("c1", "shard")], new("then", "merge"))

        assert [job.id for job in due] == ["c1"]
        assert jobs.get("p").state is State.RUNNING
        assert start(jobs, "p", worker=TWO) is Start.HELD
        assert [job.id for job in jobs.lapsed(limit=10)] == ["c1"]

    def test_a_job_is_kept_for_as_long_as_the_dead_letter_of_its_part(self, make_jobs: MakeJobs) -> None:
        jobs = make_jobs(retention_s=0)
        split(jobs, "c1")
        start(jobs, "c1")

        jobs.fail("c1", BROKEN, dead=True)

        assert "p" not in jobs.prune(limit=10)
        assert jobs.get("p").state is State.FAILED
        assert [letter.job_id for letter in jobs.dead_letters(tenant="default", limit=9)] == ["c1"]

    def test_progress_is_the_sum_of_the_childrens(self, jobs: Jobs) -> None:
        split(jobs, "c1", "c2")

        jobs.progress("c1", Progress(2, 10, "traces"))
        jobs.progress("c2", Progress(3, 20, "traces"))
        jobs.progress("c1", Progress(4, 10, "traces"))

        assert jobs.get("p").progress == Progress(7, 30, "traces")
        # The second attempt begins from the start.
        jobs.progress("c2", Progress(0, 20, "traces"))
        assert jobs.get("p").progress.done == 4
        jobs.finish("c1", {})
        jobs.finish("c2", {})
        jobs.progress("then", Progress(1, 2, "merging"))
        assert jobs.get("p").progress == Progress(30, 30, "merging")

    def test_a_total_that_the_job_gave_itself_is_kept(self, jobs: Jobs) -> None:
        jobs.submit(new("p", "campaign"))
        start(jobs, "p")
        jobs.progress("p", Progress(0, 100, "planned"))
        jobs.await_children("p", [new("c1", "shard")], new("then", "merge"))

        jobs.progress("c1", Progress(5, 50, "traces"))

        assert jobs.get("p").progress == Progress(5, 100, "traces")

    def test_a_failed_child_fails_the_job_and_cancels_the_others(self, jobs: Jobs) -> None:
        split(jobs, "done", "running", "queued", "broken")
        for child in ("done", "running", "broken"):
            start(jobs, child)
        jobs.finish("done", {})

        jobs.fail("broken", BROKEN, dead=True)

        assert states(jobs, "p", "done", "running", "queued", "broken", "then") == [
            State.FAILED,
            State.SUCCEEDED,
            State.RUNNING,
            State.CANCELLED,
            State.FAILED,
            State.CANCELLED,
        ]
        assert jobs.get("p").error == Failure("broken", "shard broken: It broke.", "params.x", "because")
        assert not jobs.renew("running", worker=ONE, lease_s=15)
        (letter,) = jobs.dead_letters(tenant="default", limit=10)
        assert (letter.job_id, letter.parent) == ("broken", "p")

    def test_a_failed_then_fails_the_job(self, jobs: Jobs) -> None:
        split(jobs, "c1")
        jobs.finish("c1", {})
        start(jobs, "then")

        jobs.fail("then", BROKEN)

        assert jobs.get("p").state is State.FAILED

    def test_cancelling_a_job_cancels_its_parts(self, jobs: Jobs) -> None:
        split(jobs, "c1", "c2")
        start(jobs, "c1")

        assert jobs.cancel("p").state is State.CANCELLED

        assert states(jobs, "c1", "c2", "then") == [State.RUNNING, State.CANCELLED, State.CANCELLED]
        assert not jobs.renew("c1", worker=ONE, lease_s=15)
        assert start(jobs, "c2") is Start.FINAL
        assert jobs.finish("c1", {}) == []

    def test_a_job_cancelled_while_it_split_has_no_parts_to_run(self, jobs: Jobs) -> None:
        jobs.submit(new("p", "campaign"))
        start(jobs, "p")
        jobs.cancel("p")

        assert jobs.await_children("p", [new("c1", "shard")], new("then", "merge")) == []

        assert states(jobs, "p", "c1", "then") == [State.CANCELLED] * 3

    def test_parts_share_the_deadline_and_the_waiting_job_ends_at_it(self, jobs: Jobs) -> None:
        soon = datetime.now(UTC) + timedelta(seconds=0.3)
        jobs.submit(new("p", "campaign", deadline_at=soon))
        start(jobs, "p")
        jobs.await_children("p", [new("c1", "shard")], new("then", "merge"))
        first = jobs.get("c1").deadline_at

        while datetime.now(UTC) < soon:
            assert jobs.lapsed(limit=10) == []
        while jobs.get("p").state is State.RUNNING:
            jobs.lapsed(limit=10)

        assert first is not None
        assert abs(first - soon) < timedelta(milliseconds=1)
        assert jobs.get("p").state is State.FAILED
        assert jobs.get("c1").state.final


class TestEvents:
    def test_a_jobs_life_is_told_in_order_and_resumed(self, jobs: Jobs) -> None:
        jobs.submit(new())
        start(jobs)
        jobs.progress("a", Progress(1, 2, "m"))
        jobs.publish("a", {"max_abs_t": 4.5})
        jobs.fail("a", BROKEN)

        events = jobs.events("a", after=None)

        told = [(event.name, event.data) for event in events]
        assert told[:4] == [
            ("state", {"state": "queued", "attempts": 0}),
            ("state", {"state": "running", "attempts": 1}),
            ("progress", {"done": 1, "total": 2, "message": "m"}),
            ("partial", {"max_abs_t": 4.5}),
        ]
        assert told[4] == ("state", {"state": "failed", "attempts": 1})
        error = {"code": "broken", "message": "It broke.", "field": "params.x", "reason": "because"}
        assert told[5:] == [("done", {"state": "failed", "error": error})]
        assert jobs.events("a", after=events[2].id) == events[3:]
        assert jobs.events("a", after=events[0].id, limit=2) == events[1:3]
        assert jobs.events("a", after=events[-1].id) == []

    def test_unknown_jobs_have_no_events(self, jobs: Jobs) -> None:
        with pytest.raises(NotFound):
            jobs.events("unknown", after=None)

    def test_every_visible_change_has_a_version(self, jobs: Jobs) -> None:
        jobs.submit(new())
        versions = [jobs.get("a").version]
        for change in (
            lambda: start(jobs),
            lambda: jobs.progress("a", Progress(1, 2)),
            lambda: jobs.cancel("a"),
            lambda: jobs.fail("a", BROKEN),
        ):
            change()
            versions.append(jobs.get("a").version)

        assert versions == sorted(set(versions))

    def test_a_change_wakes_who_waits_for_it(self, jobs: Jobs) -> None:
        jobs.submit(new("a"))
        position, none = jobs.changes(after=None, wait_s=10)

        with ThreadPoolExecutor(1) as threads:
            waiting = threads.submit(jobs.changes, after=position, wait_s=30)
            jobs.submit(new("b"))
            after, changed = waiting.result(timeout=20)

        assert (none, changed) == ({}, {"b": None})
        assert jobs.changes(after=after, wait_s=0.01) == (after, {})
        assert jobs.changes(after=position, wait_s=0.01) == (after, {"b": None})

    def test_changes_of_an_empty_store_are_seen_from_the_first_on(self, jobs: Jobs) -> None:
        position, _ = jobs.changes(after=None, wait_s=0)

        jobs.submit(new("a"))

        assert jobs.changes(after=position, wait_s=1)[1] == {"a": None}

    def test_a_change_names_the_last_event_before_it_so_that_none_is_read_twice(self, jobs: Jobs) -> None:
        jobs.submit(new("a"))
        jobs.submit(new("b"))
        position, _ = jobs.changes(after=None, wait_s=0)
        start(jobs)
        jobs.publish("a", {"n": 1})

        position, changed = jobs.changes(after=position, wait_s=1)
        looks = jobs.looks(changed)

        assert list(looks) == ["a"]
        assert [event.name for event in looks["a"].events] == ["state", "partial"]
        assert (looks["a"].job, looks["a"].gap) == (jobs.get("a"), False)
        jobs.finish("a", {})
        assert [event.name for event in jobs.looks(jobs.changes(after=position, wait_s=1)[1])["a"].events] == [
            "state",
            "done",
        ]

    def test_looks_at_many_jobs_leave_out_those_that_are_not_there(self, jobs: Jobs) -> None:
        for job_id in "abc":
            jobs.submit(new(job_id, tenant=f"of-{job_id}"))

        looks = jobs.looks({"a": None, "nobody": None, "c": None}, limit=1)

        assert set(looks) == {"a", "c"}
        assert [event.data for event in looks["c"].events] == [{"state": "queued", "attempts": 0}]
        assert {job_id: job.tenant for job_id, job in jobs.many(["c", "nobody", "b"]).items()} == {
            "b": "of-b",
            "c": "of-c",
        }

    def test_events_that_were_dropped_leave_a_gap(self, jobs: Jobs) -> None:
        jobs.submit(new("a"))
        start(jobs)
        seen = jobs.looks({"a": None})["a"].events[-1].id
        assert not jobs.looks({"a": seen})["a"].gap
        for number in range(1200):
            jobs.publish("a", {"n": number})

        assert jobs.looks({"a": seen})["a"].gap
        assert jobs.looks({"a": None})["a"].gap
        assert not jobs.looks({"a": jobs.events("a", after=None)[-1].id})["a"].gap


class TestEnds:
    def test_an_ended_job_expires_and_leaves_a_tombstone(self, make_jobs: MakeJobs) -> None:
        jobs = make_jobs(retention_s=0)
        jobs.submit(new("a", tags=("x",)))
        jobs.submit(new("b"))
        start(jobs)
        jobs.finish("a", {})

        with pytest.raises(Gone):
            jobs.get("a")
        assert listed(jobs) == ["b"]
        assert jobs.prune(limit=10) == ["a"]
        with pytest.raises(Gone):
            jobs.get("a")
        with pytest.raises(Gone):
            jobs.events("a", after=None)
        assert jobs.counts() == {("ping", State.QUEUED): 1}
        assert listed(jobs, tag="x") == []
        assert jobs.prune(limit=10) == []

    def test_a_key_of_an_expired_job_may_be_used_again(self, make_jobs: MakeJobs) -> None:
        jobs = make_jobs(retention_s=0)
        jobs.submit(new("a"), idempotency_key="k", fingerprint="f")
        start(jobs)
        jobs.finish("a", {})
        jobs.prune(limit=10)

        _, is_new = jobs.submit(new("b"), idempotency_key="k", fingerprint="g")

        assert is_new

    def test_dead_letters_are_newest_first_and_buried_once(self, jobs: Jobs) -> None:
        for job_id in "abc":
            jobs.submit(new(job_id))
            start(jobs, job_id)
            jobs.fail(job_id, BROKEN, dead=True)

        assert [letter.job_id for letter in jobs.dead_letters(tenant="default", limit=2)] == ["c", "b"]
        letter = jobs.bury("b")
        assert (letter.code, letter.message, letter.attempts) == ("broken", "It broke.", 1)
        assert [letter.job_id for letter in jobs.dead_letters(tenant="default", limit=9)] == ["c", "a"]
        with pytest.raises(NotFound):
            jobs.bury("b")

    def test_a_dead_job_outlives_the_usual_retention(self, make_jobs: MakeJobs) -> None:
        jobs = make_jobs(retention_s=0)
        jobs.submit(new())
        start(jobs)

        jobs.fail("a", BROKEN, dead=True)

        assert jobs.prune(limit=10) == []
        assert jobs.get("a").error == BROKEN

    def test_the_store_answers(self, jobs: Jobs) -> None:
        jobs.ping()
