"""Stores that are killed, locked, damaged or shared by tenants, each a real one, under ingestion and questions."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from jobs.errors import StoreUnavailable
from jobs.ingestion import IngestRequest, RebuildRequest
from jobs.knowledge import Label
from jobs.knowledge import Space as Spaces
from jobs.model import Progress
from jobs.questions import Answer, ChatAnswer, ChatRequest, Mode, QueryRequest, SimilarRequest
from stores.cache_redis import REST_S, RedisCache
from stores.corpus import read_corpus
from stores.documents import Documents, Shelf
from stores.documents_mongo import MongoDocuments
from stores.documents_sqlite import SqliteDocuments
from stores.graph import Selection
from stores.graph_falkordb import FalkorGraph
from stores.texts_tantivy import TantivyTexts
from stores.vectors import FloatArray, Space, Vectors
from stores.vectors_exact import ExactVectors
from stores.vectors_milvus import MilvusVectors
from tests.servers import RedisServer, demand, eventually, has_redis
from tests.stores.document_servers import MongoServer, RedisClusterServer, has_mongo
from tests.stores.graph_servers import FalkorServer, falkor_server  # noqa: F401  # a fixture
from tests.stores.vector_servers import MilvusServer, has_milvus
from tests.workers.query.knowledge import (
    FIRMWARE,
    TENANT,
    Running,
    csv_of,
    everything,
    graph_of,
    keep_artifact,
    keep_report,
    measured,
    real_services,
)
from tests.workers.query.test_writer import CHANGES, REPORT, old
from workers.query.breaker import GRAPH_REST_S
from workers.query.breaker import REST_S as BREAKER_REST_S
from workers.query.caching import cached_answer, warm
from workers.query.catalogue import Catalogue
from workers.query.chat import take_turn
from workers.query.ingest import ingest
from workers.query.rebuild import rebuild
from workers.query.services import QueryServices
from workers.query.similar import similar

LEAKS = "Which instructions leak?"
NOTE = "The oscilloscope was calibrated in March with a reference resistor of one ohm."
NOTED = "What was the oscilloscope calibrated with?"
GRAPH_AWAY = "graph: did not answer"
CHUNKS = Spaces.CHUNKS.value
ROOT = Path(__file__).parents[3]
LOCKER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


class Clock:
    """A clock that is set by the test."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Stopped(Running):
    """An attempt that does something when a step begins, or when it has been looked at for some times in that step."""

    def __init__(self, step: str, then: Callable[[], None], *, looks: int = 0, job_id: str = "job-1") -> None:
        super().__init__(job_id)
        self._step = step
        self._then = then
        self._looks = looks
        self.done = False

    def check(self) -> None:
        if self.progress and self.progress[-1].message == self._step and not self.done:
            self._looks -= 1
            if self._looks < 0:
                self.done = True
                self._then()

    def report(self, progress: Progress) -> None:
        super().report(progress)
        self.check()


@dataclass
class World:
    """Real stores, and what asks them."""

    services: QueryServices
    catalogue: Catalogue = field(default_factory=Catalogue)

    def take_in(self, attempt: Running | None = None, *, tenant: str = TENANT, **told: Any) -> bool:
        """Take something in; say whether it was new."""
        attempt = attempt or Running("job-0")
        request = IngestRequest(**told)
        job_id = attempt.job_id
        return not ingest(request, tenant=tenant, job_id=job_id, attempt=attempt, services=self.services).unchanged

    def fill(self, tenant: str = TENANT) -> None:
        """Take in a campaign, measurements of its instructions, and a note."""
        self.take_in(tenant=tenant, campaign=keep_report(self.services, REPORT))
        self.take_in(tenant=tenant, **old(self.services))
        self.take_in(tenant=tenant, name="note", text=NOTE)

    def ask(self, question: str = LEAKS, *, tenant: str = TENANT, **told: Any) -> Answer:
        """Ask as a worker does."""
        return cached_answer(
            QueryRequest(question=question, **told),
            tenant=tenant,
            services=self.services,
            catalogue=self.catalogue,
            owner="asker",
            check=lambda: None,
        )

    def later(self) -> None:
        """Let the time go by for which a graph that did not answer is left alone."""
        assert isinstance(self.services.timer, Clock)
        self.services.timer.now += GRAPH_REST_S

    def turn(self, message: str, *, tenant: str, session: str, job: str) -> ChatAnswer:
        """Take a turn of a conversation."""
        return take_turn(
            ChatRequest(message=message, session=session),
            tenant=tenant,
            job_id=job,
            services=self.services,
            catalogue=self.catalogue,
            check=lambda: None,
            on_token=lambda _: None,
        )

    def rebuild(self, *what: Any) -> None:
        """Make stores again."""
        request, attempt = RebuildRequest(what=what), Running("rebuild")
        rebuild(request, tenant=TENANT, job_id="rebuild", attempt=attempt, services=self.services)

    def on(self, documents: Documents) -> "World":
        """Return one on other documents, with nothing in memory."""
        vectors, texts = ExactVectors(documents), TantivyTexts(documents)
        return World(self.services._replace(documents=documents, vectors=vectors, texts=texts))

    def as_another_process(self) -> "World":
        """Return one that has nothing in memory."""
        return self.on(self.services.documents)


