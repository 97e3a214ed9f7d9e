"""What stores of jobs hold of a tenant: all of it is found, taken away whole, and nothing of another tenant with it."""

from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis

from jobs.errors import Gone, NotFound
from jobs.model import Failure, NewJob, Progress
from stores.holdings import Holdings
from stores.holdings_redis import RedisHoldings
from stores.jobs_redis import RedisJobs
from stores.memory import MemoryJobs
from stores.ports import Allowance, Jobs

DAY_S = 86_400
TOMBSTONE_S = 90 * DAY_S
Made = tuple[Jobs, Holdings]


@pytest.fixture(params=["memory", "redis"])
def made(request: pytest.FixtureRequest) -> Made:
    if request.param == "memory":
        memory = MemoryJobs(tombstone_s=TOMBSTONE_S)
        return memory, memory
    redis: Redis = request.getfixturevalue("redis_client")
    return RedisJobs(redis, lease_s=15, retention_s=7 * DAY_S, tombstone_s=TOMBSTONE_S), RedisHoldings(redis)


def bring(jobs: Jobs, tenant: str) -> list[str]:
    """Give a tenant jobs of all sorts; return their ids."""
    names = [f"{tenant}-{what}" for what in ("queued", "running", "split", "child", "then", "done", "dead")]
    queued, running, split, child, then, done, dead = names
    for name in (queued, running, split, done, dead):
        job = NewJob(name, "ping", {}, tenant, tags=("t",))
        jobs.submit(job, idempotency_key=f"key-{name}", allowance=Allowance(traces=7))
    for name in (running, split, done, dead):
        jobs.start(name, worker="one@here:1", lease_s=60)
    members = [NewJob(f"{tenant}-member-{number}", "ping", {}, tenant, batch=f"{tenant}-batch") for number in range(2)]
    jobs.submit_batch(f"{tenant}-batch", members, idempotency_key=f"key-of-{tenant}")
    jobs.sent(queued)
    jobs.progress(running, Progress(1, 2, "half"))
    jobs.await_children(split, [NewJob(child, "ping", {}, tenant)], NewJob(then, "ping", {}, tenant))
    jobs.finish(done, {"a": 1})
    jobs.fail(dead, Failure("internal", "oh"), dead=True)
    return [*names, *(member.id for member in members)]


def seen(jobs: Jobs, tenant: str, names: list[str]) -> dict[str, Any]:
    """Return all that can be asked about a tenant."""
    return {
        "jobs": [jobs.get(name) for name in names],
        "events": [jobs.events(name, after=None) for name in names],
        "listed": jobs.find(tenant=tenant, kind=None, state=None, tag="t", cursor=None, limit=100),
        "counts": jobs.counts(tenant=tenant),
        "traces": jobs.traces_today(tenant),
        "dead": jobs.dead_letters(tenant=tenant, limit=100),
        "repeated": jobs.repeated(f"key-{names[0]}", tenant=tenant, fingerprint=""),
        "batch": (jobs.batch(f"{tenant}-batch"), jobs.members([f"{tenant}-batch"])),
        "same batch": jobs.repeated_batch(f"key-of-{tenant}", tenant=tenant, fingerprint=""),
        "waiting": [job.id for job in jobs.waiting("ping", limit=100) if job.tenant == tenant],
    }


def test_every_job_is_found_parts_and_ended_ones_too(made: Made) -> None:
    jobs, holdings = made
    names = bring(jobs, "acme")
    bring(jobs, "umbra")

    assert sorted(job.id for job in holdings.every("acme")) == sorted(names)
    assert holdings.count("acme") > len(names)
    assert list(holdings.every("nobody")) == []
    assert holdings.count("nobody") == 0


def test_a_tenant_is_erased_whole_and_its_neighbour_stays_as_it_was(made: Made) -> None:
    jobs, holdings = made
    names, others = bring(jobs, "acme"), bring(jobs, "acme-2")
    before = seen(jobs, "acme-2", others)

    holdings.erase("acme")
    holdings.erase("acme")

    assert holdings.count("acme") == 0
    assert jobs.counts(tenant="acme") == {}
    assert jobs.find(tenant="acme", kind=None, state=None, tag=None, cursor=None, limit=9).jobs == []
    assert jobs.dead_letters(tenant="acme", limit=9) == []
    assert jobs.repeated(f"key-{names[0]}", tenant="acme", fingerprint="") is None
    for name in names:
        with pytest.raises(NotFound):
            jobs.get(name)
    with pytest.raises(NotFound):
        jobs.batch("acme-batch")
    assert jobs.repeated_batch("key-of-acme", tenant="acme", fingerprint="") is None
    assert seen(jobs, "acme-2", others) == before
    assert jobs.counts() == jobs.counts(tenant="acme-2")


