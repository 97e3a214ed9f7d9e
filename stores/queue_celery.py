"""The queue on Celery: a message is the job's id, sent to the task of the job's kind by its name.

Both the web server and the workers send through this; neither imports a task to do so.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from jobs.errors import StoreUnavailable
from jobs.queue import Envelope, Kind
from stores.queue_message import MessageWriter

MOST_URGENT = 9


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
        with translated():
            self._celery.send_task(
                kind.task,
                [job_id],
                queue=kind.queue,
                task_id=job_id,
                priority=MOST_URGENT - priority,
                ignore_result=True,
            )

    def envelope(self, kind: Kind, job_id: str, *, priority: int) -> Envelope:
        """Return what `send` would enqueue."""
        return self._writer.envelope(kind, job_id, priority=MOST_URGENT - priority)

    def depth(self, queue: str) -> int:
        """Return how many messages wait in `queue`, all priorities summed."""
        with translated(), self._celery.connection_or_acquire() as connection:
            channel: Any = connection.default_channel
            # Declaring a queue leaves no trace in Redis, where queues are there while there is something in them.
            return int(channel.queue_declare(queue).message_count)

    def close(self) -> None:
        """Close the connections."""
        self._celery.close()


@contextmanager
def translated() -> Iterator[None]:
    """Raise StoreUnavailable for what goes wrong between us and the queue."""
    try:
        yield
    except (OperationalError, RedisError, ConnectionError, TimeoutError) as error:
        raise StoreUnavailable(f"The queue cannot be reached: {error}") from error