def said(answer: Answer) -> dict[str, Any]:
    """Return what must be the same however and whenever it was found."""
    return answer.model_dump(mode="json", exclude={"cached", "processing_time_s", "timings"})


@pytest.fixture
def graph(falkor_server: FalkorServer) -> Iterator[FalkorGraph]:  # noqa: F811  # the fixture
    falkor_server.kill()
    falkor_server.start()
    falkor_server.flush()
    graph = FalkorGraph(falkor_server.url, patience_s=0.2)
    yield graph
    graph.close()


@pytest.fixture
def world(graph: FalkorGraph, tmp_path: Path) -> World:
    return World(real_services(tmp_path, graph, timer=Clock()))


class TestGraph:
    @pytest.mark.parametrize(
        ("step", "looks"),
        [("documents", 0), ("vectors", 0), ("graph", 0), ("graph", 2), ("shared", 0)],
        ids=["before", "vectors", "graph", "amid-the-graph", "seen-and-not-settled"],
    )
    def test_killed_during_an_ingestion_nothing_half_is_seen_and_the_job_resumes(
        self,
        world: World,
        falkor_server: FalkorServer,  # noqa: F811  # the fixture
        step: str,
        looks: int,
    ) -> None:
        services = world.services
        world.fill()
        before, unseen = world.ask(), graph_of(services.graph)
        version = read_corpus(services.documents, TENANT).version
        told = CHANGES["measurements"](services)
        attempt = Stopped(step, falkor_server.kill, looks=looks)

        with pytest.raises(StoreUnavailable):
            world.take_in(attempt, **told)

        assert attempt.done
        meanwhile = world.ask()
        assert GRAPH_AWAY in meanwhile.degraded
        falkor_server.start()
        world.later()
        corpus = read_corpus(services.documents, TENANT)
        if step != "shared":
            assert corpus.hidden == {"measurements:new"}
            assert corpus.version == meanwhile.data_version == version
            assert graph_of(services.graph, hidden=corpus.hidden) == unseen
            assert (graph_of(services.graph) != unseen) is (looks > 0)
            assert said(world.ask()) == said(before)
        assert world.take_in(Running(attempt.job_id), **told) == (step != "shared")
        resumed = everything(services)
        assert resumed["corpus"][1] == []
        undisturbed = World(services)
        services.graph.erase(TENANT)
        services.documents.erase(TENANT)
        undisturbed.fill()
        undisturbed.take_in(Running(attempt.job_id), **told)
        assert everything(services)["graph"] == resumed["graph"]
        assert everything(services)["documents"] == resumed["documents"]

    def test_killed_and_restarted_it_has_all_that_was_acknowledged(
        self,
        world: World,
        falkor_server: FalkorServer,  # noqa: F811  # the fixture
    ) -> None:
        world.fill()
        before, stored = world.ask(), graph_of(world.services.graph)

        falkor_server.kill()
        structured, by_text = world.ask(), world.ask(NOTED)
        with pytest.raises(StoreUnavailable):
            world.take_in(name="late", text="Nothing of interest.")
        falkor_server.start()
        world.later()

        assert structured.degraded == by_text.degraded == (GRAPH_AWAY,)
        assert "graph" not in structured.sources
        assert by_text.evidence[0] == "chunk:note:0"
        assert said(world.ask()) == said(before)
        corpus = read_corpus(world.services.documents, TENANT)
        assert corpus.hidden == {"document:late"}
        assert graph_of(world.services.graph, hidden=corpus.hidden) == stored

    def test_killed_while_questions_are_answered_each_answer_is_whole_or_says_what_is_missing(
        self,
        world: World,
        falkor_server: FalkorServer,  # noqa: F811  # the fixture
    ) -> None:
        world.fill()
        expected = said(world.ask())
        answers: list[Answer] = []
        over = threading.Event()

        def ask() -> None:
            while not over.is_set():
                answers.append(world.ask())

        asker = threading.Thread(target=ask)
        asker.start()
        try:
            eventually(lambda: len(answers) > 3, what="questions are answered")
            falkor_server.kill()
            eventually(lambda: any(answer.degraded for answer in answers), what="an answer names the graph")
            falkor_server.start()
            world.later()
            eventually(lambda: not answers[-1].degraded, what="answers are whole again")
        finally:
            over.set()
            asker.join()

        for answer in answers:
            assert said(answer) == expected or answer.degraded == (GRAPH_AWAY,)