def test_what_a_worker_still_says_of_an_erased_job_makes_no_new_record(made: Made) -> None:
    jobs, holdings = made
    names = bring(jobs, "acme")

    holdings.erase("acme")
    for name in names:
        jobs.progress(name, Progress(1, 1, ""))
        jobs.publish(name, {"a": 1})
        jobs.sent(name)
        jobs.finish(name, {})
        jobs.fail(name, Failure("internal", "oh"))
        jobs.release(name, worker="one@here:1")
        assert not jobs.renew(name, worker="one@here:1", lease_s=60)

    assert holdings.count("acme") == 0


def test_a_job_can_be_spared_and_stays_in_the_listings(made: Made) -> None:
    jobs, holdings = made
    names = bring(jobs, "acme")
    kept = names[1]

    holdings.erase("acme", spare=[kept])

    assert holdings.count("acme", spare=[kept]) == 0
    assert jobs.get(kept).id == kept
    assert [job.id for job in jobs.find(tenant="acme", kind=None, state=None, tag=None, cursor=None, limit=9).jobs] == [
        kept
    ]
    assert sum(jobs.counts(tenant="acme").values()) == 1


def test_nothing_of_an_erased_tenant_lies_in_redis(redis_client: Redis) -> None:
    jobs = RedisJobs(redis_client, lease_s=15, retention_s=1, tombstone_s=TOMBSTONE_S)
    names = bring(jobs, "acme")
    holdings = RedisHoldings(redis_client)
    # As the end of a job with a callback leaves them.
    redis_client.hset(f"webhook:{names[5]}", mapping={"tenant": "acme", "url": "https://acme.example"})
    redis_client.zadd("webhooks:list:acme", {names[5]: 1})
    redis_client.zadd("webhooks:due", {names[5]: 1})
    redis_client.lpush("webhooks:wake", names[5])
    redis_client.hset("webhooks:secret:acme", "current", "s")

    holdings.erase("acme")

    dump: dict[str, Callable[[Any], object]] = {
        "string": redis_client.get,
        "hash": redis_client.hgetall,
        "stream": redis_client.xrange,
        "zset": lambda key: redis_client.zrange(key, 0, -1),
        "set": redis_client.smembers,
        "list": lambda key: redis_client.lrange(key, 0, -1),
    }
    left = str({key: dump[str(redis_client.type(key))](key) for key in redis_client.scan_iter()})
    assert [name for name in (*names, "acme") if name in left] == []


def test_ended_jobs_expire_after_their_tenants_own_time(made: Made) -> None:
    jobs, holdings = made
    names, others = bring(jobs, "acme"), bring(jobs, "umbra")
    done, dead = names[5], names[6]

    dry = holdings.keep_for("acme", 1e-6, tombstone_s=TOMBSTONE_S, dry=True)
    still_there = jobs.get(done).id
    longer = holdings.keep_for("acme", 30 * DAY_S, tombstone_s=TOMBSTONE_S)
    old = holdings.keep_for("acme", 1e-6, tombstone_s=TOMBSTONE_S)

    assert (dry, still_there, longer, old) == (1, done, 0, 1)
    assert jobs.prune(limit=10) == [done]
    with pytest.raises(Gone):
        jobs.get(done)
    assert jobs.get(dead).id == dead
    assert jobs.get(others[5]).id == others[5]
    assert sorted(job.id for job in holdings.every("acme")) == sorted(set(names) - {done})


def test_a_tombstone_goes_with_its_tenant(made: Made) -> None:
    jobs, holdings = made
    done = bring(jobs, "acme")[5]
    holdings.keep_for("acme", 1e-6, tombstone_s=TOMBSTONE_S)
    jobs.prune(limit=10)

    holdings.erase("acme")

    with pytest.raises(NotFound):
        jobs.get(done)
    assert holdings.count("acme") == 0
