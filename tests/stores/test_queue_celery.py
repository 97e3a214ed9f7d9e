import json
from collections.abc import Iterator

import pytest
from pydantic import RedisDsn
from redis import Redis

from config.queues import celery_settings
from config.settings import Settings
from jobs.errors import StoreUnavailable
from jobs.queue import PING, SIMULATION
from stores.queue_celery import CeleryQueue
from tests.servers import free_port

SEPARATOR = "\x06\x16"
"""Between a queue's name and a priority, in Redis."""


@pytest.fixture
def queue(redis_url: str) -> Iterator[CeleryQueue]:
    queue = CeleryQueue(celery_settings(Settings(redis_url=RedisDsn(redis_url))))
    yield queue
    queue.close()


def test_a_message_is_the_id_alone_sent_to_the_kinds_task(queue: CeleryQueue, redis_client: Redis) -> None:
    queue.send(PING, "job", priority=9)

    (message,) = redis_client.lrange("simulation", 0, -1)
    told = json.loads(str(message))
    assert (told["headers"]["task"], told["headers"]["id"]) == (PING.task, "job")
    assert told["headers"]["argsrepr"] == "['job']"
    assert len(str(message)) < 2000


def test_the_most_urgent_messages_lie_in_the_list_that_workers_read_first(
    queue: CeleryQueue, redis_client: Redis
) -> None:
    for priority in (0, 5, 9):
        queue.send(PING, f"{priority}", priority=priority)

    lists = [SIMULATION, f"{SIMULATION}{SEPARATOR}4", f"{SIMULATION}{SEPARATOR}9"]
    assert [redis_client.llen(name) for name in lists] == [1, 1, 1]
    assert queue.depth(SIMULATION) == 3


def test_a_queue_that_was_never_used_is_empty(queue: CeleryQueue) -> None:
    assert queue.depth("nothing") == 0


def test_a_queue_that_cannot_be_reached_is_unavailable() -> None:
    url = RedisDsn(f"redis://127.0.0.1:{free_port()}/0")
    queue = CeleryQueue(celery_settings(Settings(redis_url=url)))

    with pytest.raises(StoreUnavailable):
        queue.send(PING, "job", priority=5)
    with pytest.raises(StoreUnavailable):
        queue.depth(SIMULATION)
    queue.close()


def test_messages_of_jobs_are_taken_away_wherever_they_lie(queue: CeleryQueue, redis_client: Redis) -> None:
    for job_id in ("one", "two", "three"):
        queue.send(PING, job_id, priority=5)
    queue.send(PING, "four", priority=9)
    (name,) = redis_client.keys(f"{SIMULATION}{SEPARATOR}4")
    held = redis_client.rpop(name)
    redis_client.hset("unacked", "tag", json.dumps([json.loads(str(held)), "", SIMULATION]))
    redis_client.zadd("unacked_index", {"tag": 1})
    redis_client.rpush(SIMULATION, "no message")

    counted = queue.discard({"one", "two", "four"}, dry=True)
    gone = queue.discard({"one", "two", "four"})

    assert (counted, gone) == (3, 3)
    assert queue.discard({"one", "two", "four"}, dry=True) == 0
    assert redis_client.lrange(SIMULATION, 0, -1) == ["no message"]
    (left,) = redis_client.lrange(name, 0, -1)
    assert json.loads(str(left))["headers"]["id"] == "three"
    assert (redis_client.hlen("unacked"), redis_client.zcard("unacked_index")) == (0, 0)