@pytest.fixture
def cache_server(tmp_path: Path) -> Iterator[RedisServer]:
    demand("redis", present=has_redis())
    folder = tmp_path / "cache"
    folder.mkdir()
    server = RedisServer(folder)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def cluster_server(tmp_path: Path) -> Iterator[RedisClusterServer]:
    demand("redis", present=has_redis())
    folder = tmp_path / "cluster"
    folder.mkdir()
    server = RedisClusterServer(folder)
    server.start()
    yield server
    server.kill()


class TestCache:
    def test_killed_it_slows_and_never_fails_and_is_used_again_when_it_is_back(
        self, world: World, cache_server: RedisServer
    ) -> None:
        clock = Clock()
        with closing(RedisCache(cache_server.url, clock=clock)) as cache:
            cached = World(world.services._replace(cache=cache, timer=clock))
            self._killed_and_back(cached, clock, cache_server)
            assert cache.counters()["error"] > 0

    def test_a_cluster_carries_the_whole_path_and_may_be_killed(
        self, world: World, cluster_server: RedisClusterServer
    ) -> None:
        clock = Clock()
        with closing(RedisCache(cluster_server.url, cluster=True, clock=clock)) as cache:
            cached = World(world.services._replace(cache=cache, timer=clock))
            self._killed_and_back(cached, clock, cluster_server)
            cached.take_in(name="other", text="Nothing of interest.")
            assert not cached.ask(NOTED).cached
            assert cache.tenants() == [TENANT]
            warmed = warm(
                tenant=TENANT,
                services=cached.services,
                catalogue=cached.catalogue,
                limit=5,
                check=lambda: None,
            )
            assert warmed == 1
            assert cached.ask().cached
            cache.erase(TENANT)
            assert (cache.tenants(), cached.ask(NOTED).cached) == ([], False)

    @staticmethod
    def _killed_and_back(cached: World, clock: Clock, server: RedisServer | RedisClusterServer) -> None:
        cached.fill()
        first, second = cached.ask(), cached.ask()
        server.kill()
        away = [cached.ask(), cached.ask(), cached.ask(NOTED)]
        server.start()
        clock.now += max(REST_S, BREAKER_REST_S) + 1
        back = [cached.ask(fresh=True), cached.ask(), cached.ask(NOTED), cached.ask(NOTED)]

        assert [first.cached, second.cached] == [False, True]
        assert [answer.cached for answer in away] == [False] * 3
        assert [answer.cached for answer in back] == [False, True, False, True]
        assert all(said(answer) == said(first) for answer in (second, *away[:2], *back[:2]))
        assert not away[0].degraded


