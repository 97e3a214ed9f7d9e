"""Servers that tests of several rooms share."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from redis import Redis
from structlog.contextvars import clear_contextvars

from jobs import tracing
from stores.jobs_redis import RedisJobs
from stores.redis_client import connect
from tests.servers import RedisServer, demand, has_redis

# Seeded, like everything else; how long an example takes says more about the machine than about the code.
settings.register_profile("tests", deadline=None, derandomize=True)
settings.load_profile("tests")

ROOT = Path(__file__).parent
WAITING = frozenset({"chaos", "dasein", "deploy", "farm", "kernel", "page"})
"""Rooms whose tests mostly wait for processes that start; those of the others mostly compute."""
WAITING_SHARE = 0.8
"""How much of the way through the other files those that wait are spread over."""


def pytest_configure() -> None:
    """Let programs under test be interrupted, also where the tests run in the background of a shell."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Refuse a name with a set in it: its order differs from process to process, and tests must be called the same in all."""
    parameters = getattr(item, "callspec", None)
    for value in parameters.params.values() if parameters else ():
        if isinstance(value, set | frozenset) and len(value) > 1 and str(value) in item.name:
            raise pytest.UsageError(
                f"{item.nodeid} is named by a set, which has no order: give its parameter an id or a tuple"
            )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where several processes run tests, mix files that wait with files that compute, and leave small ones for the end."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    files = dict.fromkeys(item.path for item in items)
    waiting = [file for file in files if file.relative_to(ROOT).parts[0] in WAITING]
    # The longest of the others are those of the workers: last by name.
    computing = [file for file in reversed(files) if file not in set(waiting)]
    place = {file: WAITING_SHARE * index / len(waiting) for index, file in enumerate(waiting)}
    place |= {file: index / len(computing) for index, file in enumerate(computing)}
    items.sort(key=lambda item: place[item.path])


@pytest.fixture(autouse=True)
def outside_of_any_trace() -> None:
    """Begin nowhere: requests of a test in the same thread leave their place behind, until the next request."""
    tracing.enter(None)
    clear_contextvars()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """Start a Redis for the session; tests that kill it start it again."""
    demand("redis", present=has_redis())
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """Return the URL of an empty Redis."""
    redis_server.flush()
    return redis_server.url


@pytest.fixture
def redis_client(redis_url: str) -> Iterator[Redis]:
    """Connect to an empty Redis."""
    with connect(redis_url, patience_s=1) as client:
        yield client


@pytest.fixture
def redis_jobs(redis_client: Redis) -> RedisJobs:
    """Keep job records in an empty Redis."""
    return RedisJobs(redis_client, lease_s=15, retention_s=3600, tombstone_s=7200)
