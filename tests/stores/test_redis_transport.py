"""What Celery's way to Redis makes of a server that refuses; the rest is seen on workers in `tests/farm/test_faults.py`."""

from types import SimpleNamespace
from typing import Any

import pytest
from kombu import Connection
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from stores.redis_transport import Channel, Transport


class Refusing:
    """What a worker listens on, where even a ping is refused."""

    def __init__(self, words: str) -> None:
        self.words = words

    def parse_response(self, *_: object) -> None:
        raise ResponseError(self.words)


@pytest.fixture
def channel() -> Any:
    """Return a channel that listens, without a server."""
    channel: Any = Channel.__new__(Channel)
    channel.connection_errors = (OSError,)
    channel._in_listen = object()
    return channel


def test_who_listens_to_a_server_that_refuses_all_writes_connects_again(channel: Any) -> None:
    with pytest.raises(RedisConnectionError, match="MISCONF"):
        channel._receive_one(Refusing("MISCONF Errors writing to the AOF file: No space left on device"))

    assert channel._in_listen is None


def test_who_asks_a_server_for_the_next_message_that_refuses_even_a_ping_connects_again(channel: Any) -> None:
    refusing = Refusing("MISCONF Errors writing to the AOF file: No space left on device")
    channel._queue_cycle = SimpleNamespace(consume=lambda _: ["simulation"])
    channel._active_queues = ["simulation"]
    channel.active_fanout_queues = set()
    channel.global_keyprefix = ""
    channel.priority_steps = [0]
    channel.brpop_timeout = 1
    connection = SimpleNamespace(send_command=refusing.parse_response)
    channel.__dict__["client"] = SimpleNamespace(connection=connection)

    with pytest.raises(RedisConnectionError, match="MISCONF"):
        channel._brpop_start()


def test_another_refusal_is_told_as_it_is(channel: Any) -> None:
    with pytest.raises(ResponseError, match="unknown command"):
        channel._receive_one(Refusing("ERR unknown command"))


@pytest.mark.parametrize("end", ["ack", "reject"])
def test_a_message_whose_end_cannot_be_told_does_not_keep_a_worker_from_the_next(
    redis_client: Redis, redis_url: str, end: str
) -> None:
    with Connection(redis_url, transport=f"{Transport.__module__}:Transport") as connection:
        channel: Any = connection.channel()
        channel.basic_qos(0, 1, False)  # noqa: FBT003  # by position in the library
        queue = connection.SimpleQueue("places", channel=channel)
        queue.put("one")
        message = queue.get(timeout=10)
        held = channel.qos.can_consume()
        redis_client.config_set("min-replicas-to-write", 1)

        with pytest.raises(RedisConnectionError, match="NOREPLICAS"):
            getattr(message, end)()

        redis_client.config_set("min-replicas-to-write", 0)
        assert (held, channel.qos.can_consume()) == (False, True)
        queue.close()
