"""One suite for all stores of vectors, and what is special about each."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from pymilvus import DataType, MilvusClient
from structlog.testing import capture_logs

from jobs.errors import InvalidInput, StoreUnavailable
from stores.documents import Documents, Record, Shelf
from stores.documents_sqlite import SqliteDocuments
from stores.exact_matrix import Matrix
from stores.follower import REMOVALS_KEPT
from stores.memory_documents import MemoryDocuments
from stores.vectors import FloatArray, Row, Space, Vectors
from stores.vectors_exact import ExactVectors
from stores.vectors_milvus import MilvusVectors, _collection
from tests.servers import demand, eventually, free_port
from tests.stores.vector_servers import MilvusServer, has_milvus

SPACE = Space("chunk_embeddings", "letters-1", 24)
OTHER = Space("chunk_embeddings", "letters-2", 24)
TENANT = "acme"

Open = Callable[[], Vectors]
"""Opens the same store once more, as another process would."""


def unit(rows: int, *, seed: int, dimensions: int = SPACE.dimensions) -> FloatArray:
    matrix = np.random.default_rng(seed).standard_normal((rows, dimensions)).astype(np.float32)
    directions: FloatArray = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
    return directions


def named(matrix: FloatArray, prefix: str = "v") -> list[Row]:
    return [Row(f"{prefix}{n:05}", vector) for n, vector in enumerate(matrix)]


def ids(
    vectors: Vectors, vector: FloatArray, *, limit: int = 10, tenant: str = TENANT, space: Space = SPACE
) -> list[str]:
    return [hit.id for hit in vectors.nearest(tenant, space, vector, limit=limit)]


@pytest.fixture(scope="session")
def milvus_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusServer]:
    demand("milvus", present=has_milvus())
    server = MilvusServer(tmp_path_factory.mktemp("milvus"))
    server.start()
    yield server
    server.stop()


def milvus(server: MilvusServer) -> MilvusVectors:
    return MilvusVectors(server.url, token=None, patience_s=60)


@pytest.fixture
def sqlite_documents(tmp_path: Path) -> Iterator[SqliteDocuments]:
    documents = SqliteDocuments(tmp_path / "documents.sqlite", patience_s=30)
    documents.migrate()
    yield documents
    documents.close()


@pytest.fixture(params=["memory", "sqlite", "milvus"])
def reopen(request: pytest.FixtureRequest) -> Open:
    """Return what opens an empty store, the same one each time."""
    if request.param == "milvus":
        server = request.getfixturevalue("milvus_server")
        for tenant in (TENANT, f"{TENANT}_2", "x' or 1 == 1 --"):
            milvus(server).erase(tenant)
        return lambda: milvus(server)
    documents = MemoryDocuments() if request.param == "memory" else request.getfixturevalue("sqlite_documents")
    return lambda: ExactVectors(documents)


@pytest.fixture
def vectors(reopen: Open) -> Vectors:
    store = reopen()
    store.migrate()
    store.migrate()
    return store


def test_the_nearest_are_those_of_brute_force_best_first(vectors: Vectors) -> None:
    matrix, questions = unit(300, seed=1), unit(5, seed=2)
    vectors.upsert(TENANT, SPACE, named(matrix))

    for question in questions:
        hits = vectors.nearest(TENANT, SPACE, question * 3, limit=10)

        cosines = matrix.astype(np.float64) @ question
        best = np.argsort(-cosines)[:10]
        assert [hit.id for hit in hits] == [f"v{n:05}" for n in best]
        np.testing.assert_allclose([hit.score for hit in hits], cosines[best], atol=1e-5)
    assert vectors.count(TENANT, SPACE) == 300


def test_equal_scores_are_ordered_by_id_whatever_the_limit(vectors: Vectors) -> None:
    one, other = unit(2, seed=3)
    rows = [Row(f"same{n:03}", one) for n in np.random.default_rng(4).permutation(40)]
    vectors.upsert(TENANT, SPACE, [*rows[:20], Row("other", other), *rows[20:]])

    assert ids(vectors, one, limit=7) == [f"same{n:03}" for n in range(7)]
    assert ids(vectors, one, limit=500) == [*(f"same{n:03}" for n in range(40)), "other"]


def test_an_unknown_space_is_empty(vectors: Vectors) -> None:
    question = unit(1, seed=5)[0]

    assert vectors.nearest(TENANT, SPACE, question, limit=5) == []
    assert vectors.count(TENANT, SPACE) == 0
    assert vectors.vectors(TENANT, SPACE, ["a"]) == {}
    vectors.remove(TENANT, SPACE, ["a"])
    vectors.drop(TENANT, SPACE)
    vectors.upsert(TENANT, SPACE, [])
    vectors.erase(TENANT)
    vectors.ping()
    assert vectors.count(TENANT, SPACE) == 0


def test_a_vector_written_again_replaces_the_first(vectors: Vectors) -> None:
    before, after, third = unit(3, seed=6)
    vectors.upsert(TENANT, SPACE, [Row("a", before), Row("b", third)])
    assert ids(vectors, before, limit=1) == ["a"]

    for _ in range(2):
        vectors.upsert(TENANT, SPACE, [Row("a", after)])

    [best, *_] = vectors.nearest(TENANT, SPACE, after, limit=2)
    assert best.id == "a"
    assert best.score == pytest.approx(1, abs=1e-5)
    assert vectors.count(TENANT, SPACE) == 2


def test_vectors_are_given_back_by_id(vectors: Vectors) -> None:
    matrix = unit(3, seed=7)
    vectors.upsert(TENANT, SPACE, named(matrix))

    found = vectors.vectors(TENANT, SPACE, ["v00002", "none", "v00000", "v00002"])

    assert set(found) == {"v00000", "v00002"}
    np.testing.assert_allclose(found["v00002"], matrix[2], atol=1e-7)
    assert found["v00002"].dtype == np.float32


def test_what_one_process_writes_the_others_find_at_once(reopen: Open) -> None:
    one, other = reopen(), reopen()
    one.migrate()
    matrix = unit(40, seed=8)
    assert ids(other, matrix[0]) == []

    for n, row in enumerate(named(matrix)):
        (one, other)[n % 2].upsert(TENANT, SPACE, [row])

        assert ids((one, other)[(n + 1) % 2], row.vector, limit=1) == [row.id]
    assert ids(reopen(), matrix[0], limit=40) == ids(one, matrix[0], limit=40) == ids(other, matrix[0], limit=40)


def test_what_one_process_removes_no_other_finds(reopen: Open) -> None:
    one, other = reopen(), reopen()
    one.migrate()
    matrix = unit(20, seed=9)
    one.upsert(TENANT, SPACE, named(matrix))
    assert ids(other, matrix[3], limit=1) == ["v00003"]

    one.remove(TENANT, SPACE, ["v00003", "none"])

    assert "v00003" not in ids(other, matrix[3], limit=20)
    assert len(ids(one, matrix[3], limit=20)) == 19
    other.upsert(TENANT, SPACE, named(matrix)[3:4])
    assert ids(one, matrix[3], limit=1) == ["v00003"]


def test_a_dropped_space_is_empty_everywhere_and_can_be_filled_again(reopen: Open) -> None:
    one, other = reopen(), reopen()
    one.migrate()
    matrix = unit(20, seed=10)
    for row in named(matrix):
        one.upsert(TENANT, SPACE, [row])
    assert len(ids(other, matrix[0], limit=99)) == 20

    one.drop(TENANT, SPACE)
    for row in named(matrix[:5], "new"):
        one.upsert(TENANT, SPACE, [row])

    assert ids(other, matrix[0], limit=1) == ["new00000"]
    assert len(ids(other, matrix[0], limit=99)) == 5


def test_tenants_and_spaces_are_kept_apart(vectors: Vectors) -> None:
    matrix = unit(4, seed=11)
    tenants = (TENANT, f"{TENANT}_2", "x' or 1 == 1 --")
    for tenant, vector in zip(tenants, matrix, strict=False):
        vectors.upsert(tenant, SPACE, [Row("a", vector)])
    vectors.upsert(TENANT, OTHER, [Row("a", matrix[3])])

    for tenant, vector in zip(tenants, matrix, strict=False):
        [hit] = vectors.nearest(tenant, SPACE, vector, limit=9)
        assert hit.score == pytest.approx(1, abs=1e-5)
    assert [vectors.held(tenant) > 0 for tenant in tenants] == [True, True, True]
    vectors.erase(TENANT)
    assert [vectors.count(tenant, SPACE) for tenant in tenants] == [0, 1, 1]
    assert [vectors.held(tenant) > 0 for tenant in tenants] == [False, True, True]
    assert vectors.count(TENANT, OTHER) == 0
    assert ids(vectors, matrix[0]) == []
    assert ids(vectors, matrix[1], tenant=tenants[1]) == ["a"]


def test_any_id_is_only_an_id(vectors: Vectors) -> None:
    names = ["q\"uo'te", "back\\slash", "percent% _", "línea 🙂", "' or id != '", "a\tb", "1"]
    matrix = unit(len(names) + 1, seed=12)
    vectors.upsert(TENANT, SPACE, [Row(name, vector) for name, vector in zip([*names, "other"], matrix, strict=True)])

    for n, name in enumerate(names):
        assert list(vectors.vectors(TENANT, SPACE, [name])) == [name]
        assert ids(vectors, matrix[n], limit=1) == [name]
        vectors.remove(TENANT, SPACE, [name])
        assert sorted(ids(vectors, matrix[n])) == sorted([*names[n + 1 :], "other"])


@pytest.mark.parametrize("wrong", [np.ones(3), np.ones(24), np.zeros(24), np.full(24, np.nan), np.full(24, np.inf)])
def test_what_is_no_unit_vector_of_the_space_is_refused(vectors: Vectors, wrong: FloatArray) -> None:
    with pytest.raises(InvalidInput):
        vectors.upsert(TENANT, SPACE, [Row("a", wrong.astype(np.float32))])

    assert vectors.count(TENANT, SPACE) == 0


@pytest.mark.parametrize("wrong", [np.ones(3), np.zeros(24), np.full(24, np.nan)])
def test_a_question_without_a_direction_is_refused(vectors: Vectors, wrong: FloatArray) -> None:
    with pytest.raises(InvalidInput):
        vectors.nearest(TENANT, SPACE, wrong.astype(np.float32), limit=1)


def test_a_limit_below_one_finds_nothing(vectors: Vectors) -> None:
    matrix = unit(2, seed=13)
    vectors.upsert(TENANT, SPACE, named(matrix))

    assert vectors.nearest(TENANT, SPACE, matrix[0], limit=0) == []


def test_writers_at_the_same_time_lose_nothing(reopen: Open) -> None:
    if isinstance(reopen(), MilvusVectors):
        pytest.skip("Milvus Lite has one writer")
    reopen().migrate()
    matrix = unit(60, seed=14)
    rows = named(matrix)

    def write(first: int) -> None:
        store = reopen()
        for n in range(first, 60, 3):
            store.upsert(TENANT, SPACE, [rows[n]])
            if n % 4 == 0:
                store.remove(TENANT, SPACE, [rows[n].id])

    watcher = reopen()
    with ThreadPoolExecutor(3) as pool:
        written = [pool.submit(write, first) for first in range(3)]
        while not all(done.done() for done in written):
            ids(watcher, matrix[0], limit=60)
        for done in written:
            done.result()

    expected = {row.id for n, row in enumerate(rows) if n % 4}
    assert set(ids(watcher, matrix[0], limit=60)) == expected
    assert set(ids(reopen(), matrix[0], limit=60)) == expected


# The exact store


@pytest.fixture
def documents() -> Documents:
    return MemoryDocuments()


def test_results_do_not_depend_on_how_the_rows_came() -> None:
    """Bits of scores included: copies of a vector tie wherever they lie."""
    distinct = unit(40, seed=20, dimensions=384)
    # Fast products treat the last few of an odd number of rows in a way of their own.
    matrix = np.vstack([np.repeat(distinct, 25, axis=0), distinct[[0, 0, 0]]])
    names = [f"r{n:04}" for n in range(1000)] + ["a1", "a2", "a3"]
    order = np.random.default_rng(21).permutation(1003)
    whole, grown = Matrix(384), Matrix(384)

    whole.put(names, matrix)
    for some in np.array_split(order, 13):
        grown.put([names[n] for n in some], matrix[some])
        grown.put(["gone"], matrix[:1])
        grown.discard(["gone", names[some[0]]])
        grown.put([names[some[0]]], matrix[some[:1]])

    assert len(whole) == len(grown) == 1003
    for question in [*unit(5, seed=22, dimensions=384), *((distinct[0] + unit(9, seed=23, dimensions=384)) / 2)]:
        assert [hit.id for hit in whole.nearest(distinct[0], limit=4)] == ["a1", "a2", "a3", "r0000"]
        for limit in (1, 10, 30, 1000, 2000):
            hits = whole.nearest(question, limit=limit)
            assert hits == grown.nearest(question, limit=limit)
            assert [(-hit.score, hit.id) for hit in hits] == sorted((-hit.score, hit.id) for hit in hits)


def test_a_damaged_vector_is_passed_over_and_logged(documents: Documents) -> None:
    store = ExactVectors(documents)
    matrix = unit(4, seed=23)
    store.upsert(TENANT, SPACE, named(matrix))
    bad = [b"", b"\0" * 96, b"\xff" * 96, matrix[0].tobytes()[:-1]]
    records = [Record(f"{SPACE.key}/bad{n}", {}, group=SPACE.key, at=1, blob=blob) for n, blob in enumerate(bad)]
    documents.put(TENANT, Shelf.VECTORS, records)

    with capture_logs() as logs:
        found = ids(store, matrix[0], limit=99)

    assert sorted(found) == [row.id for row in named(matrix)]
    assert [(line["event"], line["count"]) for line in logs] == [("vectors_damaged", 4)]


def test_more_vectors_than_fit_are_refused_and_milvus_is_named(documents: Documents) -> None:
    store = ExactVectors(documents, max_rows=10)
    rows = named(unit(11, seed=24))
    store.upsert(TENANT, SPACE, rows[:10])

    store.upsert(TENANT, SPACE, rows[5:10])
    with pytest.raises(InvalidInput, match="Milvus"):
        store.upsert(TENANT, SPACE, rows[9:])
    with pytest.raises(StoreUnavailable, match="Milvus"):
        ExactVectors(documents, max_rows=9).nearest(TENANT, SPACE, rows[0].vector, limit=1)

    assert len(ids(store, rows[0].vector, limit=99)) == 10


def test_tenants_that_were_let_go_are_read_again_when_asked_for(documents: Documents) -> None:
    store = ExactVectors(documents, budget_bytes=1)
    matrix = unit(8, seed=25)
    for n, row in enumerate(named(matrix)):
        store.upsert(f"tenant{n}", SPACE, [row])

    for _ in range(2):
        for n, row in enumerate(named(matrix)):
            assert ids(store, row.vector, tenant=f"tenant{n}") == [row.id]

    assert len(store._indexes) == 1


def test_a_reader_that_was_away_for_many_removals_catches_up(documents: Documents) -> None:
    one, other = ExactVectors(documents), ExactVectors(documents)
    matrix = unit(REMOVALS_KEPT * 2, seed=26)
    rows = named(matrix)
    one.upsert(TENANT, SPACE, rows)
    assert len(ids(other, matrix[0], limit=999)) == len(rows)

    for row in rows[: REMOVALS_KEPT + 50]:
        one.remove(TENANT, SPACE, [row.id])

    assert set(ids(other, matrix[0], limit=999)) == {row.id for row in rows[REMOVALS_KEPT + 50 :]}
    assert documents.count(TENANT, Shelf.HEADS) <= REMOVALS_KEPT + 2
    late = ExactVectors(documents)
    one.remove(TENANT, SPACE, [rows[-1].id])
    assert ids(late, matrix[0], limit=999) == ids(other, matrix[0], limit=999)


def test_very_many_removals_at_once_are_seen_by_all(documents: Documents) -> None:
    one, other = ExactVectors(documents), ExactVectors(documents)
    rows = named(unit(30, seed=27))
    one.upsert(TENANT, SPACE, rows)
    assert len(ids(other, rows[0].vector, limit=99)) == 30

    one.remove(TENANT, SPACE, [*(f"none{n}" for n in range(10_000)), *(row.id for row in rows[:20])])

    assert len(ids(other, rows[0].vector, limit=99)) == 10


def test_a_removal_that_is_told_late_does_not_hide_what_was_written_since(documents: Documents) -> None:
    store, other = ExactVectors(documents), ExactVectors(documents)
    rows = named(unit(2, seed=32))
    store.upsert(TENANT, SPACE, rows)
    assert len(ids(other, rows[0].vector)) == 2

    # A remover that was slow between its two steps: meanwhile somebody wrote the vector again.
    store._trail(TENANT, SPACE.key)._tell([f"{SPACE.key}/{rows[0].id}"])

    assert ids(other, rows[0].vector, limit=1) == [rows[0].id]


def test_a_write_that_was_cut_off_is_seen_once_it_is_repeated(documents: Documents) -> None:
    rows = named(unit(3, seed=28))
    store, other = ExactVectors(documents), ExactVectors(documents)
    store.upsert(TENANT, SPACE, rows[:1])
    assert len(ids(other, rows[0].vector)) == 1
    # A process that died between its records and the head leaves this.
    orphan = Record(f"{SPACE.key}/{rows[1].id}", {}, group=SPACE.key, at=2, blob=rows[1].vector.tobytes())
    documents.put(TENANT, Shelf.VECTORS, [orphan])

    store.upsert(TENANT, SPACE, rows[1:])

    assert len(ids(other, rows[0].vector)) == 3


class Interrupted(MemoryDocuments):
    """Documents that go away while a shelf is read, as often as they are told to."""

    failures = 0

    def find(self, *arguments: Any, **conditions: Any) -> list[Record]:
        found = super().find(*arguments, **conditions)
        if found and conditions.get("after") is not None and self.failures:
            self.failures -= 1
            raise StoreUnavailable("gone for a moment")
        return found


def test_a_reader_that_was_interrupted_misses_nothing_afterwards() -> None:
    documents = Interrupted()
    store, other = ExactVectors(documents), ExactVectors(documents)
    rows = named(unit(5000, seed=31))
    store.upsert(TENANT, SPACE, rows)

    documents.failures = 1
    with pytest.raises(StoreUnavailable):
        ids(other, rows[0].vector)
    assert len(ids(other, rows[0].vector, limit=9999)) == 5000
    store.remove(TENANT, SPACE, [rows[0].id])
    store.upsert(TENANT, SPACE, [Row("new", rows[0].vector)])
    documents.failures = 1
    with pytest.raises(StoreUnavailable):
        ids(other, rows[0].vector)

    assert ids(other, rows[0].vector, limit=1) == ["new"]
    assert ids(other, rows[0].vector, limit=9999) == ids(ExactVectors(documents), rows[0].vector, limit=9999)


def test_threads_share_a_store(documents: Documents) -> None:
    store = ExactVectors(documents)
    matrix = unit(50, seed=29)
    barrier = threading.Barrier(4)

    def work(part: int) -> None:
        barrier.wait(10)
        for row in named(matrix)[part::4]:
            store.upsert(TENANT, SPACE, [row])
            assert ids(store, row.vector, limit=1) == [row.id]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))

    assert len(ids(store, matrix[0], limit=99)) == 50


def test_another_process_follows_the_same_file(sqlite_documents: SqliteDocuments, tmp_path: Path) -> None:
    matrix = unit(2, seed=30)
    store = ExactVectors(sqlite_documents)
    store.upsert(TENANT, SPACE, [Row("mine", matrix[0])])
    assert ids(store, matrix[1]) == ["mine"]
    np.save(tmp_path / "vector.npy", matrix[1])
    program = f"""