class TestDocuments:
    def test_locked_by_another_process_questions_are_answered_and_ingestion_comes_back(
        self, world: World, tmp_path: Path
    ) -> None:
        world.fill()
        before = world.ask()
        impatient = SqliteDocuments(tmp_path / "documents.sqlite", patience_s=0.1, clock=world.services.clock)
        locked = world.on(impatient)
        command = [sys.executable, "-c", LOCKER, str(tmp_path / "documents.sqlite")]

        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as locker:
            assert locker.stdout is not None
            assert locker.stdout.readline() == "locked\n"
            meanwhile = locked.ask()
            with pytest.raises(StoreUnavailable, match="locked"):
                locked.take_in(name="late", text="Nothing of interest.")
            with pytest.raises(StoreUnavailable, match="locked"):
                locked.turn(LEAKS, tenant=TENANT, session="a-session", job="turn-1")
            locker.communicate("")

        assert said(meanwhile) == said(before)
        assert locked.take_in(name="late", text="Nothing of interest.")
        impatient.close()

    def test_a_file_that_is_away_is_named_and_is_as_it_was_when_it_is_back(self, world: World, tmp_path: Path) -> None:
        world.fill()
        before = world.ask()
        path = tmp_path / "documents.sqlite"
        documents = SqliteDocuments(path, patience_s=0.1, clock=world.services.clock)
        other = world.on(documents)
        assert isinstance(world.services.documents, SqliteDocuments)
        world.services.documents.close()

        path.rename(tmp_path / "away")
        for reader in (world, other):
            with pytest.raises(StoreUnavailable, match="SQLite"):
                reader.ask()
            with pytest.raises(StoreUnavailable, match="SQLite"):
                reader.take_in(name="late", text="Nothing of interest.")
        (tmp_path / "away").rename(path)

        assert said(world.ask()) == said(other.ask()) == said(before)
        documents.close()

    def test_a_file_that_goes_away_amid_a_question_fails_it_with_a_type(self, world: World, tmp_path: Path) -> None:
        world.fill()
        before = world.ask(NOTED)
        path = tmp_path / "documents.sqlite"
        encoder, documents = world.services.encoder, world.services.documents
        assert isinstance(documents, SqliteDocuments)
        close = documents.close

        class Renaming:
            """Takes the file away when a question comes to its meaning."""

            model, dimensions = encoder.model, encoder.dimensions

            def encode(self, texts: Sequence[str]) -> FloatArray:
                close()
                path.rename(tmp_path / "away")
                return encoder.encode(texts)

        amid = World(world.services._replace(encoder=Renaming()))
        with pytest.raises(StoreUnavailable, match="SQLite"):
            amid.ask(NOTED)
        (tmp_path / "away").rename(path)

        assert said(world.ask(NOTED)) == said(before)

    @pytest.mark.parametrize("step", ["vectors", "shared"])
    def test_mongodb_gone_amid_an_ingestion_nothing_half_is_seen_and_the_job_resumes(
        self, step: str, world: World, mongo_server: MongoServer
    ) -> None:
        with closing(MongoDocuments(mongo_server.url, patience_s=1, clock=world.services.clock)) as documents:
            documents.migrate()
            documents.erase(TENANT)
            served = world.on(documents)
            served.fill()
            before = served.ask()
            told = CHANGES["measurements"](served.services)
            # Not killed: this server, unlike a real one, may then lose its last second, and half of what belongs together.
            attempt = Stopped(step, mongo_server.stop)

            with pytest.raises(StoreUnavailable, match="MongoDB"):
                served.take_in(attempt, **told)
            with pytest.raises(StoreUnavailable, match="MongoDB"):
                served.ask()

            mongo_server.start()
            assert attempt.done
            if step == "vectors":
                assert said(served.ask()) == said(before)
                hidden = read_corpus(documents, TENANT).hidden
                seen = served.services.graph.select(TENANT, Selection(Label.MEASUREMENT), hidden=hidden)
                assert {node.properties["batch_id"] for node in seen} == {"measurements:old"}
            served.take_in(Running(attempt.job_id), **told)
            resumed = everything(served.services)
            served.services.graph.erase(TENANT)
            world.fill()
            world.take_in(Running(attempt.job_id), **told)
            expected = everything(world.services)
            for store in ("graph", "texts", "corpus"):
                assert resumed[store] == expected[store]


@pytest.fixture(scope="session")
def mongo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoServer]:
    demand("mongodb", present=has_mongo())
    server = MongoServer(tmp_path_factory.mktemp("mongo-faults"))
    server.start()
    yield server
    server.kill()


def hits(world: World) -> dict[str, list[tuple[str, float]]]:
    """Return what is near some texts in each space."""
    encoder = world.services.encoder
    found = {}
    for name in (Spaces.INSTRUCTIONS.value, CHUNKS):
        space = Space(name, encoder.model, encoder.dimensions)
        near = world.services.vectors.nearest(TENANT, space, encoder.encode([NOTED])[0], limit=20)
        found[name] = [(hit.id, round(hit.score, 5)) for hit in near]
    return found


