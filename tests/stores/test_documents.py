"""The contract of documents, on every store."""

import math
import os
import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Protocol

import pytest
from pymongo import MongoClient

from jobs.errors import InvalidInput, TooLarge
from stores.copying import CopiedDocuments
from stores.document_rows import MAX_RECORD_BYTES
from stores.documents import Documents, Record, Shelf
from stores.documents_mongo import MongoDocuments
from stores.documents_sqlite import SqliteDocuments
from stores.memory_documents import MemoryDocuments
from tests.servers import demand
from tests.stores.document_servers import MongoServer, has_mongo

ME, THEM = "me", "them"
SHELF = Shelf.CHUNKS


class Clock:
    """A time that a test moves."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def memory_documents(clock: Clock) -> Documents:
    return MemoryDocuments(clock=clock)


@pytest.fixture
def sqlite_documents(tmp_path: Path, clock: Clock) -> Iterator[Documents]:
    documents = SqliteDocuments(tmp_path / "documents.db", patience_s=5, clock=clock)
    documents.migrate()
    yield documents
    documents.close()


@pytest.fixture(scope="session")
def java_mongo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    demand("mongodb", present=has_mongo())
    server = MongoServer(tmp_path_factory.mktemp("mongo"))
    try:
        server.start()
        yield server.url
    finally:
        server.kill()


@pytest.fixture(scope="session")
def real_mongo_url() -> str:
    url = os.environ.get("DASEIN_TEST_MONGODB_URL", "")
    demand("mongod", present=bool(url))
    return url


@pytest.fixture(scope="session")
def mongo_database() -> str:
    return f"dasein_test_{secrets.token_hex(4)}"


def mongo_documents(url: str, database: str, clock: Clock) -> Iterator[Documents]:
    documents = MongoDocuments(url, database=database, patience_s=5, clock=clock)
    documents.migrate()
    for tenant in (ME, THEM):
        documents.erase(tenant)
    yield documents
    documents.close()


@pytest.fixture
def java_mongo_documents(java_mongo_url: str, mongo_database: str, clock: Clock) -> Iterator[Documents]:
    yield from mongo_documents(java_mongo_url, mongo_database, clock)


@pytest.fixture
def real_mongo_documents(real_mongo_url: str, mongo_database: str, clock: Clock) -> Iterator[Documents]:
    yield from mongo_documents(real_mongo_url, mongo_database, clock)
    with MongoClient[dict[str, object]](real_mongo_url) as client:
        client.drop_database(mongo_database)


@pytest.fixture(params=["memory", "sqlite", "java_mongo", "real_mongo"])
def documents(request: pytest.FixtureRequest) -> Documents:
    """Keep documents in every store that there is."""
    store: Documents = request.getfixturevalue(f"{request.param}_documents")
    return store


def record(name: str, **more: object) -> Record:
    return replace(Record(id=name, body={}), **more)  # type: ignore[arg-type]  # as the test says


def put(documents: Documents, *names: str, tenant: str = ME, **more: object) -> None:
    documents.put(tenant, SHELF, [record(name, **more) for name in names])


class Found(Protocol):
    def __call__(self, **conditions: object) -> list[str]: ...


@pytest.fixture
def found(documents: Documents) -> Found:
    def find(**conditions: object) -> list[str]:
        return [one.id for one in documents.find(ME, SHELF, **conditions)]  # type: ignore[arg-type]  # as the test says

    return find


def test_the_tenants_that_have_records_are_told(documents: CopiedDocuments) -> None:
    put(documents, "one")
    documents.put(THEM, Shelf.TURNS, [record("two")])
    both = documents.tenants()

    documents.erase(ME)

    assert (both, documents.tenants()) == ([ME, THEM], [THEM])


class TestWritingAndReading:
    def test_a_record_comes_back_as_it_went(self, documents: Documents, clock: Clock) -> None:
        body = {
            "text": "¿Qué instrucción filtra? 鍵 🔑 \ud800 \x00",
            "": None,
            "$set": {"a.b": [1, -0.5, 1e300, True, [], {}]},
            "large": 2**80,
            "third": 1 / 3,
        }
        whole = Record(
            id="firmware:ä🔑/0x8000.0|$",
            body=body,
            batch="campaign:1",
            group="größe",
            at=1 / 3,
            blob=bytes(range(256)),
            expires_at=clock.now + 1 / 3,
            version=7,
        )

        documents.put(ME, SHELF, [whole])

        assert documents.get(ME, SHELF, [whole.id]) == {whole.id: whole}
        assert documents.find(ME, SHELF) == [whole]

    def test_what_was_read_may_be_changed_without_changing_what_is_stored(self, documents: Documents) -> None:
        put(documents, "a", body={"list": [1]})

        read = documents.get(ME, SHELF, ["a"])["a"]
        read.body["list"].append(2)

        assert documents.get(ME, SHELF, ["a"])["a"].body == {"list": [1]}

    def test_a_record_of_the_same_id_replaces_the_stored_one_whole(self, documents: Documents, clock: Clock) -> None:
        put(documents, "a", "b", batch="old", group="g", at=1.0, blob=b"old", expires_at=clock.now + 9)

        written = documents.put(ME, SHELF, [record("a", body={"n": 1}), record("a", body={"n": 2}, batch="new")])

        assert written == 2
        assert documents.get(ME, SHELF, ["a"]) == {"a": record("a", body={"n": 2}, batch="new")}
        assert documents.count(ME, SHELF) == 2

    def test_nothing_is_found_where_nothing_is(self, documents: Documents, found: Found) -> None:
        assert documents.put(ME, SHELF, []) == 0
        assert documents.get(ME, SHELF, []) == {}
        assert documents.get(ME, SHELF, ["a"]) == {}
        assert found() == found(batch="b") == found(groups=[]) == []
        assert documents.count(ME, SHELF) == documents.remove(ME, SHELF, ids=["a"]) == 0

    def test_thousands_are_written_read_and_removed_at_once(self, documents: Documents) -> None:
        names = [f"{number:05d}" for number in range(5000)]
        stream = (record(name, at=float(name), group=name, blob=name.encode()) for name in names)

        assert documents.put(ME, SHELF, stream) == 5000

        read = documents.get(ME, SHELF, [*names, "none", names[0]])
        assert [read[name].blob.decode() for name in names] == names
        assert len(read) == 5000
        assert [one.id for one in documents.find(ME, SHELF, limit=6000)] == names
        assert [one.id for one in documents.find(ME, SHELF, groups=names[:500])] == names[:500]
        assert documents.count(ME, SHELF, groups=names[:500]) == 500
        assert documents.remove(ME, SHELF, ids=names, groups=names[:500]) == 500
        assert documents.count(ME, SHELF) == 4500

    def test_shelves_are_apart(self, documents: Documents) -> None:
        put(documents, "a")

        assert documents.get(ME, Shelf.TURNS, ["a"]) == {}
        assert documents.remove(ME, Shelf.TURNS, ids=["a"]) == 0
        assert documents.count(ME, SHELF) == 1

    def test_migrations_may_run_again_and_at_the_same_time(self, documents: Documents) -> None:
        put(documents, "a")

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: documents.migrate(), range(4)))

        documents.ping()
        assert documents.count(ME, SHELF) == 1


class TestOrder:
    def test_records_are_found_by_at_and_then_by_id(self, documents: Documents, found: Found) -> None:
        for name, at in [("b", 2.0), ("z", -1.5), ("ä", 2.0), ("Z", 2.0), ("a", 1e9), ("c", 0.0)]:
            put(documents, name, at=at)

        order = ["z", "c", "Z", "b", "ä", "a"]
        assert found() == order
        assert found(descending=True) == order[::-1]

    @pytest.mark.parametrize("conditions", [{}, {"batch": "b"}, {"groups": ["g"]}, {"groups": ["g", "h"]}])
    @pytest.mark.parametrize("descending", [False, True])
    def test_pages_meet_without_gap_or_overlap(
        self, documents: Documents, conditions: dict[str, object], *, descending: bool
    ) -> None:
        names = [f"{number:02d}" for number in range(20)]
        documents.put(ME, SHELF, [record(name, at=float(int(name) // 7), batch="b", group="g") for name in names])
        documents.put(ME, SHELF, [record(f"other {name}", batch="other", group="i") for name in names])
        expected = [one.id for one in documents.find(ME, SHELF, descending=descending, **conditions)]  # type: ignore[arg-type]

        pages: list[str] = []
        after: tuple[float, str] | None = None
        while page := documents.find(ME, SHELF, after=after, descending=descending, limit=3, **conditions):  # type: ignore[arg-type]
            pages += [one.id for one in page]
            after = (page[-1].at, page[-1].id)

        assert pages == expected
        assert set(pages) >= set(names)
        assert len(pages) == (20 if conditions else 40)

    def test_a_cursor_need_not_be_a_record(self, documents: Documents, found: Found) -> None:
        put(documents, "a", "c", at=1.0)

        assert found(after=(1.0, "b")) == ["c"]
        assert found(after=(1.0, "b"), descending=True) == ["a"]
        assert found(after=(0.5, "zzz")) == ["a", "c"]

    def test_a_limit_of_nothing_is_nothing(self, documents: Documents, found: Found) -> None:
        put(documents, "a")

        assert found(limit=0) == []


class TestConditions:
    @pytest.fixture(autouse=True)
    def _three_by_three(self, documents: Documents) -> None:
        for batch in "xyz":
            for group in "123":
                put(documents, batch + group, batch=batch, group=group)

    @pytest.mark.parametrize(
        ("conditions", "names"),
        [
            ({"batch": "x"}, "x1 x2 x3"),
            ({"groups": ["2"]}, "x2 y2 z2"),
            ({"groups": ["2", "3", "2", "none"]}, "x2 x3 y2 y3 z2 z3"),
            ({"batch": "y", "groups": ["3", "1"]}, "y1 y3"),
            ({"batch": "y", "groups": ["3"]}, "y3"),
            ({"batch": "x", "groups": []}, ""),
            ({"batch": ""}, ""),
        ],
    )
    def test_all_of_them_are_met(
        self, documents: Documents, found: Found, conditions: dict[str, object], names: str
    ) -> None:
        wanted = names.split()

        assert found(**conditions) == wanted
        assert documents.count(ME, SHELF, **conditions) == len(wanted)  # type: ignore[arg-type]
        assert documents.remove(ME, SHELF, **conditions) == len(wanted)  # type: ignore[arg-type]
        assert documents.count(ME, SHELF) == 9 - len(wanted)
        assert found(**conditions) == []

    def test_ids_are_one_condition_among_others(self, documents: Documents, found: Found) -> None:
        assert documents.remove(ME, SHELF, ids=["x1", "y1", "y2", "none"], batch="y", groups=["1", "3"]) == 1
        assert documents.remove(ME, SHELF, ids=[], batch="x") == 0
        assert found() == ["x1", "x2", "x3", "y2", "y3", "z1", "z2", "z3"]

    def test_removing_needs_one(self, documents: Documents) -> None:
        with pytest.raises(InvalidInput):
            documents.remove(ME, SHELF)

        assert documents.count(ME, SHELF) == 9


class TestSwapping:
    def test_the_first_version_is_one_and_each_swap_counts(self, documents: Documents) -> None:
        assert documents.swap(ME, SHELF, record("a", body={"n": 1}, version=99), expected=0)
        assert documents.swap(ME, SHELF, record("a", body={"n": 2}), expected=1)

        assert documents.get(ME, SHELF, ["a"])["a"] == record("a", body={"n": 2}, version=2)

    @pytest.mark.parametrize("expected", [0, 1, 3])
    def test_who_expects_another_version_changes_nothing(self, documents: Documents, expected: int) -> None:
        put(documents, "a", version=2, body={"n": 1})

        assert not documents.swap(ME, SHELF, record("a", body={"n": 2}), expected=expected)
        assert not documents.swap(ME, SHELF, record("b"), expected=2)
        assert documents.get(ME, SHELF, ["a", "b"]) == {"a": record("a", body={"n": 1}, version=2)}

    def test_what_was_put_without_a_version_is_there(self, documents: Documents) -> None:
        put(documents, "a")

        assert not documents.swap(ME, SHELF, record("a"), expected=0)

    def test_an_expired_record_is_as_none(self, documents: Documents, clock: Clock) -> None:
        put(documents, "a", version=3, expires_at=clock.now - 1)

        assert not documents.swap(ME, SHELF, record("a"), expected=3)
        assert documents.swap(ME, SHELF, record("a"), expected=0)
        assert documents.get(ME, SHELF, ["a"])["a"].version == 1

    @pytest.mark.parametrize("expected", [0, 1])
    def test_of_several_at_once_exactly_one_succeeds(self, documents: Documents, expected: int) -> None:
        rounds, rivals = 10, 4
        start = Barrier(rivals)

        def race(rival: int) -> list[bool]:
            won = []
            for number in range(rounds):
                start.wait(timeout=30)
                won.append(documents.swap(ME, SHELF, record(str(number), body={"by": rival}), expected=expected))
            return won

        if expected:
            put(documents, *map(str, range(rounds)), version=1)
        with ThreadPoolExecutor(rivals) as pool:
            won = list(pool.map(race, range(rivals)))

        stored = documents.get(ME, SHELF, [str(number) for number in range(rounds)])
        for number in range(rounds):
            winners = [rival for rival in range(rivals) if won[rival][number]]
            assert winners == [stored[str(number)].body["by"]]
            assert stored[str(number)].version == expected + 1


class TestExpiry:
    def test_what_has_expired_is_not_seen(self, documents: Documents, found: Found, clock: Clock) -> None:
        put(documents, "past", expires_at=clock.now - 1, group="g", batch="b")
        put(documents, "soon", expires_at=clock.now + 100, group="g", batch="b")
        put(documents, "never", group="g", batch="b")
        assert found() == found(groups=["g"]) == found(batch="b") == ["never", "soon"]

        clock.now += 101

        assert found() == found(groups=["g"]) == found(batch="b") == ["never"]
        assert documents.count(ME, SHELF) == documents.count(ME, SHELF, batch="b") == 1
        assert set(documents.get(ME, SHELF, ["past", "soon", "never"])) == {"never"}

    def test_what_is_written_again_lives_on(self, documents: Documents, found: Found, clock: Clock) -> None:
        put(documents, "a", expires_at=clock.now + 1)
        clock.now += 2
        put(documents, "a")

        assert found() == ["a"]


class TestTenants:
    def test_a_tenant_sees_and_changes_only_what_is_its_own(self, documents: Documents, found: Found) -> None:
        put(documents, "a", "b", batch="x", group="g", body={"of": ME})
        put(documents, "a", "b", tenant=THEM, batch="x", group="g", body={"of": THEM})

        assert documents.swap(ME, SHELF, record("c"), expected=0)
        assert documents.swap(THEM, SHELF, record("c"), expected=0)
        assert {one.body.get("of", ME) for one in documents.find(ME, SHELF)} == {ME}
        assert documents.remove(ME, SHELF, ids=["a"]) == documents.remove(ME, SHELF, batch="x") == 1
        assert documents.remove(ME, SHELF, groups=["g"]) == 0

        assert found() == ["c"]
        assert documents.count(THEM, SHELF, groups=["g"]) == 2
        assert documents.get(THEM, SHELF, ["a"])["a"].body == {"of": THEM}

    def test_erasing_one_leaves_nothing_of_it_and_all_of_the_other(self, documents: Documents, clock: Clock) -> None:
        for tenant in (ME, THEM):
            for shelf in Shelf:
                documents.put(tenant, shelf, [record("a"), record("old", expires_at=clock.now + 1)])

        documents.erase(ME)
        documents.erase(ME)

        assert [documents.count(ME, shelf) for shelf in Shelf] == [0] * len(Shelf)
        assert [documents.count(THEM, shelf) for shelf in Shelf] == [2] * len(Shelf)

    @pytest.mark.parametrize("tenant", ["", "a:b", "a|b", "a\nb", "\ud800", "x" * 2000])
    def test_a_name_that_could_be_a_part_of_a_key_is_refused(self, documents: Documents, tenant: str) -> None:
        asking: list[Callable[[], object]] = [
            lambda: documents.put(tenant, SHELF, []),
            lambda: documents.swap(tenant, SHELF, record("a"), expected=0),
            lambda: documents.get(tenant, SHELF, ["a"]),
            lambda: documents.find(tenant, SHELF),
            lambda: documents.count(tenant, SHELF),
            lambda: documents.remove(tenant, SHELF, ids=["a"]),
            lambda: documents.erase(tenant),
        ]
        for ask in asking:
            with pytest.raises(InvalidInput) as refused:
                ask()
            assert refused.value.field == "tenant"


class TestRefusals:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("id", ""),
            ("id", "x" * 1001),
            ("id", "a\0b"),
            ("batch", "\udfff"),
            ("group", "\0"),
            ("at", math.nan),
            ("at", math.inf),
            ("expires_at", math.nan),
            ("expires_at", 1e300),
            ("expires_at", -1.0),
            ("version", -1),
            ("version", 2**63),
            ("body", {"n": math.nan}),
            ("body", {"n": b""}),
            ("body", {"n": object()}),
        ],
    )
    def test_what_no_store_could_keep_is_refused_and_named(
        self, documents: Documents, field: str, value: object
    ) -> None:
        with pytest.raises(InvalidInput) as refused:
            documents.put(ME, SHELF, [replace(record("a"), **{field: value})])  # type: ignore[arg-type]

        assert refused.value.field == field
        assert documents.count(ME, SHELF) == 0

    def test_a_body_too_deep_is_refused(self, documents: Documents) -> None:
        deep: list[object] = []
        for _ in range(100_000):
            deep = [deep]

        with pytest.raises(InvalidInput):
            put(documents, "a", body={"deep": deep})

    def test_a_record_of_the_greatest_size_is_kept_and_a_larger_one_is_named(self, documents: Documents) -> None:
        greatest = bytes(MAX_RECORD_BYTES - len("{}"))
        put(documents, "greatest", blob=greatest)
        assert documents.get(ME, SHELF, ["greatest"])["greatest"].blob == greatest

        with pytest.raises(TooLarge, match="'larger'"):
            put(documents, "larger", blob=greatest + b"\0")
        with pytest.raises(TooLarge, match="'longer'"):
            documents.swap(ME, SHELF, record("longer", body={"text": "x" * MAX_RECORD_BYTES}), expected=0)

    def test_no_name_that_is_asked_for_breaks_anything(self, documents: Documents, found: Found) -> None:
        strange = ["\ud800", "\0", "x" * 100_000, "'); DROP TABLE chunks; --", "$where", ""]
        put(documents, "a", batch="b", group="g")

        for name in strange:
            for ask in (
                lambda name=name: documents.get(ME, SHELF, [name]),
                lambda name=name: found(batch=name),
                lambda name=name: found(groups=[name]),
                lambda name=name: found(after=(9.0, name)),
            ):
                try:
                    assert not ask()
                except InvalidInput:
                    assert name == "\ud800"

        assert found() == ["a"]