import numpy as np
from pathlib import Path
from stores.documents_sqlite import SqliteDocuments
from stores.vectors import Row, Space
from stores.vectors_exact import ExactVectors

space = {SPACE!r}
store = ExactVectors(SqliteDocuments(Path({str(tmp_path / "documents.sqlite")!r}), patience_s=5))
vector = np.load({str(tmp_path / "vector.npy")!r})
assert [hit.id for hit in store.nearest({TENANT!r}, space, vector, limit=9)] == ["mine"]
store.upsert({TENANT!r}, space, [Row("theirs", vector)])
"""

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stderr
    assert ids(store, matrix[1]) == ["theirs", "mine"]


# Milvus


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[MilvusServer]:
    """Start a server that a test may treat badly."""
    demand("milvus", present=has_milvus())
    server = MilvusServer(tmp_path)
    server.start()
    yield server
    server.kill()


def test_hnsw_finds_nearly_all_of_the_nearest(milvus_server: MilvusServer) -> None:
    store = MilvusVectors(milvus_server.url, token=None, patience_s=10, index="HNSW")
    store.erase("hnsw")
    matrix, questions = unit(1000, seed=43), unit(10, seed=44)
    store.upsert("hnsw", SPACE, named(matrix))

    right = 0
    for question in questions:
        best = np.argsort(-(matrix @ question))[:10]
        right += len({f"v{n:05}" for n in best} & set(ids(store, question, tenant="hnsw")))

    assert right >= 95


def test_a_server_that_is_away_is_unavailable_and_comes_back(own_server: MilvusServer) -> None:
    store = MilvusVectors(own_server.url, token=None, patience_s=3)
    matrix = unit(50, seed=40)
    store.upsert(TENANT, SPACE, named(matrix))
    own_server.kill()

    for call in (store.ping, lambda: ids(store, matrix[0]), lambda: store.upsert(TENANT, SPACE, named(matrix))):
        with pytest.raises(StoreUnavailable, match="Milvus"):
            call()

    own_server.start()
    # The connection may rest for a moment yet after what it has seen.
    eventually(lambda: _first(store, matrix[7]) == ["v00007"], what="the server is found again")
    assert store.count(TENANT, SPACE) == 50


def _first(store: MilvusVectors, vector: FloatArray) -> list[str]:
    try:
        return ids(store, vector, limit=1)
    except StoreUnavailable:
        return []


def test_a_server_that_hangs_is_given_up_in_time(own_server: MilvusServer) -> None:
    store = MilvusVectors(own_server.url, token=None, patience_s=1)
    matrix = unit(5, seed=41)
    store.upsert(TENANT, SPACE, named(matrix))
    assert own_server._process is not None
    server = psutil.Process(own_server._process.pid)
    server.suspend()
    eventually(lambda: server.status() == psutil.STATUS_STOPPED, what="all of the server has stopped")

    try:
        with pytest.raises(StoreUnavailable, match="Milvus"):
            ids(store, matrix[0])
    finally:
        server.resume()


def test_a_damaged_data_directory_is_unavailability_and_can_be_filled_anew(own_server: MilvusServer) -> None:
    matrix = unit(50, seed=42)
    milvus(own_server).upsert(TENANT, SPACE, named(matrix))
    own_server.stop()
    damaged = [
        path
        for path in (own_server.folder / "data").rglob("*")
        if path.is_file() and path.suffix in {".parquet", ".idx"}
    ]
    assert damaged
    for path in damaged:
        path.write_bytes(b"\xa5" * path.stat().st_size)

    own_server.start()
    with pytest.raises(StoreUnavailable, match="Milvus"):
        ids(milvus(own_server), matrix[7], limit=1)
    milvus(own_server).drop(TENANT, SPACE)
    milvus(own_server).upsert(TENANT, SPACE, named(matrix))

    assert ids(milvus(own_server), matrix[7], limit=1) == ["v00007"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}", "nonsense", "http://no-such-host.invalid:19530"])
def test_a_url_without_a_server_is_unavailable(url: str) -> None:
    store = MilvusVectors(url.format(port=free_port()), token="secret-token", patience_s=1)

    with pytest.raises(StoreUnavailable, match="Milvus") as refused:
        store.ping()

    assert "secret-token" not in str(refused.value)


def test_a_collection_whose_creator_died_half_way_is_completed(milvus_server: MilvusServer) -> None:
    store = milvus(milvus_server)
    store.erase("half")
    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=100)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=SPACE.dimensions)
    client = MilvusClient(milvus_server.url, timeout=10)
    client.create_collection(_collection("half", SPACE), schema=schema, timeout=10)
    client.close()
    matrix = unit(3, seed=45)

    assert ids(store, matrix[1], tenant="half") == []
    store.upsert("half", SPACE, named(matrix))

    assert ids(store, matrix[1], tenant="half", limit=1) == ["v00001"]