class TestVectors:
    def test_the_exact_index_is_made_from_the_documents_by_every_process(self, world: World) -> None:
        world.fill()
        expected = hits(world)

        again = world.as_another_process()

        assert all(expected.values())
        assert hits(again) == expected
        assert said(again.ask(NOTED)) == said(world.ask(NOTED))

    def test_vectors_damaged_in_the_file_are_left_out_and_made_again(self, world: World, tmp_path: Path) -> None:
        world.fill()
        expected, before = hits(world), world.ask(NOTED)
        with closing(sqlite3.connect(tmp_path / "documents.sqlite")) as connection, connection:
            connection.execute("UPDATE vectors SET blob = substr(blob, 1, 7)")
        damaged = world.as_another_process()

        assert not any(hits(damaged).values())
        # Its words find it all the same.
        assert damaged.ask(NOTED).evidence[0] == before.evidence[0]
        damaged.rebuild("vectors")

        assert hits(damaged) == expected
        assert hits(damaged.as_another_process()) == expected
        assert said(damaged.ask(NOTED))["answer"] == before.answer

    @pytest.mark.parametrize("head", ["vectors", "passages"])
    def test_without_its_head_a_trail_is_empty_until_it_is_made_again(
        self, head: str, world: World, tmp_path: Path
    ) -> None:
        world.fill()
        expected, found = hits(world), world.services.texts.best(TENANT, NOTED, limit=5)
        with closing(sqlite3.connect(tmp_path / "documents.sqlite")) as connection, connection:
            connection.execute("DELETE FROM heads WHERE id LIKE ?", (f"{head}%",))
        headless = world.as_another_process()

        headless.rebuild("vectors", "texts")

        again = headless.as_another_process()
        for process in (headless, again, world):
            assert hits(process) == expected
            assert [hit.id for hit in process.services.texts.best(TENANT, NOTED, limit=5)] == [hit.id for hit in found]

    @pytest.mark.parametrize("damaged", ["schema.json", "*.parquet"])
    def test_a_milvus_whose_directory_is_damaged_is_named_and_made_again(
        self, damaged: str, world: World, milvus_server: MilvusServer
    ) -> None:
        vectors: Vectors = MilvusVectors(milvus_server.url, token=None, patience_s=3)
        vectors.erase(TENANT)
        served = World(world.services._replace(vectors=vectors))
        served.fill()
        expected, before = hits(served), served.ask(NOTED)
        data = milvus_server.folder / "data"
        milvus_server.kill()
        for path in list(data.rglob(damaged)):
            path.write_bytes(b"damaged" * 100)

        down = served.ask(NOTED)
        milvus_server.start()
        unreadable = served.ask(NOTED)
        served.rebuild("vectors")

        for degraded in (down, unreadable):
            assert degraded.degraded == ("vector: did not answer",)
            assert degraded.evidence[0] == "chunk:note:0"
        assert hits(served) == expected
        assert said(served.ask(NOTED)) == said(before)


@pytest.fixture(scope="session")
def milvus_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusServer]:
    demand("milvus", present=has_milvus())
    server = MilvusServer(tmp_path_factory.mktemp("milvus-faults"))
    server.start()
    yield server
    server.kill()


TENANTS = ("ana", "ana2")
COLOURS = {"ana": "scarlet", "ana2": "turquoise"}
QUESTIONS = (LEAKS, "What does the oscilloscope do at night?")


