from dataclasses import replace
from time import monotonic
from typing import Any

import pytest

from jobs.knowledge import Label, Space
from jobs.questions import Filters, QueryRequest
from jobs.report import Severity
from stores.corpus import CORPUS, read_corpus
from stores.documents import Record, Shelf
from tests.workers.query.small_corpus import CAMPAIGN, FIRMWARE, TENANT, Written, document, instruction
from tests.workers.query.small_farm import Farm
from workers.query.budget import Budget
from workers.query.names import Names
from workers.query.planner import plan
from workers.query.retrieve import Passed, around, asked_words, passages
from workers.query.view import View

TABLES = "What hides the index of the substitution table?"


@pytest.fixture(scope="module")
def farm() -> Farm:
    return Farm.full()


def find(farm: Farm, question: str, *, by_words: bool = True, by_meaning: bool = True, **request: Any) -> list[Passed]:
    asked = QueryRequest(question=question, **request)
    corpus = read_corpus(farm.corpus.documents, TENANT)
    view = View(TENANT, corpus.hidden, farm.corpus.graph, farm.corpus.documents, Budget(monotonic, seconds=5))
    reading = plan(asked, Names(()), today=0.0)
    return passages(reading, asked, view, farm.services, corpus, by_words=by_words, by_meaning=by_meaning)


def test_passages_come_with_the_things_they_speak_of_and_their_batches(farm: Farm) -> None:
    found = find(farm, "eors r3, r4 in add_round_key")[0]

    assert {node.id for node in found.nodes} == {
        instruction(6, "add_round_key", 0),
        instruction(7, "add_round_key", 0),
    }
    assert found.sources == (CAMPAIGN[6], CAMPAIGN[7])
    assert (found.by_words, found.by_meaning) == (True, True)


def test_words_and_meaning_each_find_alone(farm: Farm) -> None:
    by_words, by_meaning = find(farm, TABLES, by_meaning=False)[0], find(farm, TABLES, by_words=False)[0]

    assert by_words.id == by_meaning.id == "chunk:report:0"
    assert (by_words.cosine, by_words.by_meaning) == (None, False)
    assert not by_meaning.by_words
    assert find(farm, TABLES, by_words=False, by_meaning=False) == []


def test_scores_fall_with_the_rank_and_there_are_at_most_top_k(farm: Farm) -> None:
    found = find(farm, "which instruction leaks the key", top_k=4)

    assert len(found) == 4
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert all(0 <= one.score <= 1 for one in found)


def test_what_was_found_by_words_alone_has_its_cosine_too(farm: Farm) -> None:
    [found] = find(farm, "shuffling positions", top_k=100)

    assert (found.by_words, found.by_meaning) == (True, False)
    assert found.cosine is not None


def test_a_passage_of_several_batches_stays_when_one_is_hidden_and_goes_with_the_last() -> None:
    farm = Farm.full()
    farm.corpus.say(hidden=(CAMPAIGN[6],), version=2)
    one = find(farm, "eors r3, r4 in add_round_key")[0]
    farm.corpus.say(hidden=(CAMPAIGN[6], CAMPAIGN[7]), version=3)
    none = find(farm, "eors r3, r4 in add_round_key", top_k=100)

    assert [node.id for node in one.nodes] == [instruction(7, "add_round_key", 0)]
    assert one.sources == (CAMPAIGN[7],)
    assert not any(passage.kind == "instruction" for passage in none)


def test_filters_keep_what_they_can_be_asked_of(farm: Farm) -> None:
    question = "leaks the key"
    by_build = find(farm, question, top_k=100, filters=Filters(firmware=("build 6",)))
    by_digest = find(farm, question, top_k=100, filters=Filters(firmware=(FIRMWARE[6].partition(":")[2],)))
    nobody = find(farm, question, filters=Filters(firmware=("build 99",)))
    severe = find(farm, question, top_k=100, filters=Filters(severity=(Severity.CRITICAL,)))
    early = find(farm, TABLES, filters=Filters(until=1.0))

    assert {node.properties.get("firmware") for one in by_build for node in one.nodes} == {FIRMWARE[6]}
    assert [one.id for one in by_digest] == [one.id for one in by_build]
    assert nobody == []
    assert {node.label for one in severe for node in one.nodes} == {Label.VULNERABILITY}
    assert early == []


def test_a_spanish_question_finds_english_passages_by_their_words(farm: Farm) -> None:
    found = find(farm, "¿Qué se calibró en marzo?", by_meaning=False)

    assert found[0].id == "chunk:report:2"


def test_weak_is_what_shares_neither_words_nor_meaning() -> None:
    passed = Passed("p", "chunk", "text", (), (), (), 0.0, 0.2, 0.0, by_words=False, by_meaning=False)

    assert passed.weak(0.3)
    assert replace(passed, cosine=0.4).weak(0.3)
    assert not replace(passed, cosine=0.5).weak(0.3)
    assert not replace(passed, cosine=0.31, overlap=0.2).weak(0.3)
    assert not replace(passed, overlap=0.5).weak(0.3)
    assert replace(passed, cosine=None, overlap=0.4).weak(0.3)


def test_words_beat_a_meaning_that_cannot_decide() -> None:
    farm = Farm()
    same = [f"Note {n}: the board was measured again with the same probe." for n in range(30)]
    farm.corpus.write(document("notes", [*same, "Note 77: the fuse F2204 of the board was replaced."]))

    assert find(farm, "what happened to F2204?")[0].id == "chunk:notes:30"


def test_what_lies_around_is_bounded_and_ranked(farm: Farm) -> None:
    corpus = read_corpus(farm.corpus.documents, TENANT)
    view = View(TENANT, corpus.hidden, farm.corpus.graph, farm.corpus.documents, Budget(monotonic, seconds=5, nodes=5))
    reading = plan(QueryRequest(question="key leaks"), Names(()), today=0.0)

    found, subgraph = around([instruction(6, "sub_bytes", 0)], reading, view, hops=2)

    assert found[0][0].id == "vulnerability:c6:0"
    assert subgraph is not None
    assert len(subgraph.nodes) <= 5
    assert around([], reading, view, hops=2) == ([], None)


def test_the_words_asked_for_are_the_questions_own() -> None:
    english = asked_words(plan(QueryRequest(question="Which tables leak?"), Names(()), today=0.0))

    assert english.count == len(english.words)
    assert english.share("a leaking table") == 1


def test_passages_without_a_space_that_serves_are_found_by_words() -> None:
    farm = Farm()
    empty = Written()
    empty.node("document:d", Label.DOCUMENT, "document:d", name="d")
    farm.corpus.write(empty, document())
    body = {"version": 5, "hidden": [], "spaces": {Space.CHUNKS.value: "another"}}
    farm.corpus.documents.put(TENANT, Shelf.CORPUS, [Record(CORPUS, body)])

    assert find(farm, TABLES)[0].cosine is None
