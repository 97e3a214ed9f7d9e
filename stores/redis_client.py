"""Connections to Redis that ride out a restart of the server, and the one place where its driver's errors stop."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from redis import BlockingConnectionPool, Redis
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError, ReadOnlyError, RedisError, ResponseError
from redis.retry import Retry

from jobs.errors import StoreUnavailable

FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 1.0
ANSWER_S = 15.0
"""Longer than any answer is waited for; blocking reads must ask for less. A server that is frozen is not asked again."""
REFUSES_WRITES = ("MISCONF", "OOM", "NOREPLICAS")
"""How a server begins its refusals when its disk or its memory is full, or its replicas are away."""


def connect(url: str, *, patience_s: float, connections: int = 50, answer_s: float = ANSWER_S) -> Redis:
    """Return a client that tries for about `patience_s` to reach a server that went away or is still loading.

    No answer is waited for longer than `answer_s`.

    Commands may so be sent twice: every one of ours may be. Who finds all `connections` in use waits for one.
    """
    pause = ExponentialWithJitterBackoff(cap=LONGEST_PAUSE_S, base=FIRST_PAUSE_S)
    # The first five pauses take about a second together, those after them nearly their cap each.
    retry = Retry(pause, 4 + round(patience_s / LONGEST_PAUSE_S), supported_errors=(RedisConnectionError,))
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=answer_s,
        decode_responses=True,
        retry=retry,
        retry_on_error=[RedisConnectionError],
        socket_timeout=answer_s,
        socket_connect_timeout=2,
        socket_keepalive=True,
        health_check_interval=30,
    )
    return Redis.from_pool(pool)


def connections(redis: Redis) -> tuple[int, int]:
    """Return how many connections of a client are in use, and how many idle."""
    # The driver's own description of its pool: idle ones first.
    (idle, _), (used, _) = redis.connection_pool.get_connection_count()
    return used, idle


def pairs(flat: Sequence[str]) -> dict[str, str]:
    """Return the fields of a hash as a script answers them: names and values in turn."""
    return dict(zip(flat[::2], flat[1::2], strict=True))


def refuses_writes(error: ResponseError) -> bool:
    """Say whether a server refuses not this command, but all that write."""
    # Of a pipeline, the driver says first which command it was.
    said = str(error).rpartition(" of pipeline caused error: ")[2]
    return isinstance(error, OutOfMemoryError | ReadOnlyError) or said.startswith(REFUSES_WRITES)


@contextmanager
def translated() -> Iterator[None]:
    """Turn a server that is away, full or read-only into StoreUnavailable; what it refuses otherwise is our fault."""
    try:
        yield
    except RedisError as error:
        if type(error) is ResponseError and not refuses_writes(error):
            raise
        raise StoreUnavailable(f"Redis: {error}") from error
