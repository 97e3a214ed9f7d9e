"""What surrounds a job, on records and a queue in memory."""

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.contextvars import get_contextvars, merge_contextvars
from structlog.testing import capture_logs

from jobs import tracing
from jobs.attempt import Attempt, Followed, Outcome, Split
from jobs.errors import InvalidFirmware, SimulatorLost, StoreUnavailable
from jobs.model import Job, NewJob, Progress, State
from jobs.queue import CAMPAIGN, INGESTION, MERGE, PING, SHARD, Kind
from jobs.tracing import Place
from stores.memory import MemoryJobs
from stores.memory_queue import MemoryQueue
from tests.servers import eventually
from workers.lifecycle import BACKOFF_LONGEST_S, Work, backoff_s, is_held, run_job, send

WORKER = "one@here:1"


@pytest.fixture
def jobs() -> MemoryJobs:
    return MemoryJobs()


@pytest.fixture
def queue() -> MemoryQueue:
    return MemoryQueue()


def submit(jobs: MemoryJobs, kind: Kind = PING, **more: Any) -> None:
    jobs.submit(NewJob("a", kind.name, {"x": 1}, **more))


def deliver(
    jobs: MemoryJobs, queue: MemoryQueue, work: Work, *, job_id: str = "a", retry_in_s: float | None = None
) -> None:
    run_job(job_id, work, jobs, queue, worker=WORKER, lease_s=15, retry_in_s=retry_in_s, abandon=pytest.fail)


def echo(job: Job, attempt: Attempt) -> Mapping[str, Any]:
    attempt.report(Progress(1, 2, "half"))
    attempt.publish(job.id, {"so far": 1})
    return {"params": dict(job.params), "worker": attempt.worker}


def test_a_job_ends_with_the_result_of_its_work(jobs: MemoryJobs, queue: MemoryQueue) -> None:
    submit(jobs)

    deliver(jobs, queue, echo)

    job = jobs.get("a")
    assert (job.state, job.result) == (State.SUCCEEDED, {"params": {"x": 1}, "worker": WORKER})
    names = [event.name for event in jobs.events("a", after=None)]
    assert names == ["state", "state", "progress", "partial", "progress", "state", "done"]


def test_a_job_is_held_while_it_runs_and_not_before_after_or_without_a_record(
    jobs: MemoryJobs, queue: MemoryQueue
) -> None:
    submit(jobs)
    before = is_held("a", jobs)

    deliver(jobs, queue, lambda _job, _attempt: {"held": is_held("a", jobs)})

    assert jobs.get("a").result == {"held": True}
    assert [before, is_held("a", jobs), is_held("b", jobs)] == [False, False, False]


def test_a_second_delivery_does_nothing(jobs: MemoryJobs, queue: MemoryQueue) -> None:
    submit(jobs)
    deliver(jobs, queue, echo)
    before = jobs.get("a")

    deliver(jobs, queue, lambda _job, _attempt: pytest.fail("it ran again"))

    assert jobs.get("a") == before


def test_a_job_that_another_worker_holds_is_left_to_it(jobs: MemoryJobs, queue: MemoryQueue) -> None:
    submit(jobs)
    jobs.start("a", worker="two@here:2", lease_s=15)

    deliver(jobs, queue, lambda _job, _attempt: pytest.fail("it ran twice"))

    assert jobs.get("a").worker == "two@here:2"


def test_an_expected_error_fails_the_job_with_its_words(jobs: MemoryJobs, queue: MemoryQueue) -> None:
    def refuse(_job: Job, _attempt: Attempt) -> Outcome:
        raise InvalidFirmware("not an ELF", field="firmware", reason="magic")

    submit(jobs)

    deliver(jobs, queue, refuse, retry_in_s=1)

    error = jobs.get("a").error
    assert error is not None
    assert (error.code, error.message, error.field, error.reason) == (
        "invalid-firmware",
        "not an ELF",
        "firmware",
        "magic",
    )
    assert jobs.dead_letters(tenant="default", limit=1) == []


def test_an_unexpected_error_is_a_dead_letter_that_tells_nothing(jobs: MemoryJobs, queue: MemoryQueue) -> None:
    def stumble(_job: Job, _attempt: Attempt) -> Outcome:
        raise ZeroDivisionError("secret")

    submit(jobs)

    with pytest.raises(ZeroDivisionError):
        deliver(jobs, queue, stumble, retry_in_s=1)

    error = jobs.get("a").error
    assert error is not None
    assert error.code == "internal"
    assert "secret" not in error.message
    assert [letter.job_id for letter in jobs.dead_letters(tenant="default", limit=9)] == ["a"]


