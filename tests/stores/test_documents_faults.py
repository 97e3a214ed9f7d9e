"""What becomes of documents when their store is away, locked, full, damaged or killed."""

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from pymongo import MongoClient

from jobs.errors import StoreUnavailable
from stores.documents import Documents, Record, Shelf
from stores.documents_mongo import MongoDocuments
from stores.documents_sqlite import PIECE, SqliteDocuments
from tests.servers import demand, eventually, free_port
from tests.stores.document_servers import MongoServer, has_mongo

ROOT = Path(__file__).parents[2]
ME = "me"
SHELF = Shelf.PASSAGES

WRITER = """
import itertools, sys
from pathlib import Path
from stores.documents_sqlite import SqliteDocuments
from stores.documents import Record, Shelf
documents = SqliteDocuments(Path(sys.argv[1]), patience_s=5)
documents.put("me", Shelf.PASSAGES, (Record(id=f"{n:09d}", body={}, at=n, blob=b"x" * 300) for n in itertools.count()))
"""
RIVAL = """
import sys
from pathlib import Path
from stores.documents_sqlite import SqliteDocuments
from stores.documents import Record, Shelf
documents = SqliteDocuments(Path(sys.argv[1]), patience_s=5)
won = sum(documents.swap("me", Shelf.PASSAGES, Record(id=str(n), body={}), expected=0) for n in range(200))
for _ in range(200):
    while True:
        stored = documents.get("me", Shelf.PASSAGES, ["sum"]).get("sum", Record(id="sum", body={"n": 0}))
        more = Record(id="sum", body={"n": stored.body["n"] + 1})
        if documents.swap("me", Shelf.PASSAGES, more, expected=stored.version):
            break
print(won)
"""


def record(name: str, *, blob: bytes = b"", at: float = 0) -> Record:
    return Record(id=name, body={}, blob=blob, at=at)


