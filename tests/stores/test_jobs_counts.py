"""What is counted of job records, on every store: waits, ends, dead letters."""

from jobs.model import Failure, NewJob, State
from jobs.queue import CAMPAIGN, MERGE, PING, SHARD
from stores.ports import Jobs
from tests.servers import eventually

WORKER = "one@here:1"
BROKEN = Failure("broken", "It broke.")


def submit(jobs: Jobs, job_id: str) -> None:
    jobs.submit(NewJob(job_id, PING.name, {}))


def start(jobs: Jobs, job_id: str) -> float:
    """Start a job and return how long it had waited."""
    jobs.start(job_id, worker=WORKER, lease_s=15)
    waited_s = jobs.get(job_id).waited_s
    assert waited_s is not None
    return waited_s


def split(jobs: Jobs, *children: str) -> None:
    jobs.submit(NewJob("p", CAMPAIGN.name, {}))
    start(jobs, "p")
    jobs.await_children("p", [NewJob(child, SHARD.name, {}) for child in children], NewJob("then", MERGE.name, {}))


def ends(jobs: Jobs) -> list[tuple[str, State]]:
    return [(end.kind, end.state) for end in jobs.take_ends(limit=100)]


def test_a_job_that_has_not_started_has_not_waited(jobs: Jobs) -> None:
    submit(jobs, "a")

    assert jobs.get("a").waited_s is None


def test_a_job_waits_from_its_submission(jobs: Jobs) -> None:
    submit(jobs, "a")
    jobs.sent("a")
    eventually(lambda: jobs.oldest_wait_s({PING.name}) > 0.05)

    assert 0.05 < start(jobs, "a") < 60


def test_a_job_that_is_tried_again_waits_from_when_it_is_due(jobs: Jobs) -> None:
    submit(jobs, "a")
    jobs.sent("a")
    eventually(lambda: jobs.oldest_wait_s({PING.name}) > 0.05)
    start(jobs, "a")

    jobs.release("a", worker=WORKER, delay_s=60)

    assert start(jobs, "a") == 0


def test_the_last_part_waits_from_the_end_of_those_before_it(jobs: Jobs) -> None:
    split(jobs, "c")
    jobs.sent("c")
    eventually(lambda: jobs.oldest_wait_s({SHARD.name}) > 0.05)
    waited_s = start(jobs, "c")
    jobs.finish("c", {})

    assert start(jobs, "then") < waited_s


def test_ends_are_taken_once_the_oldest_first(jobs: Jobs) -> None:
    for job_id in "abc":
        submit(jobs, job_id)
    start(jobs, "a")
    jobs.finish("a", {})
    jobs.finish("a", {})
    jobs.fail("b", BROKEN)
    jobs.cancel("c")

    first = jobs.take_ends(limit=2)

    assert [(end.kind, end.state) for end in first] == [("ping", State.SUCCEEDED), ("ping", State.FAILED)]
    assert [end.code for end in first] == [None, "broken"]
    assert all(0 <= end.took_s < 60 for end in first)
    assert ends(jobs) == [("ping", State.CANCELLED)]
    assert ends(jobs) == []


def test_a_part_that_fails_ends_what_it_is_a_part_of_and_the_other_parts(jobs: Jobs) -> None:
    split(jobs, "c1", "c2")
    start(jobs, "c1")

    jobs.fail("c1", BROKEN)

    cancelled = [("merge", State.CANCELLED), ("shard", State.CANCELLED)]
    assert sorted(ends(jobs)) == sorted([("campaign", State.FAILED), ("shard", State.FAILED), *cancelled])


def test_dead_letters_are_counted_until_they_are_buried(jobs: Jobs) -> None:
    for job_id in "ab":
        jobs.submit(NewJob(job_id, PING.name, {}, tenant=job_id))
        jobs.fail(job_id, BROKEN, dead=True)

    before = jobs.dead_count()
    jobs.bury("a")

    assert (before, jobs.dead_count()) == (2, 1)
