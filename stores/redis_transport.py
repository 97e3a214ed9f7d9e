"""Celery's way to Redis, hardened in two places.

Bytes in a queue that are no message are dropped and logged: without this they end the worker that happens to fetch them, and
then the next one. A server that refuses writes (its disk or its memory is full, its replicas are away) counts as one that is away
itself: the worker connects again until it is served, where otherwise it would end.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty
from typing import Any

import structlog
from kombu.transport import redis
from redis import Redis
from redis.client import Pipeline
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from stores.redis_client import refuses_writes

log = structlog.get_logger(__name__)


class _Pipeline(Pipeline):
    """Commands that are sent together."""

    def execute(self, raise_on_error: bool = True) -> list[Any]:  # the library's
        with _refusals_are_losses():
            found: list[Any] = super().execute(raise_on_error)
            return found


class _Client(Redis):
    """A client to which a server that refuses writes is one that is away."""

    def execute_command(self, *args: Any, **options: Any) -> Any:
        with _refusals_are_losses():
            return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]  # the library's

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:
        return _Pipeline(self.connection_pool, self.response_callbacks, transaction, shard_hint)


class QoS(redis.QoS):
    """What a worker holds. A message whose end could not be told takes no place in it, or the worker would never ask for more.

    Redis gives it out again once the visibility timeout has passed, and its job has ended then.
    """

    def ack(self, delivery_tag: str) -> None:
        """Tell that a message was seen to."""
        try:
            super().ack(delivery_tag)
        except RedisConnectionError:
            self._let_go(delivery_tag)
            raise

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Tell that a message is not seen to."""
        try:
            super().reject(delivery_tag, requeue)
        except RedisConnectionError:
            self._let_go(delivery_tag)
            raise

    def _let_go(self, delivery_tag: str) -> None:
        self._quick_ack(delivery_tag)  # type: ignore[attr-defined]  # not in kombu's stubs


class Channel(redis.Channel):
    """A channel that survives what others put into its queues."""

    QoS = QoS

    def _get_client(self) -> type[Redis]:
        return _Client

    def _brpop_read(self, **options: Any) -> Any:
        try:
            with _refusals_are_losses():
                return super()._brpop_read(**options)  # type: ignore[misc]  # not in kombu's stubs
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            log.exception("message_malformed")
            raise Empty from error

    # These look first, by a ping, whether an idle connection is well; which is refused, too.
    def _brpop_start(self, timeout: float | None = None) -> None:
        with _refusals_are_losses():
            super()._brpop_start(timeout)  # type: ignore[misc]

    def _subscribe(self) -> None:
        with _refusals_are_losses():
            super()._subscribe()  # type: ignore[misc]

    def _receive_one(self, c: Any) -> Any:
        try:
            with _refusals_are_losses():
                return super()._receive_one(c)  # type: ignore[misc]  # not in kombu's stubs
        except RedisConnectionError:
            # As what is inherited does where it knows that the connection is lost.
            self._in_listen = None
            raise

    def _poll_error(self, type: str, **options: Any) -> None:  # noqa: A002  # its name
        with _refusals_are_losses():
            super()._poll_error(type, **options)  # type: ignore[misc]


class Transport(redis.Transport):
    """Redis with such channels."""

    Channel = Channel


@contextmanager
def _refusals_are_losses() -> Iterator[None]:
    try:
        yield
    except ResponseError as error:
        if refuses_writes(error):
            raise RedisConnectionError(str(error)) from error
        raise
