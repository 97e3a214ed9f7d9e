"""Ingestion and questions by workers in processes of their own, whose stores and processes are killed. Each test is a tenant."""

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from signal import SIGKILL
from typing import Any

import pytest
from redis import Redis

from jobs.errors import NotFound
from jobs.identity import HOME, Role
from jobs.ingestion import IngestRequest
from jobs.knowledge import Label
from jobs.model import Job, NewJob, State
from jobs.questions import ChatRequest
from jobs.queue import CHAT, ERASURE, INGESTION
from jobs.tenancy import EraseRequest
from stores.audit_redis import RedisAudit
from stores.corpus import read_corpus
from stores.documents import Shelf
from stores.graph import Selection
from stores.holdings_redis import RedisHoldings
from stores.identity import ApiKey, Entry, Tenant
from stores.identity_redis import RedisKeys, RedisTenants
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


def file_of(farm: KnowledgeFarm, tenant: str) -> dict[str, Any]:
    """Return what is asked for to take in measurements that keep a worker busy for seconds."""
    return {
        "name": "m",
        "artifact": keep_artifact(farm.stores, csv_of(measured(6000, 1500)), "text/csv", tenant=tenant),
    }


def fill(farm: KnowledgeFarm, tenant: str) -> None:
    """Have a note and measurements of another firmware taken in, one of whose instructions takes most energy of all."""
    columns = measured(200, 4, seed=1, firmware=OTHER)
    data = csv_of(columns | {"energy": 100 * columns["energy"]})
    farm.taken_in(
        farm.take_in(tenant, name="other", artifact=keep_artifact(farm.stores, data, "text/csv", tenant=tenant))
    )
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
    idle.taken_in(idle.take_in("undisturbed", **file_of(idle, "undisturbed")))
    return idle.kept("undisturbed")


@pytest.mark.parametrize("step", ["documents", "graph"])
def test_a_graph_killed_amid_an_ingestion_is_named_to_those_who_ask_and_the_job_ends_when_it_is_back(
    farm: KnowledgeFarm, tenant: str, undisturbed: dict[str, Any], step: str
) -> None:
    fill(farm, tenant)
    before = farm.ask(tenant, HIGHEST)
    job = farm.take_in(tenant, **file_of(farm, tenant))

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
    job = farm.take_in(tenant, **file_of(farm, tenant))

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

    jobs = [farm.take_in(tenant, **file_of(farm, tenant)) for _ in range(2)]
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


def bring(farm: KnowledgeFarm, tenant: str) -> None:
    """Give a tenant something in every store, also where no worker writes."""
    audit, at = RedisAudit(farm.redis), datetime.now(UTC)
    RedisTenants(farm.redis).add(Tenant(tenant, at, "somebody"))
    RedisKeys(farm.redis).add(ApiKey(tenant[:8], tenant, Role.ADMIN, "boss", at, "test"), "digest")
    entry = Entry(at, tenant, "boss", Role.ADMIN, "POST", "/api/v2/jobs", "submit_job", 202, None, None, "id")
    audit.append(entry)
    audit.append(replace(entry, status=403))
    artifact = farm.stores.artifacts.put(tenant, [tenant.encode()], media_type="text/plain", limit_bytes=99)[0].id
    note = farm.bring(tenant, INGESTION, IngestRequest(name="note", text=f"{NOTE} It belongs to {tenant}."))
    farm.taken_in(note)
    farm.ask(tenant, HIGHEST, fresh=False)
    turn = farm.bring(tenant, CHAT, ChatRequest(message="What was calibrated?", session="session-1"))
    assert farm.until(turn, State.SUCCEEDED, State.FAILED, within_s=90).state is State.SUCCEEDED
    for files in (farm.stores.campaigns, farm.stores.rems):
        files.write(note, "report.json", [artifact.encode()])
    # One whose end somebody is to be told; nobody is there to do so.
    told = NewJob(f"{note}.member", "ping", {}, tenant, batch=f"{note}.batch", callback_url="https://acme.example/x")
    farm.jobs.submit(told)
    farm.jobs.cancel(told.id)
    eventually(lambda: all(job.state.final for job in parts_of(farm, tenant)), what="nothing of it is under way")


