"""One suite for all stores of texts, and what is special about each."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from jobs.errors import InvalidInput
from stores.documents import Documents, Record, Shelf
from stores.documents_sqlite import SqliteDocuments
from stores.memory_documents import MemoryDocuments
from stores.memory_texts import MAX_TEXT, MemoryTexts
from stores.texts_tantivy import TantivyTexts
from stores.vectors import Passage, Texts
from stores.words import MAX_QUESTION_TERMS, question_terms, terms

TENANT = "acme"
VOCABULARY = (
    "ldrb",
    "str",
    "eor",
    "mov",
    "key",
    "byte",
    "leaks",
    "energy",
    "power",
    "sbox",
    "round",
    "mask",
    "cipher",
    "aes",
    "des",
    "trace",
    "noise",
    "board",
)

Open = Callable[[], Texts]
"""Opens the same store once more, as another process would."""

CORPUS = (
    Passage("i1", "instruction", "ldrb r3, [r2, r1] at 0x08000123 in aes128_sbox (aes.c:42)"),
    Passage("i2", "instruction", "str r3, [r0] at 0x08000127 in aes128_sbox (aes.c:43)"),
    Passage("v1", "vulnerability", "First-order leak of key byte 3, critical"),
    Passage("e1", "entity", "La máscara booleana protege las claves contra fugas de energía"),
    Passage("c1", "chunk", "Measuring energies of instructions shows which of them leak."),
)


def passages(count: int, *, seed: int, longest: int = 30) -> list[Passage]:
    chance = random.Random(seed)
    kinds = ("instruction", "chunk")
    return [
        Passage(f"p{n:05}", kinds[n % 2], " ".join(chance.choices(VOCABULARY, k=chance.randint(1, longest))))
        for n in range(count)
    ]


def ids(texts: Texts, words: str, *, limit: int = 10, kinds: tuple[str, ...] | None = None) -> list[str]:
    return [hit.id for hit in texts.best(TENANT, words, limit=limit, kinds=kinds)]


@pytest.fixture
def sqlite_documents(tmp_path: Path) -> Iterator[SqliteDocuments]:
    documents = SqliteDocuments(tmp_path / "documents.sqlite", patience_s=5)
    documents.migrate()
    yield documents
    documents.close()


@pytest.fixture(params=["plain", "tantivy", "tantivy-sqlite"])
def reopen(request: pytest.FixtureRequest) -> Open:
    """Return what opens an empty store, the same one each time."""
    if request.param == "plain":
        store = MemoryTexts()
        return lambda: store
    documents = MemoryDocuments() if request.param == "tantivy" else request.getfixturevalue("sqlite_documents")
    return lambda: TantivyTexts(documents)


@pytest.fixture
def texts(reopen: Open) -> Texts:
    store = reopen()
    store.migrate()
    store.add(TENANT, CORPUS)
    return store


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("ldrb", "i1"),
        ("STR", "i2"),
        ("what happens at 0x8000123?", "i1"),
        ("0x08000127", "i2"),
        ("aes.c:43", "i2"),
        ("sbox aes.c:42", "i1"),
        ("key byte 3", "v1"),
        ("leaks critically", "v1"),
        ("measured energy of an instruction", "c1"),
        ("MASCARA", "e1"),
        ("¿qué protege la clave contra la fuga?", "e1"),
    ],
)
def test_words_are_found_whatever_their_form(texts: Texts, words: str, first: str) -> None:
    assert ids(texts, words)[0] == first


def test_names_are_found_whole_and_by_their_parts(texts: Texts) -> None:
    for words in ("aes128_sbox", "sbox", "aes128", "AES", "aes.c", "r3"):
        assert set(ids(texts, words)) == {"i1", "i2"}


def test_what_holds_none_of_the_words_is_not_found(texts: Texts) -> None:
    assert texts.best(TENANT, "museum", limit=10) == []
    assert texts.best(TENANT, "¡!", limit=10) == []
    assert texts.best(TENANT, "", limit=10) == []
    assert texts.best(TENANT, "ldrb", limit=0) == []
    assert texts.best("nobody", "ldrb", limit=10) == []


def test_kinds_are_kept_apart(texts: Texts) -> None:
    assert ids(texts, "leak", kinds=("vulnerability",)) == ["v1"]
    assert ids(texts, "leak", kinds=("chunk", "entity")) == ["c1"]
    assert ids(texts, "leak", kinds=()) == []
    assert ids(texts, "leak", kinds=("no' such AND kind",)) == []
    assert texts.best(TENANT, "leak", limit=1, kinds=("chunk",))[0] in texts.best(TENANT, "leak", limit=9)


def test_equal_scores_are_ordered_by_id_whatever_the_limit(texts: Texts) -> None:
    order = list(range(300))
    random.Random(1).shuffle(order)
    for start in range(0, 300, 30):
        some = order[start : start + 30]
        texts.add(TENANT, [Passage(f"same{n:03}", "entity", "museum of modern art") for n in some])

    assert ids(texts, "museum", limit=5) == [f"same{n:03}" for n in range(5)]
    assert ids(texts, "modern museum", limit=299) == [f"same{n:03}" for n in range(299)]


def test_a_passage_written_again_replaces_the_first(texts: Texts) -> None:
    for _ in range(2):
        texts.add(TENANT, [Passage("i1", "chunk", "museum")])

    assert ids(texts, "museum") == ["i1"]
    assert ids(texts, "ldrb") == []
    assert texts.passages(TENANT, ["i1"]) == {"i1": Passage("i1", "chunk", "museum")}


def test_passages_are_given_back_by_id(texts: Texts) -> None:
    assert texts.passages(TENANT, ["c1", "none", "i2", "c1"]) == {"c1": CORPUS[4], "i2": CORPUS[1]}
    assert texts.passages("nobody", ["c1"]) == {}


def test_what_one_process_writes_and_removes_the_others_see_at_once(reopen: Open) -> None:
    one, other = reopen(), reopen()
    one.migrate()
    assert ids(other, "museum") == []

    for n in range(20):
        (one, other)[n % 2].add(TENANT, [Passage(f"p{n}", "chunk", f"museum h{n}")])
        assert ids((one, other)[(n + 1) % 2], f"h{n}") == [f"p{n}"]
    one.remove(TENANT, ["p3", "none"])

    assert ids(other, "h3") == []
    assert len(ids(other, "museum", limit=99)) == len(ids(reopen(), "museum", limit=99)) == 19
    other.add(TENANT, [Passage("p3", "chunk", "museum h3")])
    assert ids(one, "h3") == ["p3"]


def test_tenants_are_kept_apart_and_erased_whole(texts: Texts) -> None:
    texts.add("other", [Passage("i1", "chunk", "ldrb of somebody else")])

    assert ids(texts, "somebody") == []
    texts.erase(TENANT)

    assert ids(texts, "ldrb str leak") == []
    assert texts.passages(TENANT, ["i1"]) == {}
    assert [hit.id for hit in texts.best("other", "ldrb", limit=9)] == ["i1"]
    texts.add(TENANT, CORPUS[:1])
    assert ids(texts, "aes") == ["i1"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.one_of(st.text(max_size=200), st.text(alphabet=st.characters(codec=None), max_size=50)))
def test_no_question_is_an_error(texts: Texts, words: str) -> None:
    assert len(texts.best(TENANT, words, limit=3)) <= 3


@pytest.mark.parametrize(
    "words",
    [
        'text:"ldrb',
        "(ldrb AND",
        "kind:instruction ldrb",
        "ldrb~9999 +-!{}[]^*?\\",
        "ldrb " * 5000,
        "a_" * 5000 + " ldrb",
    ],
)
def test_no_syntax_is_read_into_a_question(texts: Texts, words: str) -> None:
    assert "i1" in ids(texts, words)


def test_a_passage_that_is_too_long_is_refused(texts: Texts) -> None:
    with pytest.raises(InvalidInput, match="long"):
        texts.add(TENANT, [Passage("long", "chunk", "a" * (MAX_TEXT + 1))])

    assert texts.passages(TENANT, ["long"]) == {}


# Tantivy


def test_tantivy_ranks_as_the_formula_does() -> None:
    """Where it does not: lengths above 40 terms are rounded to a byte, so scores of long passages differ a little."""
    plain, tantivy = MemoryTexts(), TantivyTexts(MemoryDocuments())
    corpus = passages(400, seed=2, longest=40)
    for some in (corpus[:100], corpus[100:103], corpus[103:]):
        plain.add(TENANT, some)
        tantivy.add(TENANT, some)
        tantivy.best(TENANT, "key", limit=1)

    for words in ("key byte", "energy of the sbox", "aes des ldrb power leaks mask cipher", "timer"):
        for kinds in (None, ("chunk",)):
            expected = plain.best(TENANT, words, limit=400, kinds=kinds)
            found = tantivy.best(TENANT, words, limit=400, kinds=kinds)

            assert {hit.id for hit in found} == {hit.id for hit in expected}
            scores = {hit.id: hit.score for hit in expected}
            for hit in found:
                assert hit.score == pytest.approx(scores[hit.id], abs=0.0021)
            assert [(-hit.score, hit.id) for hit in found] == sorted((-hit.score, hit.id) for hit in found)


def test_after_removals_scores_are_those_of_a_store_that_never_had_the_removed() -> None:
    documents = MemoryDocuments()
    old, corpus = TantivyTexts(documents), passages(120, seed=3)
    old.add(TENANT, corpus)
    old.best(TENANT, "key", limit=1)

    old.remove(TENANT, [passage.id for passage in corpus[:30]])
    old.add(TENANT, [Passage(passage.id, "chunk", "entirely new words") for passage in corpus[30:40]])

    for words in ("key byte", "new energy", "sbox"):
        hits = old.best(TENANT, words, limit=99)
        assert hits
        assert hits == TantivyTexts(documents).best(TENANT, words, limit=99)


def test_passages_written_again_unchanged_do_not_wear_the_index() -> None:
    documents = MemoryDocuments()
    store, corpus = TantivyTexts(documents), passages(50, seed=4)
    store.add(TENANT, corpus)
    before = store.best(TENANT, "key byte", limit=50)
    index = store._tenants[TENANT].index

    store.add(TENANT, corpus)

    assert store.best(TENANT, "key byte", limit=50) == before
    assert store._tenants[TENANT].index is index
    assert len(index) == 50


def test_tenants_that_were_let_go_are_read_again_when_asked_for() -> None:
    store = TantivyTexts(MemoryDocuments(), budget_passages=1)
    for n in range(5):
        store.add(f"tenant{n}", [Passage(f"p{n}", "chunk", "museum")])

    for _ in range(2):
        for n in range(5):
            assert [hit.id for hit in store.best(f"tenant{n}", "museum", limit=9)] == [f"p{n}"]

    assert len(store._tenants) == 1


def test_documents_that_were_erased_are_not_found_by_their_words() -> None:
    documents = MemoryDocuments()
    store = TantivyTexts(documents)
    store.add(TENANT, CORPUS)
    assert ids(store, "ldrb") == ["i1"]

    documents.erase(TENANT)
    assert ids(store, "ldrb") == []
    store.add(TENANT, CORPUS[1:])

    assert ids(store, "ldrb") == []
    assert ids(store, "sbox") == ["i2"]


def test_a_damaged_passage_is_passed_over_and_logged() -> None:
    documents: Documents = MemoryDocuments()
    store = TantivyTexts(documents)
    store.add(TENANT, CORPUS)
    documents.put(TENANT, Shelf.PASSAGES, [Record("bad1", {}, at=1), Record("bad2", {"kind": 1, "text": None}, at=1)])

    with capture_logs() as logs:
        found = ids(store, "ldrb")

    assert found == ["i1"]
    assert [(line["event"], line["count"]) for line in logs] == [("passages_damaged", 2)]


# Words


def test_words_that_only_hold_a_sentence_together_count_if_there_are_no_others() -> None:
    assert question_terms("which of the instructions") == list(terms("instructions"))
    assert question_terms("¿cuál es la instrucción?") == list(terms("instruccion"))
    assert question_terms("of the and") == ["and"]
    assert question_terms("of the") == ["of", "the"]
    assert len(question_terms(" ".join(f"w{n}" for n in range(999)))) == MAX_QUESTION_TERMS


def test_forms_of_a_word_are_one_term() -> None:
    for forms in ("leak leaks leaking leaked", "energía energías energy energies", "clave claves", "medida medidas"):
        assert len(set(terms(forms))) == 1
    assert list(terms("0x00ff 0xFF")) == ["0xff", "0xff"]
    assert list(terms("aes128_sbox")) == ["aes128_sbox", "aes128", "aes", "sbox"]


def test_no_term_holds_a_space_or_is_endless() -> None:
    hostile = ["a" * 10_000, "a_b" * 5000, "Ⅷ½ﬁ ŉ İ", "\u2028x\u00a0y\u3000z", "a\u0000b", "٣ x²"]

    for text in hostile:
        found = list(terms(text))
        assert found
        assert all(term == "".join(term.split()) and 0 < len(term) <= 64 for term in found)