def lose_simulator(_job: Job, _attempt: Attempt) -> Outcome:
    raise SimulatorLost("it went away")


def test_a_passing_error_gives_the_job_back(jobs: MemoryJobs, queue: MemoryQueue) -> None:
    submit(jobs)

    with pytest.raises(SimulatorLost):
        deliver(jobs, queue, lose_simulator, retry_in_s=1)

    assert jobs.get("a").state is State.QUEUED
    deliver(jobs, queue, echo)
    assert (jobs.get("a").state, jobs.get("a").attempts) == (State.SUCCEEDED, 2)


def test_a_passing_error_of_the_last_try_fails_the_job(jobs: MemoryJobs, queue: MemoryQueue) -> None:
    submit(jobs)

    deliver(jobs, queue, lose_simulator, retry_in_s=None)

    error = jobs.get("a").error
    assert error is not None
    assert error.code == "simulator-lost"


def test_a_job_that_splits_sends_its_children_and_then_the_rest(jobs: MemoryJobs, queue: MemoryQueue) -> None:
    def divide(job: Job, _attempt: Attempt) -> Outcome:
        children = [NewJob(f"a.{index}", SHARD.name, {}, priority=job.priority) for index in range(2)]
        return Split(children, NewJob("a.merge", MERGE.name, {}, priority=job.priority))

    submit(jobs, CAMPAIGN, priority=9)

    deliver(jobs, queue, divide)

    assert [queue.take(), queue.take(), queue.take()] == [(SHARD, "a.0"), (SHARD, "a.1"), None]
    assert [job.id for job in jobs.waiting(SHARD.name, limit=9)] == ["a.0", "a.1"]
    for part in ("a.0", "a.1"):
        deliver(jobs, queue, echo, job_id=part)
    assert queue.take() == (MERGE, "a.merge")
    deliver(jobs, queue, lambda _job, _attempt: {"sum": 2}, job_id="a.merge")
    assert jobs.get("a").result == {"sum": 2}


def lead_to(job: Job, _attempt: Attempt) -> Outcome:
    """Return a result that another job follows."""
    return Followed({"done": job.id}, [NewJob("a.after", INGESTION.name, {"x": 2})])


