"""Ingestion and questions by workers in processes of their own, whose stores and processes are killed. Each test is a tenant."""

import hashlib
import os
from collections.abc import Iterator
from signal import SIGKILL
from typing import Any

import pytest

from jobs.knowledge import Label
from jobs.model import State
from stores.corpus import read_corpus
from stores.knowledge import Selection
from tests.farm.conftest import child_of, worker_of
from tests.farm.knowledge_farm import KnowledgeFarm, standing
from tests.servers import eventually
from tests.workers.query.knowledge import csv_of, keep_artifact, measured

HIGHEST = "Which instruction has the highest energy?"
NOTE = "The oscilloscope was calibrated in March with a reference resistor of one ohm."
GRAPH_AWAY = ("graph: did not answer",)
FILE = "measurements:m"
OTHER = hashlib.sha256(b"another firmware").hexdigest()


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeFarm]:
    """Keep a farm for all tests of this module."""
    with standing(tmp_path_factory) as farm:
        yield farm


@pytest.fixture
def farm(idle: KnowledgeFarm) -> KnowledgeFarm:
    """Return the farm with a worker for questions and two for ingestion."""
    idle.ready(("asked",), ("one", "two"))
    return idle


@pytest.fixture
def tenant(request: pytest.FixtureRequest) -> str:
    """Return a tenant of the test's own."""
    return hashlib.sha256(request.node.name.encode()).hexdigest()[:12]


def file_of(farm: KnowledgeFarm) -> dict[str, Any]:
    """Return what is asked for to take in measurements that keep a worker busy for seconds."""
    return {"name": "m", "artifact": keep_artifact(farm.stores, csv_of(measured(6000, 1500)), "text/csv")}


def fill(farm: KnowledgeFarm, tenant: str) -> None:
    """Have a note and measurements of another firmware taken in, one of whose instructions takes most energy of all."""
    columns = measured(200, 4, seed=1, firmware=OTHER)
    data = csv_of(columns | {"energy": 100 * columns["energy"]})
    farm.taken_in(farm.take_in(tenant, name="other", artifact=keep_artifact(farm.stores, data, "text/csv")))
    farm.taken_in(farm.take_in(tenant, name="note", text=NOTE))
    # An earlier test may have left the worker resting from a graph that was away.
    eventually(lambda: not farm.ask(tenant, "How many instructions are there?").degraded, what="the graph is asked")


def seen(farm: KnowledgeFarm, tenant: str) -> int:
    """Return how many measurements a reader sees."""
    hidden = read_corpus(farm.stores.documents, tenant).hidden
    chosen = Selection(Label.MEASUREMENT, limit=10_000)
    return len(farm.stores.graph.select(tenant, chosen, hidden=hidden))


def given_back(farm: KnowledgeFarm, job_id: str) -> bool:
    """Say whether a job's first attempt has ended."""
    job = farm.jobs.get(job_id)
    return job.state is State.QUEUED or job.attempts > 1


@pytest.fixture(scope="module")
def undisturbed(idle: KnowledgeFarm) -> dict[str, Any]:
    """Return what is kept of a tenant for whom all went well."""
    idle.ready(("asked",), ("one", "two"))
    fill(idle, "undisturbed")
    idle.taken_in(idle.take_in("undisturbed", **file_of(idle)))
    return idle.kept("undisturbed")


@pytest.mark.parametrize("step", ["documents", "graph"])
def test_a_graph_killed_amid_an_ingestion_is_named_to_those_who_ask_and_the_job_ends_when_it_is_back(
    farm: KnowledgeFarm, tenant: str, undisturbed: dict[str, Any], step: str
) -> None:
    fill(farm, tenant)
    before = farm.ask(tenant, HIGHEST)
    job = farm.take_in(tenant, **file_of(farm))

    farm.at_step(job, step)
    farm.graph.kill()
    meanwhile = farm.ask(tenant, HIGHEST)
    eventually(lambda: given_back(farm, job), what="the job is given back")
    corpus = read_corpus(farm.stores.documents, tenant)
    farm.graph.start()

    assert corpus.hidden == {FILE}
    assert corpus.version == meanwhile.data_version == before.data_version
    assert meanwhile.degraded == GRAPH_AWAY
    assert FILE not in meanwhile.sources
    assert farm.taken_in(job).unchanged is False
    assert farm.jobs.get(job).attempts >= 2
    # A worker that found the graph away asks it again only after a rest.
    eventually(lambda: not farm.ask(tenant, HIGHEST).degraded, what="the graph is asked again")
    after = farm.ask(tenant, HIGHEST)
    assert (after.answer, after.evidence, after.degraded) == (before.answer, before.evidence, ())
    assert farm.kept(tenant) == undisturbed


@pytest.mark.parametrize(("victim", "step"), [("child", "documents"), ("parent", "graph")])
def test_a_worker_killed_amid_an_ingestion_leaves_nothing_half_and_another_one_ends_it(
    farm: KnowledgeFarm, tenant: str, undisturbed: dict[str, Any], victim: str, step: str
) -> None:
    fill(farm, tenant)
    before = farm.ask(tenant, HIGHEST)
    job = farm.take_in(tenant, **file_of(farm))

    killed = farm.at_step(job, step)
    if victim == "child":
        os.kill(child_of(killed), SIGKILL)
    else:
        farm.kill(worker_of(killed))

    assert read_corpus(farm.stores.documents, tenant).hidden == {FILE}
    assert seen(farm, tenant) == 4
    meanwhile = farm.ask(tenant, HIGHEST)
    assert (meanwhile.answer, meanwhile.evidence, meanwhile.degraded) == (before.answer, before.evidence, ())
    assert farm.taken_in(job).unchanged is False
    ended = farm.jobs.get(job)
    assert ended.attempts == 2
    assert child_of(ended) != child_of(killed)
    assert farm.kept(tenant) == undisturbed
    assert farm.ask(tenant, HIGHEST).evidence == before.evidence


def test_two_workers_with_the_same_batch_write_it_once(
    farm: KnowledgeFarm, tenant: str, undisturbed: dict[str, Any]
) -> None:
    fill(farm, tenant)

    jobs = [farm.take_in(tenant, **file_of(farm)) for _ in range(2)]
    running = [farm.until(job, State.RUNNING, State.SUCCEEDED) for job in jobs]
    results = [farm.taken_in(job) for job in jobs]

    assert len({child_of(job) for job in running}) == 2
    assert sorted(result.unchanged for result in results) == [False, True]
    assert len({result.version for result in results}) == 1
    assert farm.kept(tenant) == undisturbed


def test_answers_come_while_the_cache_is_killed_and_are_kept_again_when_it_is_back(
    farm: KnowledgeFarm, tenant: str
) -> None:
    fill(farm, tenant)
    before = farm.ask(tenant, HIGHEST, fresh=False)

    farm.cache.kill()
    away = [farm.ask(tenant, HIGHEST, fresh=False) for _ in range(2)]
    farm.cache.start()

    eventually(lambda: farm.ask(tenant, HIGHEST, fresh=False).cached, what="the cache is used again")
    assert [answer.cached for answer in (before, *away)] == [False] * 3
    assert {answer.answer for answer in away} == {before.answer}