class TestTenants:
    @pytest.fixture
    def shared(self, world: World, cache_server: RedisServer) -> Iterator[World]:
        """Return stores in which two tenants have different things under equal names, and have asked about them."""
        with closing(RedisCache(cache_server.url)) as cache:
            shared = World(world.services._replace(cache=cache))
            for number, tenant in enumerate(TENANTS):
                columns = measured(200, 4, seed=number, firmware=FIRMWARE, first=REPORT.rows[0].place.address)
                artifact = keep_artifact(shared.services, csv_of(columns), "text/csv", tenant=tenant)
                report = REPORT.model_copy(update={"findings": REPORT.findings[number:], "headline": COLOURS[tenant]})
                shared.take_in(tenant=tenant, name="m", artifact=artifact, firmware=f"sha256:{FIRMWARE}")
                shared.take_in(tenant=tenant, campaign=keep_report(shared.services, report))
                shared.take_in(tenant=tenant, name="note", text=f"The {COLOURS[tenant]} oscilloscope hums at night.")
                for question in QUESTIONS:
                    assert not shared.ask(question, tenant=tenant).cached
                shared.turn(QUESTIONS[1], tenant=tenant, session="a-session", job="turn-1")
            yield shared

    def test_none_sees_anything_of_the_other_however_it_asks(self, shared: World) -> None:
        for tenant in TENANTS:
            services = shared.services
            text = str(everything(services, tenant=tenant))
            vector = services.encoder.encode(["The scarlet turquoise oscilloscope hums at night."])[0]
            space = Space(CHUNKS, services.encoder.model, services.encoder.dimensions)
            hits = services.vectors.nearest(tenant, space, vector, limit=50)
            hits += services.texts.best(tenant, "scarlet turquoise oscilloscope", limit=50)
            around = services.graph.neighbourhood(tenant, ["document:note", "chunk:note:0"], hops=3)
            instruction = f"{FIRMWARE[:12]}:{REPORT.rows[0].place.address:08x}"
            alike = similar(SimilarRequest(instruction=instruction), tenant=tenant, services=services)
            own = {record.id for record in services.documents.find(tenant, Shelf.PROFILES, batch="measurements:m")}
            answers = [
                shared.ask(question, tenant=tenant, mode=mode, fresh=fresh).model_dump_json()
                for question in QUESTIONS
                for mode in Mode
                for fresh in (False, True)
            ]
            turn = shared.turn("And at night?", tenant=tenant, session="a-session", job="turn-2")
            passages = services.texts.passages(tenant, [hit.id for hit in hits])

            for seen in (text, str(around), str(passages), str(answers), turn.model_dump_json()):
                assert COLOURS[tenant] in seen
                assert not any(COLOURS[other] in seen for other in TENANTS if other != tenant)
            assert len(passages) == len({hit.id for hit in hits})
            assert {f"measurements:m|{each.id}" for each in alike.similar} < own
            assert turn.turn.position == 1
        one, other = (shared.ask(tenant=tenant) for tenant in TENANTS)
        assert (one.cached, other.cached) == (True, True)
        assert one.evidence != other.evidence

    def test_erased_nothing_is_left_of_one_in_any_store_and_all_of_the_other(
        self,
        shared: World,
        cache_server: RedisServer,
        falkor_server: FalkorServer,  # noqa: F811  # the fixture
        tmp_path: Path,
    ) -> None:
        gone, kept = TENANTS
        services = shared.services
        cache = services.cache
        assert cache is not None
        before = everything(services, tenant=kept)
        assert all(self._left(gone, tmp_path, falkor_server, cache_server))

        for store in (services.vectors, services.texts, services.graph, services.documents, cache):
            store.erase(gone)

        assert self._left(gone, tmp_path, falkor_server, cache_server) == ({}, [], [])
        assert everything(services, tenant=kept) == before
        assert shared.ask(tenant=kept).cached
        assert shared.turn("And at night?", tenant=kept, session="a-session", job="turn-2").turn.position == 1
        for process in (shared, shared.as_another_process()):
            answer = process.ask(QUESTIONS[1], tenant=gone, fresh=True)
            assert (answer.abstained, answer.data_version, answer.cited) == (True, 0, ())

    @staticmethod
    def _left(
        tenant: str,
        folder: Path,
        graph: FalkorServer,
        cache: RedisServer,
    ) -> tuple[dict[str, int], list[str], list[str]]:
        """Return rows by table, graphs and keys of a tenant, as the servers themselves tell."""
        with closing(sqlite3.connect(folder / "documents.sqlite")) as connection:
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            rows = {
                table: connection.execute(f"SELECT count(*) FROM {table} WHERE tenant = ?", (tenant,)).fetchone()[0]  # noqa: S608
                for table in tables
            }
        with Redis.from_url(graph.url, decode_responses=True) as redis:
            graphs = [name for name in redis.scan_iter() if name.split(":", 1)[1] == tenant]
        with Redis.from_url(cache.url, decode_responses=True) as redis:
            keys = [name for name in redis.scan_iter() if tenant in name.split(":")]
            keys += [name for name in redis.smembers("cache:tenants") if name == tenant]
        return {table: count for table, count in rows.items() if count}, graphs, keys