class Forgetful(MemoryJobs):
    """Records that lose the connection before the end of a job is recorded, once; and which jobs there were then."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.recorded_by_then: list[str] | None = None

    def finish(self, job_id: str, result: Mapping[str, Any]) -> Sequence[Job]:
        if self.recorded_by_then is None:
            page = self.find(tenant="default", kind=None, state=None, tag=None, cursor=None, limit=9)
            self.recorded_by_then = sorted(job.id for job in page.jobs)
            raise StoreUnavailable("gone")
        return super().finish(job_id, result)


def test_a_follower_runs_once_its_job_has_ended(jobs: MemoryJobs, queue: MemoryQueue) -> None:
    submit(jobs)

    deliver(jobs, queue, lead_to)

    assert (jobs.get("a").state, jobs.get("a").result) == (State.SUCCEEDED, {"done": "a"})
    follower = jobs.get("a.after")
    assert (follower.state, follower.parent, follower.params) == (State.QUEUED, None, {"x": 2})
    assert (queue.take(), queue.take()) == ((INGESTION, "a.after"), None)
    assert [job.id for job in jobs.waiting(INGESTION.name, limit=9)] == ["a.after"]


def test_a_follower_that_fails_leaves_its_job_as_it_ended(jobs: MemoryJobs, queue: MemoryQueue) -> None:
    submit(jobs)
    deliver(jobs, queue, lead_to)

    deliver(jobs, queue, lose_simulator, job_id="a.after")

    assert (jobs.get("a").state, jobs.get("a.after").state) == (State.SUCCEEDED, State.FAILED)


def test_a_follower_of_a_job_that_is_done_twice_is_recorded_and_sent_once(queue: MemoryQueue) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    jobs = Forgetful(lease_s=15, clock=lambda: moment)
    submit(jobs)
    with pytest.raises(StoreUnavailable):
        deliver(jobs, queue, lead_to, retry_in_s=1)
    assert jobs.recorded_by_then == ["a", "a.after"]
    assert queue.take() is None

    deliver(jobs, queue, lead_to)

    assert jobs.get("a").state is State.SUCCEEDED
    assert queue.take() is None
    moment += timedelta(seconds=20)
    lapsed = jobs.lapsed(limit=9)
    assert [job.id for job in lapsed] == ["a.after"]
    send(lapsed[0], jobs, queue)
    deliver(jobs, queue, echo, job_id="a.after")
    assert (jobs.get("a.after").state, jobs.get("a.after").attempts) == (State.SUCCEEDED, 1)


def test_a_follower_that_has_run_does_not_run_again(jobs: MemoryJobs, queue: MemoryQueue) -> None:
    submit(jobs)
    jobs.submit(NewJob("a.after", INGESTION.name, {"x": 2}))
    deliver(jobs, queue, echo, job_id="a.after")

    deliver(jobs, queue, lead_to)

    assert queue.take() is None
    assert jobs.get("a.after").result is not None
    assert jobs.get("a.after").attempts == 1


def until_stopped(_job: Job, attempt: Attempt) -> Outcome:
    def stopped() -> bool:
        attempt.check()
        return False

    eventually(stopped, what="the job is told to stop")
    return {}


def test_a_job_is_cancelled_while_it_runs(jobs: MemoryJobs, queue: MemoryQueue) -> None:
    def cancelled_meanwhile(job: Job, attempt: Attempt) -> Outcome:
        jobs.cancel("a")
        return until_stopped(job, attempt)

    submit(jobs)

    deliver(jobs, queue, cancelled_meanwhile)

    assert jobs.get("a").state is State.CANCELLED


def test_a_job_ends_at_its_deadline(jobs: MemoryJobs, queue: MemoryQueue) -> None:
    submit(jobs, deadline_at=datetime.now(UTC) + timedelta(seconds=0.2))

    deliver(jobs, queue, until_stopped)

    error = jobs.get("a").error
    assert error is not None
    assert error.code == "deadline-exceeded"


def test_a_sent_job_waits_for_a_worker(jobs: MemoryJobs, queue: MemoryQueue) -> None:
    submit(jobs)

    send(jobs.get("a"), jobs, queue)

    assert queue.take() == (PING, "a")
    assert [job.id for job in jobs.waiting(PING.name, limit=1)] == ["a"]


def test_pauses_double_up_to_a_cap_and_differ() -> None:
    rng = random.Random(7)

    pauses = [backoff_s(retries, rng) for retries in range(12)]

    assert all(0.5 * 2**n <= pause <= 2**n for n, pause in enumerate(pauses[:6]))
    assert all(BACKOFF_LONGEST_S / 2 <= pause <= BACKOFF_LONGEST_S for pause in pauses[6:])
    assert len(set(pauses)) == len(pauses)


PARENT = Place("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", sampled=True)


def test_what_comes_of_a_job_belongs_to_its_trace(jobs: MemoryJobs, queue: MemoryQueue) -> None:
    submit(jobs, CAMPAIGN)
    split = Split([NewJob("a.0", SHARD.name, {})], NewJob("a.merge", MERGE.name, {}))

    with tracing.at(PARENT):
        deliver(jobs, queue, lambda _job, _attempt: split)
        deliver(jobs, queue, lambda _job, _attempt: {}, job_id="a.0")
        followed = Followed({}, [NewJob("a.after", INGESTION.name, {})])
        deliver(jobs, queue, lambda _job, _attempt: followed, job_id="a.merge")

    assert {jobs.get(each).traceparent for each in ("a.0", "a.merge", "a.after")} == {str(PARENT)}
    assert tracing.here() is None


def test_a_job_is_sent_as_from_where_it_came_whoever_sends_it(jobs: MemoryJobs) -> None:
    seen: list[str | None] = []

    class Headed(MemoryQueue):
        def send(self, kind: Kind, job_id: str, *, priority: int) -> None:
            seen.append(tracing.header())
            super().send(kind, job_id, priority=priority)

    submit(jobs, traceparent=str(PARENT))

    with tracing.at(tracing.drawn()):
        send(jobs.get("a"), jobs, Headed())

    assert seen == [str(PARENT)]


def test_lines_of_a_job_name_its_tenant(jobs: MemoryJobs, queue: MemoryQueue) -> None:
    submit(jobs, tenant="acme")

    with capture_logs(processors=[merge_contextvars]) as logged:
        deliver(jobs, queue, echo)

    assert [(line["event"], line.get("tenant")) for line in logged] == [
        ("job_started", "acme"),
        ("job_succeeded", "acme"),
    ]
    assert "tenant" not in get_contextvars()
