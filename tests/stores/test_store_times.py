import pytest
from prometheus_client import CollectorRegistry

from jobs.errors import NotFound, StoreUnavailable
from stores.cache_redis import RedisCache
from stores.jobs_redis import RedisJobs
from stores.memory import MemoryJobs
from stores.store_times import StoreTimes
from stores.watched import watched


class SilentJobs(MemoryJobs):
    """Does not answer."""

    def ping(self) -> None:
        raise StoreUnavailable("gone")


def test_calls_are_timed_by_store_and_operation() -> None:
    registry = CollectorRegistry()
    jobs = watched(MemoryJobs(), "jobs", StoreTimes(registry))

    jobs.counts()
    jobs.counts()

    of = {"store": "jobs", "operation": "counts"}
    assert registry.get_sample_value("dasein_store_seconds_count", of) == 2
    assert registry.get_sample_value("dasein_store_errors_total", of) is None


def test_only_what_the_store_did_not_answer_is_an_error() -> None:
    registry = CollectorRegistry()
    jobs = watched(SilentJobs(), "jobs", StoreTimes(registry))

    with pytest.raises(StoreUnavailable):
        jobs.ping()
    with pytest.raises(NotFound):
        jobs.get("nobody")

    found = {
        op: registry.get_sample_value("dasein_store_errors_total", {"store": "jobs", "operation": op})
        for op in ("ping", "get")
    }
    assert found == {"ping": 1, "get": None}
    assert registry.get_sample_value("dasein_store_seconds_count", {"store": "jobs", "operation": "ping"}) == 1


def test_a_call_that_waits_for_news_is_not_timed() -> None:
    registry = CollectorRegistry()
    jobs = watched(MemoryJobs(), "jobs", StoreTimes(registry))

    jobs.changes(after=None, wait_s=0)

    assert registry.get_sample_value("dasein_store_seconds_count", {"store": "jobs", "operation": "changes"}) is None


def test_connections_are_counted_where_the_driver_tells(redis_jobs: RedisJobs) -> None:
    registry = CollectorRegistry()
    jobs = watched(redis_jobs, "jobs", StoreTimes(registry, look_s=0))

    jobs.ping()

    states = ("used", "idle")
    found = [
        registry.get_sample_value("dasein_store_connections", {"store": "jobs", "state": state}) for state in states
    ]
    assert found == [0, 1]


def test_connections_of_a_cache_that_nobody_has_asked_are_none(redis_url: str) -> None:
    cache = RedisCache(redis_url)

    before = cache.connections()
    cache.ping()

    assert (before, cache.connections()) == ((0, 0), (0, 1))
    cache.close()