def parts_of(farm: KnowledgeFarm, tenant: str) -> list[Job]:
    return [job for job in RedisHoldings(farm.redis).every(tenant) if not job.id.endswith(".member")]


def bytes_of(farm: KnowledgeFarm, tenant: str) -> dict[str, Any]:
    """Return what lies in every store of a tenant, as it lies there."""
    jobs = [job.id for job in RedisHoldings(farm.redis).every(tenant)]
    found: dict[str, Any] = {}
    for server in (farm.server, farm.cache):
        with Redis.from_url(server.url) as redis:
            for key in redis.scan_iter(count=1000):
                name = key.decode()
                if tenant in name or tenant[:8] in name or any(job in name for job in jobs):
                    found[f"{server.port}/{name}"] = redis.dump(key)
    with sqlite3.connect(farm.folder / "knowledge" / "documents.sqlite") as connection:
        for shelf in Shelf:
            rows = connection.execute(f"SELECT * FROM {shelf} WHERE tenant = ? ORDER BY id", (tenant,))  # noqa: S608  # a name of ours
            found[f"sqlite/{shelf}"] = rows.fetchall()
    nodes = [node for _, node in farm.stores.graph.page(tenant, after=-1, limit=5000)]
    found["graph"] = nodes, farm.stores.graph.relations(tenant, [node.id for node in nodes])
    for path in sorted(farm.folder.rglob("*")):
        if path.is_file() and (f"artifacts/{tenant}/" in str(path) or any(f"/{job}/" in str(path) for job in jobs)):
            found[str(path)] = path.read_bytes()
    return found


def traces_of(farm: KnowledgeFarm, tenant: str) -> list[str]:
    """Return where anything at all of a tenant is still named, but for the erasure itself."""
    found = []
    for server in (farm.server, farm.cache, farm.graph):
        with Redis.from_url(server.url) as redis:
            for key in redis.scan_iter(count=1000):
                kind = redis.type(key)
                dump = redis.dump(key) if kind != b"graphdata" else b""
                if tenant.encode() in key or tenant.encode() in bytes(dump or b""):
                    found.append(f"{server.port}/{key.decode()}")
    with sqlite3.connect(farm.folder / "knowledge" / "documents.sqlite") as connection:
        for shelf in Shelf:
            # As everything that a row has, in whatever column.
            rows = connection.execute(f"SELECT * FROM {shelf}").fetchall()  # noqa: S608  # a name of ours
            found += [f"sqlite/{shelf}" for row in rows if tenant in str(row)]
    return found + [str(path) for path in farm.folder.rglob("*") if tenant in str(path.relative_to(farm.folder))]


def test_an_erased_tenant_is_in_no_store_and_its_neighbour_is_there_byte_for_byte(
    farm: KnowledgeFarm, tenant: str
) -> None:
    neighbour = hashlib.sha256(tenant.encode()).hexdigest()[:12]
    bring(farm, tenant)
    bring(farm, neighbour)
    before = bytes_of(farm, neighbour)
    data = csv_of(measured(6000, 1500))
    artifact = farm.stores.artifacts.put(tenant, [data], media_type="text/csv", limit_bytes=10**9)[0].id
    running = farm.bring(tenant, INGESTION, IngestRequest(name="m", artifact=artifact))
    farm.running(running)
    waiting = [farm.take_in(tenant, name=f"late-{number}", text=NOTE) for number in range(3)]

    job_id = farm.bring(HOME, ERASURE, EraseRequest(tenant=tenant))
    job = farm.until(job_id, State.SUCCEEDED, State.FAILED, within_s=120)

    assert job.state is State.SUCCEEDED, job.error
    assert job.result is not None
    assert set(job.result["holds"].values()) == {0}
    assert {name for name, count in job.result["removed"].items() if not count} <= {"queue"}
    named = [where for where in traces_of(farm, tenant) if not where.endswith(f"/job:{job_id}")]
    assert named == []
    after = bytes_of(farm, neighbour)
    assert sorted(name for name in before if before[name] != after.get(name)) == []
    assert sorted(set(after) - set(before)) == []
    assert len(before) > 30
    for gone in (running, *waiting):
        with pytest.raises(NotFound):
            farm.jobs.get(gone)
