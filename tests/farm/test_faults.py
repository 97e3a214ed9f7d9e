"""What happens to jobs when the processes around them do not behave."""

import os
from signal import SIGKILL

import pytest

from jobs.model import NewJob, State
from jobs.queue import PING, Kind
from tests.farm.conftest import Farm, child_of, worker_of
from tests.farm.kinds import FLAKY, POISON, STUBBORN, SUM
from tests.servers import eventually

TAKES_S = 2.0


def test_a_job_whose_process_is_killed_runs_again(farm: Farm) -> None:
    farm.start("one")
    farm.submit(PING, echo="x", duration_s=TAKES_S)
    first = farm.running()

    os.kill(child_of(first), SIGKILL)

    job = farm.until("job", State.SUCCEEDED, State.FAILED)
    assert job.result == {"echo": "x"}
    assert job.attempts == 2
    assert child_of(job) != child_of(first)


def test_a_job_whose_worker_is_killed_is_taken_over_by_another(farm: Farm) -> None:
    farm.start("one")
    farm.start("two")
    farm.submit(PING, echo="x", duration_s=TAKES_S)
    owner = worker_of(farm.running())

    farm.kill(owner)

    job = farm.until("job", State.SUCCEEDED, State.FAILED)
    assert job.result == {"echo": "x"}
    assert job.attempts == 2
    assert worker_of(job) != owner


def test_a_job_that_kills_its_process_is_given_up_after_three_starts(farm: Farm) -> None:
    farm.start("one")

    farm.submit(POISON)

    job = farm.until("job", State.SUCCEEDED, State.FAILED)
    assert job.error is not None
    assert (job.state, job.error.code, job.attempts) == (State.FAILED, "worker-lost", 3)
    assert [letter.job_id for letter in farm.jobs.dead_letters(tenant="default", limit=10)] == ["job"]
    farm.submit(PING, "next", echo="still here")
    assert farm.until("next", State.SUCCEEDED).attempts == 1


def test_a_job_that_failed_for_a_passing_reason_is_retried(farm: Farm) -> None:
    farm.start("one")

    farm.submit(FLAKY)

    job = farm.until("job", State.SUCCEEDED, State.FAILED)
    assert job.result == {"attempts": 2}
    assert farm.jobs.dead_letters(tenant="default", limit=10) == []


def test_a_worker_that_is_asked_to_stop_finishes_what_it_can(farm: Farm) -> None:
    farm.start("one", drain_s=4)
    farm.submit(PING, duration_s=TAKES_S)
    farm.running()

    farm.terminate("one")

    job = farm.jobs.get("job")
    assert (job.state, job.attempts) == (State.SUCCEEDED, 1)
    assert not farm.is_alive("one"), farm.said("one")
    assert farm.jobs.lapsed(limit=10) == []


def test_a_worker_that_is_asked_to_stop_gives_back_what_it_cannot_finish(farm: Farm) -> None:
    farm.start("one", drain_s=0.5)
    farm.start("two", drain_s=0.5)
    farm.submit(PING, duration_s=6)
    owner = worker_of(farm.running())

    farm.terminate(owner)

    # Given back rather than found by its lapsed lease, which would count as a lost worker.
    eventually(lambda: worker_of(farm.running()) != owner, within_s=60, what="another worker has it")
    assert farm.until("job", State.SUCCEEDED, State.FAILED).state is State.SUCCEEDED
    assert farm.redis.hget("job:job", "lost") == "0"


def test_a_restart_of_redis_is_ridden_out(farm: Farm) -> None:
    farm.start("one")
    farm.submit(PING, echo="x", duration_s=TAKES_S)
    farm.running()

    farm.server.kill()
    farm.server.start()

    assert farm.until("job", State.SUCCEEDED, State.FAILED).result == {"echo": "x"}
    farm.submit(PING, "next", echo="y")
    assert farm.until("next", State.SUCCEEDED, State.FAILED).result == {"echo": "y"}