def started(program: str, path: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", program, path], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def refused_within(seconds: float, ask: Callable[[], object]) -> str:
    """Return what a store that is away says, in time."""
    begun = time.monotonic()
    with pytest.raises(StoreUnavailable) as refused:
        ask()
    assert time.monotonic() - begun < seconds
    return str(refused.value)


def forked(ask: Callable[[], bool]) -> bool:
    """Say what is true in a process that was forked off."""
    child = os.fork()
    if child == 0:
        answer = False
        try:
            answer = ask()
        finally:
            os._exit(0 if answer else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


class TestSqlite:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "here and there?#" / "documents.db"

    @pytest.fixture
    def documents(self, path: Path) -> Iterator[SqliteDocuments]:
        documents = SqliteDocuments(path, patience_s=0.3)
        documents.migrate()
        yield documents
        documents.close()

    def test_a_writer_killed_in_the_middle_leaves_whole_pieces(self, documents: SqliteDocuments, path: Path) -> None:
        kept = 0
        for _ in range(2):
            writer, before = started(WRITER, path), kept
            eventually(partial(self._has_more, documents, before), what="the writer writes")
            writer.kill()
            writer.communicate()

            again = SqliteDocuments(path, patience_s=5)
            kept = again.count(ME, SHELF)
            assert kept > before
            assert kept % PIECE == 0
            assert again.find(ME, SHELF, descending=True, limit=1)[0].id == f"{kept - 1:09d}"
            assert again.put(ME, SHELF, [record("zzz")]) == again.remove(ME, SHELF, ids=["zzz"]) == 1
            again.close()

    @staticmethod
    def _has_more(documents: Documents, before: int) -> bool:
        return documents.count(ME, SHELF) > before

    def test_of_two_processes_exactly_one_wins_each_swap(self, documents: SqliteDocuments, path: Path) -> None:
        rivals = [started(RIVAL, path) for _ in range(2)]

        won = [int(rival.communicate(timeout=60)[0]) for rival in rivals]

        assert sum(won) == 200
        assert documents.get(ME, SHELF, ["sum"])["sum"].body == {"n": 400}
        assert documents.get(ME, SHELF, ["sum"])["sum"].version == 400

    def test_processes_may_migrate_an_empty_folder_at_once(self, path: Path) -> None:
        program = WRITER.rsplit("\n", 2)[0] + "\ndocuments.migrate(); documents.ping()"
        rivals = [started(program, path) for _ in range(3)]

        assert [rival.wait(timeout=30) for rival in rivals] == [0, 0, 0]
        for rival in rivals:
            rival.communicate()

    def test_a_lock_that_is_not_given_back_is_waited_for_only_so_long(
        self, documents: SqliteDocuments, path: Path
    ) -> None:
        documents.put(ME, SHELF, [record("a")])
        with sqlite3.connect(path, isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")

            assert "locked" in refused_within(2, lambda: documents.put(ME, SHELF, [record("b")]))
            assert "locked" in refused_within(2, lambda: documents.swap(ME, SHELF, record("b"), expected=0))
            assert documents.count(ME, SHELF) == 1

            other.execute("ROLLBACK")
        other.close()
        assert documents.put(ME, SHELF, [record("b")]) == 1

    def test_a_full_disk_is_said_and_costs_nothing_that_was_acknowledged(
        self, documents: SqliteDocuments, path: Path
    ) -> None:
        documents.put(ME, SHELF, [record("a")])

        def fills_the_disk() -> bool:
            resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            mine = SqliteDocuments(path, patience_s=1)
            try:
                mine.put(ME, SHELF, (record(str(number), blob=bytes(1000)) for number in range(10_000)))
            except StoreUnavailable:
                return mine.get(ME, SHELF, ["a"]).keys() == {"a"}
            return False

        assert forked(fills_the_disk)
        assert [one.id for one in documents.find(ME, SHELF)] == ["a"]
        assert documents.put(ME, SHELF, [record("b")]) == 1

    def test_a_damaged_file_is_said(self, path: Path) -> None:
        path.parent.mkdir()
        path.write_bytes(b"no database, whatever it is. " * 1000)
        documents = SqliteDocuments(path, patience_s=0.3)

        assert "not a database" in refused_within(2, documents.migrate)
        assert "not a database" in refused_within(2, documents.ping)

    def test_a_file_that_was_never_made_is_said_and_not_made(self, path: Path) -> None:
        documents = SqliteDocuments(path, patience_s=0.3)

        refused_within(2, documents.ping)
        refused_within(2, lambda: documents.put(ME, SHELF, [record("a")]))

        assert not path.exists()

    def test_a_file_of_a_later_version_is_refused(self, documents: SqliteDocuments, path: Path) -> None:
        with sqlite3.connect(path) as other:
            other.execute("PRAGMA user_version = 99")
        other.close()

        assert "99" in refused_within(2, documents.migrate)

    def test_forks_and_threads_each_have_their_own_connections(self, documents: SqliteDocuments) -> None:
        documents.put(ME, SHELF, [record("a")])

        assert forked(lambda: documents.put(ME, SHELF, [record("b")]) == 1 and documents.count(ME, SHELF) == 2)
        with ThreadPoolExecutor(8) as pool:
            written = list(pool.map(lambda n: documents.put(ME, SHELF, [record(f"t{n}")]), range(40)))

        assert sum(written) == 40
        assert documents.count(ME, SHELF) == 42

    def test_expired_records_are_removed_by_and_by(self, path: Path) -> None:
        now = 1000.0
        documents = SqliteDocuments(path, patience_s=1, clock=lambda: now)
        documents.migrate()
        documents.put(ME, SHELF, [Record(id=str(n), body={}, expires_at=now + 1) for n in range(1500)])
        now += 2

        documents.put(ME, SHELF, [record("a")])
        removed = documents.purge()

        with sqlite3.connect(path) as other:
            left = other.execute("SELECT id FROM passages").fetchall()
        other.close()
        documents.close()
        assert removed == 500
        assert left == [("a",)]

    @pytest.mark.parametrize(
        "conditions",
        [{}, {"batch": "b"}, {"groups": ["g"]}, {"after": (1.0, "a")}, {"groups": ["g"], "after": (1.0, "a")}],
    )
    def test_pages_are_read_in_the_order_of_an_index(
        self, documents: SqliteDocuments, path: Path, conditions: dict[str, object]
    ) -> None:
        asked: list[str] = []
        with documents._file.connection() as connection:
            connection.set_trace_callback(asked.append)
        documents.find(ME, SHELF, **conditions)  # type: ignore[arg-type]  # as the test says

        with sqlite3.connect(path) as other:
            plan = str(other.execute(f"EXPLAIN QUERY PLAN {asked[-1]}").fetchall())
        other.close()
        assert "USING INDEX" in plan
        assert "TEMP B-TREE" not in plan


class TestMongo:
    @pytest.fixture
    def server(self, tmp_path: Path) -> Iterator[MongoServer]:
        demand("mongodb", present=has_mongo())
        server = MongoServer(tmp_path)
        try:
            server.start()
            yield server
        finally:
            server.kill()

    def test_a_server_that_goes_is_said_in_time_and_found_again(self, server: MongoServer) -> None:
        hasty, documents = (MongoDocuments(server.url, patience_s=patience_s) for patience_s in (0.2, 5))
        hasty.migrate()
        hasty.put(ME, SHELF, [record(str(number)) for number in range(100)])
        asking: list[Callable[[Documents], object]] = [
            lambda store: store.put(ME, SHELF, [record("b")]),
            lambda store: store.swap(ME, SHELF, record("b"), expected=0),
            lambda store: store.get(ME, SHELF, ["a"]),
            lambda store: store.find(ME, SHELF),
            lambda store: store.count(ME, SHELF),
            lambda store: store.remove(ME, SHELF, ids=["a"]),
            lambda store: store.erase(ME),
            lambda store: store.ping(),
            lambda store: store.migrate(),
        ]

        server.stop()
        for ask in asking:
            refused_within(5, partial(ask, hasty))

        server.start()
        assert documents.count(ME, SHELF) == 100
        server.kill()
        refused_within(5, hasty.ping)
        server.start()
        # A connection from before the kill may end in one more refusal, which a job takes as a reason to try again.
        eventually(partial(self._puts, documents), what="the server is found again")
        hasty.close()
        documents.close()

    @staticmethod
    def _puts(documents: Documents) -> bool:
        try:
            return documents.put(ME, SHELF, [record("b")]) == 1
        except StoreUnavailable:
            return False

    def test_the_indexes_are_those_of_the_layout(self, server: MongoServer) -> None:
        documents = MongoDocuments(server.url, database="there", patience_s=5)
        documents.migrate()

        with MongoClient[dict[str, object]](server.url) as client:
            for shelf in Shelf:
                indexes = client["there"][shelf].index_information()
                keys = {name: [key for key, _ in index["key"]] for name, index in indexes.items()}
                assert keys == {
                    "_id_": ["_id"],
                    "batch": ["tenant", "batch", "at", "id"],
                    "group": ["tenant", "group", "at", "id"],
                    "order": ["tenant", "at", "id"],
                    "expiry": ["expires_at"],
                }
                assert indexes["expiry"]["expireAfterSeconds"] == 0
            schema = client["there"]["schema"]
            assert schema.find_one({"_id": "documents"}) == {"_id": "documents", "version": 1}
            schema.update_one({"_id": "documents"}, {"$set": {"version": 99}})
        assert "99" in refused_within(2, documents.migrate)
        documents.close()

    def test_what_expires_has_a_date_for_the_server(self, server: MongoServer) -> None:
        documents = MongoDocuments(server.url, patience_s=5)
        expires_at = time.time() + 3600.25
        documents.put(ME, SHELF, [Record(id="a", body={}, expires_at=expires_at), record("b")])

        with MongoClient[dict[str, object]](server.url, tz_aware=True) as client:
            kept = {str(one["id"]): one for one in client["dasein"][SHELF].find()}

        documents.close()
        assert abs(kept["a"]["expires_at"].timestamp() - expires_at) < 0.002  # type: ignore[attr-defined]  # a date
        assert "expires_at" not in kept["b"]

    def test_a_server_that_never_was_is_said_in_time(self) -> None:
        documents = MongoDocuments(f"mongodb://127.0.0.1:{free_port()}/", patience_s=0.5)

        refused_within(2, documents.ping)

        documents.close()

    def test_options_of_the_url_come_before_ours(self) -> None:
        documents = MongoDocuments("mongodb://127.0.0.1:1/?retryWrites=false&MAXPOOLSIZE=70&w=1", patience_s=0.5)
        options = documents._client.options

        assert (options.retry_writes, options.pool_options.max_pool_size, options.write_concern.document) == (
            False,
            70,
            {"w": 1},
        )
        assert options.pool_options.min_pool_size == 10
        assert options.retry_reads
        documents.close()
