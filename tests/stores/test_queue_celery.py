import json
from collections.abc import Iterator

import pytest
from pydantic import RedisDsn
from redis import Redis

from config.queues import celery_settings
from config.settings import Settings
from jobs import tracing
from jobs.errors import StoreUnavailable
from jobs.model import NewJob
from jobs.queue import PING, SIMILAR, SIMULATION
from jobs.tracing import Place
from stores.jobs_redis import RedisJobs
from stores.queue_celery import CeleryQueue
from stores.redis_client import connect
from tests.servers import free_port


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


def test_messages_of_all_priorities_lie_in_one_list(queue: CeleryQueue, redis_client: Redis) -> None:
    for priority in (0, 5, 9):
        queue.send(PING, f"{priority}", priority=priority)

    assert redis_client.llen(SIMULATION) == queue.depth(SIMULATION) == 3


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


@pytest.mark.parametrize("place", [None, Place("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", sampled=True)])
@pytest.mark.parametrize("priority", [0, 5, 9])
def test_a_written_message_is_the_one_that_would_be_sent(
    queue: CeleryQueue, redis_client: Redis, priority: int, place: Place | None
) -> None:
    with tracing.at(place):
        check_written(queue, redis_client, priority=priority, place=place)


def check_written(queue: CeleryQueue, redis_client: Redis, *, priority: int, place: Place | None) -> None:
    queue.send(PING, "job", priority=priority)
    where = next(str(name) for name in redis_client.scan_iter(f"{SIMULATION}*"))
    sent = json.loads(str(redis_client.lindex(where, 0)))

    written = queue.envelope(PING, "job", priority=priority)

    told = json.loads(written.text)
    tag = told["properties"].pop("delivery_tag")
    assert tag != sent["properties"].pop("delivery_tag")
    assert written.place == where
    # Whom a result would be told: nobody, and each application its own nobody.
    assert told["properties"].pop("reply_to") != sent["properties"].pop("reply_to")
    assert told == sent
    assert told["headers"].get("traceparent") == (None if place is None else str(place))
    assert json.loads(queue.envelope(PING, "job", priority=priority).text)["properties"]["delivery_tag"] != tag


def test_a_job_and_its_message_are_recorded_in_one_step(
    queue: CeleryQueue, redis_client: Redis, redis_url: str
) -> None:
    jobs = RedisJobs(connect(redis_url, patience_s=1), lease_s=60, retention_s=60, tombstone_s=60)
    envelope = queue.envelope(PING, "job", priority=9)

    _, is_new = jobs.submit(NewJob("job", PING.name, {}), idempotency_key="once", envelope=envelope)
    _, is_again = jobs.submit(NewJob("other", PING.name, {}), idempotency_key="once", envelope=envelope)

    assert (is_new, is_again) == (True, False)
    assert redis_client.lrange(SIMULATION, 0, -1) == [envelope.text]
    assert [job.id for job in jobs.waiting(PING.name, limit=9)] == ["job"]
    assert redis_client.zscore("jobs:due", "job") is None


def test_a_batch_and_its_messages_are_recorded_in_one_step(
    queue: CeleryQueue, redis_client: Redis, redis_url: str
) -> None:
    jobs = RedisJobs(connect(redis_url, patience_s=1), lease_s=60, retention_s=60, tombstone_s=60)
    envelopes = [queue.envelope(PING, f"{number:03}", priority=9) for number in range(300)]
    new = [NewJob(f"{number:03}", PING.name, {}, batch="b") for number in range(300)]
    jobs.open(SIMULATION, places=200)

    _, is_new = jobs.submit_batch("b", new, idempotency_key="once", envelopes=envelopes)
    _, is_again = jobs.submit_batch("c", new, idempotency_key="once", envelopes=envelopes)

    assert (is_new, is_again) == (True, False)
    assert redis_client.lrange(SIMULATION, 0, -1) == [envelope.text for envelope in reversed(envelopes[:200])]
    assert jobs.held(SIMULATION) == {"default": 100}
    assert [job.id for job in jobs.waiting(PING.name, limit=500)] == [job.id for job in new]
    assert redis_client.zcard("jobs:due") == 0


def test_messages_of_jobs_are_taken_away_wherever_they_lie(queue: CeleryQueue, redis_client: Redis) -> None:
    for job_id in ("one", "two", "three"):
        queue.send(PING, job_id, priority=5)
    queue.send(SIMILAR, "four", priority=9)
    held = redis_client.rpop(SIMULATION)
    redis_client.hset("unacked", "tag", json.dumps([json.loads(str(held)), "", SIMULATION]))
    redis_client.zadd("unacked_index", {"tag": 1})
    redis_client.rpush(SIMULATION, "no message")

    counted = queue.discard({"one", "two", "four"}, dry=True)
    gone = queue.discard({"one", "two", "four"})

    assert (counted, gone) == (3, 3)
    assert queue.discard({"one", "two", "four"}, dry=True) == 0
    left, other = redis_client.lrange(SIMULATION, 0, -1)
    assert (json.loads(str(left))["headers"]["id"], other) == ("three", "no message")
    assert (redis_client.hlen("unacked"), redis_client.zcard("unacked_index")) == (0, 0)