def test_a_worker_outlives_a_redis_that_refuses_writes(farm: Farm) -> None:
    farm.start("one")
    farm.submit(PING, echo="x", duration_s=TAKES_S)
    farm.running()

    # As with a full disk, whatever would be written is refused.
    farm.redis.config_set("min-replicas-to-write", 1)
    # It ends while nothing can be written: neither its end nor that its message was seen to.
    log = farm.folder / "one.log"
    eventually(lambda: "reject requeue" in log.read_text(), within_s=30, what="the worker is refused")
    farm.redis.config_set("min-replicas-to-write", 0)

    assert farm.until("job", State.SUCCEEDED, State.FAILED, within_s=60).result == {"echo": "x"}
    farm.submit(PING, "next", echo="y")
    assert farm.until("next", State.SUCCEEDED, State.FAILED, within_s=60).result == {"echo": "y"}
    assert farm.runs("one"), farm.said("one")


def test_a_cancelled_queued_job_never_runs(farm: Farm) -> None:
    farm.submit(PING, duration_s=60)

    farm.jobs.cancel("job")

    farm.start("one")
    farm.submit(PING, "next")
    farm.until("next", State.SUCCEEDED)
    job = farm.jobs.get("job")
    assert (job.state, job.attempts) == (State.CANCELLED, 0)


@pytest.mark.parametrize("kind", [PING, STUBBORN], ids=["that-looks", "that-does-not-look"])
def test_a_running_job_is_cancelled_within_five_seconds(farm: Farm, kind: Kind) -> None:
    farm.start("one")
    farm.submit(kind, duration_s=60)
    farm.running()

    farm.jobs.cancel("job")

    job = farm.until("job", State.CANCELLED, within_s=5)
    assert job.attempts == 1
    farm.submit(PING, "next")
    farm.until("next", State.SUCCEEDED, within_s=60)


def test_a_job_that_was_recorded_and_never_sent_runs(farm: Farm) -> None:
    farm.jobs.submit(NewJob("job", PING.name, {"echo": "x"}))

    farm.start("one")

    assert farm.until("job", State.SUCCEEDED, State.FAILED).result == {"echo": "x"}


def test_a_job_whose_message_vanished_runs(farm: Farm) -> None:
    farm.submit(PING, echo="x")
    farm.redis.delete("simulation")

    farm.start("one")

    assert farm.until("job", State.SUCCEEDED, State.FAILED).result == {"echo": "x"}


def test_bytes_that_are_no_message_do_not_end_a_worker(farm: Farm) -> None:
    farm.redis.lpush("simulation", b"\xff\xfe no message", b"[1, 2]", b"{}", b'{"body": 1}')

    farm.start("one")

    farm.submit(PING, echo="x")
    assert farm.until("job", State.SUCCEEDED, State.FAILED).result == {"echo": "x"}
    assert farm.is_alive("one")


def test_the_most_urgent_job_runs_first(farm: Farm) -> None:
    for priority in (0, 9, 5):
        farm.submit(PING, f"priority-{priority}", priority=priority)

    farm.start("one")

    done = [farm.until(f"priority-{priority}", State.SUCCEEDED).finished_at for priority in (9, 5, 0)]
    assert done == sorted(done, key=str)


def test_every_part_counts_once_whatever_happens_to_the_workers(farm: Farm) -> None:
    farm.start("one")
    farm.start("two")
    farm.submit(SUM, parts=6, duration_s=0.7)

    os.kill(child_of(farm.running("job.0")), SIGKILL)
    farm.running("job.2")
    farm.kill("two")
    farm.server.kill()
    farm.server.start()

    job = farm.until("job", State.SUCCEEDED, State.FAILED, within_s=60)
    assert job.result == {"done": True}
    assert (job.progress.done, job.progress.total) == (42, 42)
    assert all(farm.jobs.get(f"job.{index}").state is State.SUCCEEDED for index in range(6))


def test_a_poison_part_fails_its_job_and_cancels_the_others(farm: Farm) -> None:
    farm.start("one")

    farm.submit(SUM, parts=6, poison=1, duration_s=1)

    job = farm.until("job", State.SUCCEEDED, State.FAILED)
    assert job.error is not None
    assert job.error.code == "worker-lost"
    assert "poison job.1" in job.error.message
    (letter,) = farm.jobs.dead_letters(tenant="default", limit=10)
    assert (letter.job_id, letter.parent, letter.attempts) == ("job.1", "job", 3)
    eventually(lambda: all(farm.jobs.get(f"job.{index}").state.final for index in range(6)))
    assert farm.jobs.get("job.sum").state is State.CANCELLED
