"""Turns of tenants, on every store: who goes out to the workers, who is held, and that nobody is lost."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from redis import Redis

from jobs.errors import StoreUnavailable
from jobs.model import NewJob, State
from jobs.queue import SIMULATION, Envelope
from stores.identity import Tenant
from stores.identity_redis import RedisTenants
from stores.jobs_redis import RedisJobs
from stores.memory import MemoryJobs
from stores.ports import Jobs, Start

ONE = "one@here:1"


@dataclass
class Pool:
    """A store of jobs and the list of a pool, in which a message is the id of its job."""

    jobs: Jobs
    lying: Callable[[], list[str]]
    """The ids in the list, the next one first."""
    pop: Callable[[], str | None]
    ran: Callable[[str, float], None]
    """Lets a job have run for so many seconds by now."""
    weigh: Callable[[str, float], None]

    def submit(self, *ids: str, tenant: str = "acme", priority: int = 5, **more: object) -> None:
        for job_id in ids:
            self.jobs.submit(
                NewJob(job_id, "ping", {}, tenant, priority, **more),  # type: ignore[arg-type]  # as the test says
                envelope=envelope(job_id),
            )

    def start(self) -> str:
        """Start the next job, and return its id."""
        job_id = self.pop()
        assert job_id is not None
        assert self.jobs.start(job_id, worker=ONE, lease_s=60) is Start.STARTED
        return job_id

    def started(self, number: int) -> list[str]:
        return [self.start() for _ in range(number)]


def envelope(job_id: str) -> Envelope:
    return Envelope(SIMULATION, job_id)


def names(tenant: str, number: int) -> list[str]:
    return [f"{tenant}-{index:03}" for index in range(number)]


def owners(ids: list[str]) -> Counter[str]:
    return Counter(job_id.partition("-")[0] for job_id in ids)


@pytest.fixture(params=["memory", "redis"])
def pool(request: pytest.FixtureRequest) -> Pool:
    """Return a pool with two places."""
    return memory_pool() if request.param == "memory" else redis_pool(request.getfixturevalue("redis_client"))


def redis_pool(redis: Redis) -> Pool:
    jobs, tenants = RedisJobs(redis, lease_s=15, retention_s=3600, tombstone_s=7200), RedisTenants(redis)

    def weigh(tenant: str, weight: float) -> None:
        tenants.add(Tenant(tenant, datetime.now(UTC), weight=weight))

    def ran(job_id: str, seconds: float) -> None:
        redis.hincrbyfloat(f"job:{job_id}", "began", -seconds)

    return Pool(
        jobs,
        lying=lambda: [str(one) for one in reversed(redis.lrange(SIMULATION, 0, -1))],
        pop=lambda: redis.rpop(SIMULATION),  # type: ignore[arg-type,return-value]  # text, as the client was told
        ran=ran,
        weigh=weigh,
    )


def memory_pool() -> Pool:
    weights: dict[str, float] = {}
    passed = [timedelta()]
    jobs = MemoryJobs(weight=lambda tenant: weights.get(tenant, 1.0), clock=lambda: datetime.now(UTC) + passed[0])

    def ran(_job_id: str, seconds: float) -> None:
        passed[0] += timedelta(seconds=seconds)

    messages = jobs.line.lists[SIMULATION]
    return Pool(
        jobs,
        lying=lambda: list(messages),
        pop=lambda: messages.pop(0) if messages else None,
        ran=ran,
        weigh=weights.__setitem__,
    )


class TestTurns:
    def test_what_finds_no_place_is_held_and_goes_out_when_one_is_free(self, pool: Pool) -> None:
        pool.submit("a", "b", "c", "d")

        assert pool.lying() == ["a", "b"]
        assert pool.jobs.held(SIMULATION) == {"acme": 2}
        assert pool.start() == "a"
        assert pool.lying() == ["b", "c"]
        assert pool.jobs.held(SIMULATION) == {"acme": 1}

    def test_a_tenant_does_not_wait_behind_anothers_backlog(self, pool: Pool) -> None:
        pool.submit(*names("acme", 50))
        pool.started(3)

        pool.submit("umbra-1", tenant="umbra")

        assert "umbra-1" in pool.started(3)

    def test_two_backlogs_are_served_in_turn(self, pool: Pool) -> None:
        pool.submit(*names("acme", 20))
        pool.submit(*names("umbra", 20), tenant="umbra")

        assert abs(owners(pool.started(20))["acme"] - 10) <= 1

    @pytest.mark.parametrize(("weight", "part"), [(3.0, 30), (0.25, 8), (1.0, 20)])
    def test_shares_follow_the_weights(self, pool: Pool, weight: float, part: int) -> None:
        pool.weigh("acme", weight)
        pool.submit(*names("acme", 60))
        pool.submit(*names("umbra", 60), tenant="umbra")

        assert abs(owners(pool.started(40))["acme"] - part) <= 2

    def test_shares_are_of_time_not_of_jobs(self, pool: Pool) -> None:
        pool.submit(*names("acme", 60))
        pool.submit(*names("umbra", 60), tenant="umbra")

        ran = []
        for _ in range(50):
            job_id = pool.start()
            pool.ran(job_id, 9 if job_id.startswith("acme") else 1)
            pool.jobs.finish(job_id, {})
            ran.append(job_id)

        # Nine times as long, so one of ten; the first few begin before anything is known.
        assert abs(owners(ran[10:])["acme"] - 4) <= 1

    def test_who_was_idle_has_not_saved_up(self, pool: Pool) -> None:
        pool.submit("umbra-0", *names("acme", 40), tenant="acme")
        for _ in range(20):
            job_id = pool.start()
            pool.ran(job_id, 1)
            pool.jobs.finish(job_id, {})

        pool.submit(*names("umbra", 40), tenant="umbra")

        assert 8 <= owners(pool.started(20))["acme"] <= 12

    def test_more_places_are_given_at_once_and_fewer_take_none_away(self, pool: Pool) -> None:
        pool.submit("a", "b", "c", "d", "e")

        pool.jobs.open(SIMULATION, places=4)
        opened = pool.lying()
        pool.jobs.open(SIMULATION, places=1)

        assert opened == pool.lying() == ["a", "b", "c", "d"]
        pool.started(3)
        assert pool.lying() == ["d"]

    def test_a_batch_is_held_as_single_jobs_are(self, pool: Pool) -> None:
        batch = [NewJob(job_id, "ping", {}, "acme", batch="batch") for job_id in names("acme", 9)]

        pool.jobs.submit_batch("batch", batch, envelopes=[envelope(job.id) for job in batch])

        assert pool.lying() == names("acme", 2)
        assert pool.jobs.held(SIMULATION) == {"acme": 7}
        pool.jobs.cancel_batch("batch")
        assert (pool.lying(), pool.jobs.held(SIMULATION)) == ([], {})

    def test_parts_of_a_job_are_held_as_others_are(self, pool: Pool) -> None:
        pool.submit("p")
        pool.start()
        parts = [NewJob(job_id, "ping", {}, "acme") for job_id in names("acme", 4)]
        due = pool.jobs.await_children("p", parts, NewJob("then", "ping", {}, "acme"))

        for part in due:
            pool.jobs.post(part.id, envelope(part.id))

        assert pool.lying() == names("acme", 2)
        for job_id in names("acme", 4):
            assert pool.start() == job_id
            after = pool.jobs.finish(job_id, {})
        assert [job.id for job in after] == ["then"]

    def test_held_jobs_count_as_waiting_since_they_were_posted(self, pool: Pool) -> None:
        pool.submit(*names("acme", 5))

        assert [job.id for job in pool.jobs.waiting("ping", limit=9)] == names("acme", 5)


class TestPriorities:
    def test_an_urgent_job_takes_the_place_of_its_tenants_less_urgent_one(self, pool: Pool) -> None:
        pool.submit("a", "b", "c")

        pool.submit("urgent", priority=9)

        assert pool.lying() == ["urgent", "a"]
        assert pool.started(4) == ["urgent", "a", "b", "c"]

    def test_a_tenants_jobs_start_the_most_urgent_first_and_then_the_oldest(self, pool: Pool) -> None:
        for index, priority in enumerate([0, 5, 9, 5, 9, 0, 7]):
            pool.submit(f"{priority}-{index}", priority=priority)

        assert pool.started(7) == ["9-2", "9-4", "7-6", "5-1", "5-3", "0-0", "0-5"]

    def test_an_urgent_job_takes_no_place_of_another_tenant(self, pool: Pool) -> None:
        pool.submit("acme-1", "acme-2")

        pool.submit("umbra-1", tenant="umbra", priority=9)

        assert pool.lying() == ["acme-1", "acme-2"]

    def test_urgency_buys_no_larger_share(self, pool: Pool) -> None:
        pool.submit(*names("acme", 30), priority=9)
        pool.submit(*names("umbra", 30), tenant="umbra", priority=0)

        assert abs(owners(pool.started(20))["umbra"] - 10) <= 1

    def test_a_job_that_is_about_to_start_is_not_overtaken(self, pool: Pool) -> None:
        pool.submit("a", "b", "c")
        fetched = pool.pop()

        pool.submit("urgent", priority=9)

        assert fetched == "a"
        assert pool.jobs.start("a", worker=ONE, lease_s=60) is Start.STARTED
        assert pool.started(3) == ["urgent", "b", "c"]


class TestLeaving:
    def test_a_cancelled_job_leaves_no_message_in_the_way_and_gives_its_place(self, pool: Pool) -> None:
        pool.submit("a", "b", "c", "d")

        pool.jobs.cancel("a")
        pool.jobs.cancel("d")

        assert pool.lying() == ["b", "c"]
        assert pool.jobs.held(SIMULATION) == {}

    def test_a_cancelled_job_costs_its_tenant_nothing(self, pool: Pool) -> None:
        for job_id in names("acme", 10):
            pool.submit(job_id)
            pool.jobs.cancel(job_id)
        pool.submit(*(f"acme-{index}" for index in range(20)))
        pool.submit(*names("umbra", 20), tenant="umbra")

        assert abs(owners(pool.started(10))["acme"] - 5) <= 1

    def test_a_held_job_whose_deadline_passes_ends_and_the_others_stay(self, pool: Pool) -> None:
        pool.submit("a", "b")
        pool.submit("late", deadline_at=datetime(2020, 1, 1, tzinfo=UTC))
        pool.submit("d")

        assert pool.jobs.lapsed(limit=9) == []
        assert pool.jobs.get("late").state is State.FAILED
        assert pool.started(3) == ["a", "b", "d"]

    def test_a_message_that_was_fetched_for_nothing_gives_its_place(self, pool: Pool) -> None:
        pool.submit("a", "b", "c", "d")
        fetched = pool.pop()
        pool.jobs.cancel("a")

        assert fetched == "a"
        assert pool.jobs.start("a", worker=ONE, lease_s=60) is Start.FINAL
        assert pool.lying() == ["b", "c"]

    def test_a_job_that_lost_its_worker_comes_before_its_tenants_younger_ones(self, pool: Pool) -> None:
        pool.submit("a", "b", "c", "d")
        pool.start()
        assert pool.jobs.release("a", worker=ONE, lost=True)

        pool.jobs.post("a", envelope("a"))

        assert pool.lying() == ["a", "b"]
        assert pool.started(4) == ["a", "b", "c", "d"]

    def test_a_held_job_that_somebody_starts_is_held_no_longer(self, pool: Pool) -> None:
        pool.submit("a", "b", "c")

        assert pool.jobs.start("c", worker=ONE, lease_s=60) is Start.STARTED

        assert pool.jobs.held(SIMULATION) == {}
        assert pool.started(2) == ["a", "b"]

    def test_a_job_that_has_started_or_ended_is_not_posted(self, pool: Pool) -> None:
        pool.submit("a")
        pool.start()
        pool.jobs.post("a", envelope("a"))
        pool.jobs.finish("a", {})
        pool.jobs.post("a", envelope("a"))
        pool.jobs.post("nobody", envelope("nobody"))

        assert (pool.lying(), pool.jobs.held(SIMULATION)) == ([], {})


class TestAstray:
    def test_what_is_held_or_lies_in_the_list_is_not_astray(self, pool: Pool) -> None:
        pool.submit(*names("acme", 9))

        assert pool.jobs.astray("ping", queue=SIMULATION, older_s=0, limit=9) == []

    def test_a_message_that_vanished_is_found_however_many_are_held(self, pool: Pool) -> None:
        pool.submit(*names("acme", 9))
        pool.pop()
        pool.submit("umbra-1", tenant="umbra")
        pool.start()
        gone = pool.pop()

        found = pool.jobs.astray("ping", queue=SIMULATION, older_s=0, limit=3)

        assert gone is not None
        assert [job.id for job in found] == ["acme-000", gone]
        assert pool.jobs.astray("ping", queue=SIMULATION, older_s=60, limit=3) == []
        assert pool.jobs.astray("other", queue=SIMULATION, older_s=0, limit=3) == []

    def test_a_message_that_is_sent_again_comes_first_and_once(self, pool: Pool) -> None:
        pool.submit("a", "b", "c")
        pool.pop()

        pool.jobs.post("a", envelope("a"))
        pool.jobs.post("a", envelope("a"))
        pool.jobs.post("c", envelope("c"))

        assert pool.lying() == ["a", "b"]
        assert pool.jobs.held(SIMULATION) == {"acme": 1}
        assert pool.started(3) == ["a", "b", "c"]

    def test_lost_messages_keep_nobody_from_the_places(self, pool: Pool) -> None:
        pool.submit("a", "b", "c", "d")
        pool.pop()
        pool.pop()

        pool.jobs.open(SIMULATION, places=2)

        assert pool.lying() == ["c", "d"]


class Chance:
    """What a pool may go through, drawn by chance: messages are fetched, lost and sent again, jobs come, run and end."""

    def __init__(self, pool: Pool, seed: int) -> None:
        self.pool = pool
        self.rng = np.random.default_rng(seed)
        self.submitted: list[str] = []
        self.fetched: list[str] = []
        self.running: list[str] = []
        self.steps = (
            *(self.submit, self.fetch, self.start, self.end, self.lose, self.cancel),
            *(self.vanish, self.send_again, self.open),
        )

    def step(self) -> None:
        self.steps[int(self.rng.integers(len(self.steps)))]()

    def drawn(self, ids: list[str]) -> str | None:
        return ids.pop(int(self.rng.integers(len(ids)))) if ids else None

    def submit(self) -> None:
        tenant = str(self.rng.choice(["acme", "umbra", "third"]))
        ids = [f"{tenant}-{len(self.submitted) + number}" for number in range(int(self.rng.integers(1, 4)))]
        self.submitted += ids
        self.pool.submit(*ids, tenant=tenant, priority=int(self.rng.integers(0, 10)))

    def fetch(self) -> None:
        if (job_id := self.pool.pop()) is not None:
            self.fetched.append(job_id)

    def start(self) -> None:
        job_id = self.drawn(self.fetched)
        if job_id is not None and self.pool.jobs.start(job_id, worker=ONE, lease_s=60) is Start.STARTED:
            self.running = sorted({*self.running, job_id})

    def end(self) -> None:
        if (job_id := self.drawn(self.running)) is not None:
            self.pool.jobs.finish(job_id, {})

    def lose(self) -> None:
        job_id = self.drawn(self.running)
        if job_id is not None and self.pool.jobs.release(job_id, worker=ONE):
            self.pool.jobs.post(job_id, envelope(job_id))

    def cancel(self) -> None:
        if self.submitted:
            self.pool.jobs.cancel(str(self.rng.choice(self.submitted[-20:])))

    def vanish(self) -> None:
        self.drawn(self.fetched)

    def send_again(self) -> None:
        for job in self.pool.jobs.astray("ping", queue=SIMULATION, older_s=0, limit=500):
            self.pool.jobs.post(job.id, envelope(job.id))

    def open(self) -> None:
        self.pool.jobs.open(SIMULATION, places=int(self.rng.integers(1, 5)))


def test_a_queued_job_whose_record_says_that_it_once_began_costs_nothing(redis_client: Redis) -> None:
    pool = redis_pool(redis_client)
    pool.submit("a")
    # As a backup has it.
    redis_client.hset("job:a", "began", 1)

    pool.jobs.cancel("a")

    pool.submit(*names("acme", 20))
    pool.submit(*names("umbra", 20), tenant="umbra")
    assert abs(owners(pool.started(10))["acme"] - 5) <= 1


def test_a_server_whose_memory_is_full_leaves_every_job_where_it_was(redis_client: Redis) -> None:
    pool = redis_pool(redis_client)
    pool.submit("a", "b", "c")
    fetched = pool.pop()

    redis_client.config_set("maxmemory", 1)
    try:
        for refused in (
            lambda: pool.jobs.start("a", worker=ONE, lease_s=60),
            lambda: pool.jobs.cancel("b"),
            lambda: pool.jobs.open(SIMULATION, places=3),
            lambda: pool.jobs.post("a", envelope("a")),
        ):
            with pytest.raises(StoreUnavailable):
                refused()
    finally:
        redis_client.config_set("maxmemory", 0)

    assert fetched == "a"
    assert [job.id for job in pool.jobs.astray("ping", queue=SIMULATION, older_s=0, limit=9)] == ["a"]
    assert pool.jobs.start("a", worker=ONE, lease_s=60) is Start.STARTED
    assert pool.started(2) == ["b", "c"]


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_every_job_is_held_or_out_and_all_of_them_run(pool: Pool, seed: int) -> None:
    chance = Chance(pool, seed)

    for number in range(400):
        chance.step()
        if number % 4 == 0:
            check(pool, chance.submitted)

    for job_id in chance.running:
        pool.jobs.finish(job_id, {})
    ran = 0
    while any(not job.state.final for job in pool.jobs.many(chance.submitted).values()):
        chance.send_again()
        chance.open()
        while (fetched := pool.pop()) is not None:
            if pool.jobs.start(fetched, worker=ONE, lease_s=60) is Start.STARTED:
                pool.jobs.finish(fetched, {})
                ran += 1
    assert ran > 3
    assert (pool.lying(), pool.jobs.held(SIMULATION)) == ([], {})


def check(pool: Pool, submitted: list[str]) -> None:
    """Check that each job that waits is held, or lies in the list, or is known to have been fetched."""
    queued = {job_id for job_id, job in pool.jobs.many(submitted).items() if job.state is State.QUEUED}
    held = pool.jobs.held(SIMULATION)
    lying = set(pool.lying()) & queued
    gone = {job.id for job in pool.jobs.astray("ping", queue=SIMULATION, older_s=0, limit=500)}
    assert {job.id for job in pool.jobs.waiting("ping", limit=500)} == queued
    assert len(lying) + len(gone) + sum(held.values()) == len(queued)
    assert not lying & gone
