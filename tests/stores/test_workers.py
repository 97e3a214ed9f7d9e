import pytest
from redis import Redis

from jobs.abilities import Ability
from jobs.errors import StoreUnavailable
from stores.memory_queue import MemoryWorkers
from stores.ports import Workers
from stores.workers_redis import RedisWorkers


@pytest.fixture(params=["memory", "redis"])
def workers(request: pytest.FixtureRequest) -> Workers:
    if request.param == "memory":
        return MemoryWorkers()
    redis: Redis = request.getfixturevalue("redis_client")
    return RedisWorkers(redis)


def test_workers_are_alive_by_queue_while_they_beat(workers: Workers) -> None:
    for worker in ("two@here", "one@here"):
        workers.beat(worker, queue="simulation", ttl_s=60)
    workers.beat("one@here", queue="query", ttl_s=60)
    workers.beat("dead@here", queue="query", ttl_s=-1)

    assert workers.alive() == {"simulation": ["one@here", "two@here"], "query": ["one@here"]}


def test_a_redis_that_refuses_all_writes_is_unavailable_also_to_commands_that_go_together(redis_client: Redis) -> None:
    redis_client.config_set("min-replicas-to-write", 1)

    with pytest.raises(StoreUnavailable, match="NOREPLICAS"):
        RedisWorkers(redis_client).beat("one@here", queue="query", ttl_s=60, processes=2)

    redis_client.config_set("min-replicas-to-write", 0)


def test_a_worker_that_left_is_not_alive(workers: Workers) -> None:
    workers.beat("one@here", queue="query", ttl_s=60)

    workers.leave("one@here", queue="query")

    assert workers.alive() == {}


def test_workers_that_are_alive_say_how_many_jobs_they_run_at_once(workers: Workers) -> None:
    workers.beat("one@here", queue="query", ttl_s=60, processes=2, busy=2)
    workers.beat("one@here", queue="query", ttl_s=60, processes=3, busy=0)
    workers.beat("silent@here", queue="query", ttl_s=60)
    workers.beat("dead@here", queue="query", ttl_s=-1, processes=4, busy=1)
    workers.beat("gone@here", queue="query", ttl_s=60, processes=5, busy=1)
    workers.leave("gone@here", queue="query")

    names = ["one@here", "silent@here", "dead@here", "gone@here", "nobody@here"]

    assert (workers.processes(names), workers.busy(names)) == ({"one@here": 3}, {"one@here": 0})
    assert (workers.processes([]), workers.busy([])) == ({}, {})


def test_workers_that_are_alive_say_what_they_can_do(workers: Workers) -> None:
    has, has_not = {"renode": Ability("1.16.1")}, {"renode": Ability(None, "there is no program renode")}
    workers.beat("one@here", queue="simulation", ttl_s=60, abilities=has_not)
    workers.beat("one@here", queue="simulation", ttl_s=60, abilities=has)
    workers.beat("two@here", queue="simulation", ttl_s=60, abilities=has_not)
    workers.beat("plain@here", queue="simulation", ttl_s=60, abilities={})
    workers.beat("silent@here", queue="simulation", ttl_s=60)
    workers.beat("gone@here", queue="simulation", ttl_s=60, abilities=has)
    workers.leave("gone@here", queue="simulation")

    found = workers.abilities(["one@here", "two@here", "plain@here", "silent@here", "gone@here"])

    assert found == {"one@here": has, "two@here": has_not, "plain@here": {}}
    assert workers.abilities([]) == {}
