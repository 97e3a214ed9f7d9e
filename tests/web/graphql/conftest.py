"""Farms whose stores are watched, and farms of two tenants."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs.identity import Principal, Role
from stores.memory import MemoryJobs
from stores.memory_documents import MemoryDocuments
from stores.memory_graph import MemoryGraph
from tests.web.conftest import Behind, Clock, make_farm

READING = {
    *("select", "nodes", "neighbourhood", "find", "get", "count", "many", "looks", "events", "batch", "batches"),
    "members",
}


class Watched:
    """Counts how often a store is asked."""

    calls: Counter[str]

    def __getattribute__(self, name: str) -> Any:
        if name in READING:
            self.calls[f"{type(self).__name__}.{name}"] += 1
        return super().__getattribute__(name)


class WatchedJobs(Watched, MemoryJobs):
    """Records of jobs that are watched."""


class WatchedGraph(Watched, MemoryGraph):
    """A graph that is watched."""


class WatchedDocuments(Watched, MemoryDocuments):
    """Documents that are watched."""


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[Behind, Counter[str]]]:
    """Return a farm and how often its stores were asked."""
    calls: Counter[str] = Counter()
    clock = Clock()
    jobs, graph = WatchedJobs(clock=clock), WatchedGraph()
    documents = WatchedDocuments(clock=lambda: clock().timestamp())
    jobs.calls = graph.calls = documents.calls = calls
    farm = make_farm(tmp_path, jobs=jobs, graph=graph, documents=documents, clock=clock)
    yield farm, calls
    farm.hub.stop()


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Behind, dict[str, Principal]]]:
    """Return a farm and who asks it now: somebody of another tenant than the home one."""
    who = {"now": Principal("acme", Role.VIEWER, "viewer", "k")}
    farm = make_farm(tmp_path, authenticate=lambda _request: who["now"])
    yield farm, who
    farm.hub.stop()
