from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from jobs.errors import NotFound
from jobs.model import NewJob
from jobs.queue import PING
from stores.memory import MemoryJobs
from stores.watched import watched


class Watch:
    """Notes what it sees, as one of several."""

    def __init__(self, name: str, seen: list[str]) -> None:
        self.name = name
        self.seen = seen

    @contextmanager
    def __call__(self, store: str, operation: str) -> Iterator[None]:
        self.seen.append(f"{self.name}: {store}.{operation}")
        try:
            yield
        except NotFound:
            self.seen.append(f"{self.name}: raised")
            raise


def test_calls_pass_through_every_observer_the_first_one_outermost() -> None:
    seen: list[str] = []
    jobs = watched(MemoryJobs(lease_s=1, retention_s=1), "jobs", Watch("a", seen), Watch("b", seen))

    jobs.submit(NewJob("a", PING.name, {}))

    assert jobs.get("a").id == "a"
    assert seen == ["a: jobs.submit", "b: jobs.submit", "a: jobs.get", "b: jobs.get"]


def test_what_a_call_raises_is_seen_and_passes() -> None:
    seen: list[str] = []
    jobs = watched(MemoryJobs(lease_s=1, retention_s=1), "jobs", Watch("a", seen))

    with pytest.raises(NotFound):
        jobs.get("a")

    assert seen == ["a: jobs.get", "a: raised"]


def test_an_adapter_that_nobody_watches_is_itself() -> None:
    jobs = MemoryJobs(lease_s=1, retention_s=1)

    assert watched(jobs, "jobs") is jobs
