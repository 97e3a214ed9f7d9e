"""The queue on Celery: a message is the job's id, sent to the task of the job's kind by its name.

Both the web server and the workers send through this; neither imports a task to do so.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from celery import Celery
from kombu.exceptions import BatchPublishError, OperationalError  # type: ignore[attr-defined]  # newer than its stubs
from redis.exceptions import RedisError

from jobs.errors import StoreUnavailable
from jobs.queue import Envelope, Kind, Message
from stores.queue_message import MessageWriter

MOST_URGENT = 9
AT_ONCE = 100
"""Messages of one write to Redis."""


class CeleryQueue:
    """Sends jobs, and counts what waits."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """Send as `settings` (of `config.queues`) say."""
        # An application of its own, without a result backend: sending is cheaper, and no worker's state is shared.
        self._celery = Celery("dasein.sender", set_as_current=False)
        self._celery.conf.update(settings)
        self._writer = MessageWriter(settings)

    def send(self, kind: Kind, job_id: str, *, priority: int) -> None:
        """Enqueue `job_id`; raise StoreUnavailable if that is uncertain."""
        with _translated():
            self._send(Message(kind, job_id, priority))

    def send_all(self, messages: Sequence[Message]) -> None:
        """Enqueue many at once; raise StoreUnavailable if that is uncertain for any of them."""
        with _translated(), self._celery.producer_or_acquire() as producer, producer.batch(AT_ONCE):
            for message in messages:
                self._send(message, producer=producer)

    def envelope(self, kind: Kind, job_id: str, *, priority: int) -> Envelope:
        """Return what `send` would enqueue."""
        return self._writer.envelope(kind, job_id, priority=MOST_URGENT - priority)

    def depth(self, queue: str) -> int:
        """Return how many messages wait in `queue`, all priorities summed."""
        with _translated(), self._celery.connection_or_acquire() as connection:
            channel: Any = connection.default_channel
            # Declaring a queue leaves no trace in Redis, where queues are there while there is something in them.
            return int(channel.queue_declare(queue).message_count)

    def _send(self, message: Message, **how: Any) -> None:
        self._celery.send_task(
            message.kind.task,
            [message.job_id],
            queue=message.kind.queue,
            task_id=message.job_id,
            priority=MOST_URGENT - message.priority,
            ignore_result=True,
            **how,
        )

    def close(self) -> None:
        """Close the connections."""
        self._celery.close()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (OperationalError, BatchPublishError, RedisError, ConnectionError, TimeoutError) as error:
        raise StoreUnavailable(f"The queue cannot be reached: {error}") from error
