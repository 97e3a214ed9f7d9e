"""What a worker counts."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from jobs.errors import SimulatorLost
from jobs.model import FINAL, Failure, Job, NewJob, State
from jobs.queue import KINDS, PING, SHARD, SIMULATION
from stores.memory import MemoryJobs
from workers.metering.meter import Meter

JOB = Job("a", PING.name, State.RUNNING, {}, "default", 5, datetime(2026, 1, 1, tzinfo=UTC), waited_s=2.5)
BROKEN = Failure("broken", "It broke.")
PLACE = {"pool": "simulation", "kind": "ping"}


def value(meter: Meter, name: str, **labels: str) -> float | None:
    return meter.registry.get_sample_value(name, labels)


def test_an_attempt_is_counted_and_timed_with_its_wait() -> None:
    meter = Meter([SIMULATION])

    outcome = meter.measured(JOB, lambda: {"echo": "hello"})

    assert outcome == {"echo": "hello"}
    assert value(meter, "dasein_job_attempts_total", **PLACE) == 1
    assert value(meter, "dasein_job_wait_seconds_sum", **PLACE) == 2.5
    assert value(meter, "dasein_job_run_seconds_count", **PLACE) == 1


def test_an_attempt_that_fails_is_timed_as_well() -> None:
    meter = Meter([SIMULATION])

    def fail() -> dict[str, object]:
        raise SimulatorLost("gone")

    with pytest.raises(SimulatorLost):
        meter.measured(JOB, fail)

    assert value(meter, "dasein_job_run_seconds_count", **PLACE) == 1


def test_an_attempt_to_be_repeated_is_counted_by_its_task() -> None:
    meter = Meter([SIMULATION])

    meter.retried(PING.task)

    assert value(meter, "dasein_job_retries_total", **PLACE) == 1


def test_traces_of_shards_are_counted_by_engine() -> None:
    meter = Meter([SIMULATION])

    meter.measured(replace(JOB, kind=SHARD.name), lambda: {"traces": 100, "engines": {"lanes": 90, "unicorn": 10}})

    found = {engine: value(meter, "dasein_traces_total", engine=engine) for engine in ("lanes", "unicorn")}
    assert found == {"lanes": 90, "unicorn": 10}


def test_ends_are_counted_once_whoever_brought_them_about() -> None:
    meter, jobs = Meter([SIMULATION]), MemoryJobs()
    for job_id in "abc":
        jobs.submit(NewJob(job_id, PING.name, {}))
    jobs.finish("a", {})
    jobs.fail("b", BROKEN)
    jobs.cancel("c")

    meter.count_ends(jobs)
    meter.count_ends(jobs)

    found = {state: value(meter, "dasein_jobs_ended_total", outcome=state, **PLACE) for state in FINAL}
    assert found == dict.fromkeys(FINAL, 1)
    assert value(meter, "dasein_job_seconds_count", **PLACE) == 3


@pytest.mark.parametrize(
    ("code", "outcome", "told"),
    [
        ("internal", "failed", "internal"),
        ("engine-mismatch", "failed", "engine-mismatch"),
        ("deadline-exceeded", "failed", "deadline-exceeded"),
        ("invalid-firmware", "refused", "invalid-firmware"),
        ("of-another-version", "failed", "other"),
    ],
)
def test_a_failure_is_counted_by_its_code_and_is_a_refusal_where_its_client_asked_for_it(
    code: str, outcome: str, told: str
) -> None:
    meter, jobs = Meter([SIMULATION]), MemoryJobs()
    jobs.submit(NewJob("a", PING.name, {}))
    jobs.fail("a", Failure(code, "It failed."))

    meter.count_ends(jobs)

    assert value(meter, "dasein_jobs_ended_total", outcome=outcome, **PLACE) == 1
    assert value(meter, "dasein_job_failures_total", code=told, **PLACE) == 1


def test_faults_of_ours_are_nought_before_the_first_one() -> None:
    meter = Meter([SIMULATION])

    found = [value(meter, "dasein_job_failures_total", code=code, **PLACE) for code in ("internal", "engine-mismatch")]

    assert found == [0, 0]


def test_a_kind_that_is_none_makes_no_label() -> None:
    meter, jobs = Meter([SIMULATION]), MemoryJobs()
    for kind in ("gone", "other-version"):
        jobs.submit(NewJob(kind, kind, {}))
        jobs.fail(kind, BROKEN)

    meter.count_ends(jobs)

    assert value(meter, "dasein_jobs_ended_total", pool="other", kind="other", outcome="failed") == 2


def test_what_has_not_happened_yet_is_nought_rather_than_absent() -> None:
    meter = Meter(["query"])

    ended = [
        value(meter, "dasein_jobs_ended_total", pool=kind.queue, kind=kind.name, outcome="failed")
        for kind in KINDS.values()
    ]
    attempts = {
        kind.name: value(meter, "dasein_job_attempts_total", pool=kind.queue, kind=kind.name) for kind in KINDS.values()
    }

    assert set(ended) == {0}
    assert (attempts["query"], attempts["ping"]) == (0, None)
