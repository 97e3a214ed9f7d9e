"""The queue on Celery: a message is the job's id, sent to the task of the job's kind by its name.

Both the web server and the workers send through this; neither imports a task to do so.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from jobs import tracing
from jobs.errors import StoreUnavailable
from jobs.queue import QUEUES, Envelope, Kind
from stores.queue_message import MessageWriter

MOST_URGENT = 9


class CeleryQueue:
    """Sends jobs, and counts what waits. Messages say which span they come from, where there is one."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """Send as `settings` (of `config.queues`) say."""
        # An application of its own, without a result backend: sending is cheaper, and no worker's state is shared.
        self._celery = Celery("dasein.sender", set_as_current=False)
        self._celery.conf.update(settings)
        self._writer = MessageWriter(settings)

    def send(self, kind: Kind, job_id: str, *, priority: int) -> None:
        """Enqueue `job_id`; raise StoreUnavailable if that is uncertain."""
        with translated():
            self._celery.send_task(
                kind.task,
                [job_id],
                queue=kind.queue,
                task_id=job_id,
                priority=MOST_URGENT - priority,
                ignore_result=True,
                headers={tracing.HEADER: parent} if (parent := tracing.header()) else None,
            )

    def envelope(self, kind: Kind, job_id: str, *, priority: int) -> Envelope:
        """Return what `send` would enqueue."""
        return self._writer.envelope(kind, job_id, priority=MOST_URGENT - priority, parent=tracing.header())

    def depth(self, queue: str) -> int:
        """Return how many messages wait in `queue`, all priorities summed."""
        with translated(), self._celery.connection_or_acquire() as connection:
            channel: Any = connection.default_channel
            # Declaring a queue leaves no trace in Redis, where queues are there while there is something in them.
            return int(channel.queue_declare(queue).message_count)

    def discard(self, job_ids: Collection[str], *, dry: bool = False) -> int:
        """Take the messages of jobs away, also those that workers hold; return how many. With `dry` only count them."""
        found = 0
        with translated(), self._celery.connection_or_acquire() as connection:
            channel: Any = connection.default_channel
            for queue in QUEUES:
                for priority in channel.priority_steps:
                    name = channel._q_for_pri(queue, priority)  # noqa: SLF001  # where the transport keeps them
                    theirs = [one for one in channel.client.lrange(name, 0, -1) if _job_of(one) in job_ids]
                    found += len(theirs)
                    for message in () if dry else theirs:
                        channel.client.lrem(name, 1, message)
            for tag, held in channel.client.hscan_iter(channel.unacked_key):
                if _job_of(held) in job_ids:
                    found += 1
                    if not dry:
                        channel.client.hdel(channel.unacked_key, tag)
                        channel.client.zrem(channel.unacked_index_key, tag)
        return found

    def close(self) -> None:
        """Close the connections."""
        self._celery.close()


def _job_of(message: bytes | str) -> str | None:
    """Return the id of a message's job; None for what is no message."""
    try:
        told = json.loads(message)
        # What a worker holds lies there with the queue that it came from.
        told = told[0] if isinstance(told, list) else told
        found = told["headers"]["id"]
    except (ValueError, LookupError, TypeError):
        return None
    return found if isinstance(found, str) else None


@contextmanager
def translated() -> Iterator[None]:
    """Raise StoreUnavailable for what goes wrong between us and the queue."""
    try:
        yield
    except (OperationalError, RedisError, ConnectionError, TimeoutError) as error:
        raise StoreUnavailable(f"The queue cannot be reached: {error}") from error
