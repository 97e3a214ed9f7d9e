"""Celery's way to Redis, hardened: bytes in a queue that are no message are dropped and logged.

Without this they end the worker that happens to fetch them, and then the next one.
"""

from queue import Empty
from typing import Any

import structlog
from kombu.transport import redis

log = structlog.get_logger(__name__)


class Channel(redis.Channel):
    """A channel that survives what others put into its queues."""

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)  # type: ignore[misc]  # not in kombu's stubs
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            log.exception("message_malformed")
            raise Empty from error


class Transport(redis.Transport):
    """Redis with such channels."""

    Channel = Channel
