"""The same answers from stores that are served or lie in files as from those in memory."""

from pathlib import Path

import pytest

from stores.documents_sqlite import SqliteDocuments
from stores.graph_falkordb import FalkorGraph
from stores.texts_tantivy import TantivyTexts
from stores.vectors_exact import ExactVectors
from tests.stores.graph_servers import FalkorServer, falkor_graph, falkor_server  # noqa: F401  # fixtures
from tests.workers.query.small_corpus import Corpus, instruction, whole
from tests.workers.query.small_farm import Farm
from workers.query.breaker import GRAPH_REST_S

QUESTIONS = [
    "Which instructions leak the key in build 7, and did the patch help?",
    "¿Qué instrucciones de build 7 tienen fugas críticas?",
    "instructions of build 7 with energy above 2.5 nJ",
    "Which instruction has the highest energy in build 7?",
    "What is the average energy of the instructions of sub_bytes in build 7?",
    "How many instructions of build 7 leak?",
    f"Why does {instruction(6, 'sub_bytes', 0)} leak?",
    f"What is the energy of {instruction(7, 'sub_bytes', 0)}?",
    "how is sub_bytes related to masking?",
    "What hides the index of the substitution table?",
    "Who won the football championship?",
]


class Clock:
    """A clock that is set by the test."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def served(falkor_graph: FalkorGraph, tmp_path: Path) -> Farm:  # noqa: F811  # the fixture
    documents = SqliteDocuments(tmp_path / "documents.sqlite", patience_s=5)
    documents.migrate()
    falkor_graph.migrate()
    corpus = Corpus(documents, falkor_graph, ExactVectors(documents), TantivyTexts(documents))
    corpus.vectors.migrate()
    corpus.texts.migrate()
    corpus.write(*whole())
    return Farm(corpus, stores={"timer": Clock()})


def test_falkordb_sqlite_and_tantivy_give_the_answers_of_memory(served: Farm) -> None:
    memory = Farm.full()

    for question in QUESTIONS:
        expected, found = memory.ask(question), served.ask(question)
        assert found.answer == expected.answer
        assert found.evidence == expected.evidence
        assert found.confidence == pytest.approx(expected.confidence, abs=0.02)
        assert (found.abstained, found.degraded, found.sources) == (expected.abstained, (), expected.sources)


def test_a_graph_whose_server_was_killed_is_named_and_passages_still_answer(
    served: Farm,
    falkor_server: FalkorServer,  # noqa: F811  # the fixture
) -> None:
    served.ask(QUESTIONS[0])
    falkor_server.kill()
    try:
        passage, structured = served.ask("What hides the index of the substitution table?"), served.ask(QUESTIONS[0])
    finally:
        falkor_server.start()
    while_resting = served.ask(QUESTIONS[0])
    served.stores["timer"].now += GRAPH_REST_S

    assert passage.degraded == ("graph: did not answer",)
    assert passage.evidence[0] == "chunk:report:0"
    assert structured.degraded == ("graph: did not answer",)
    assert structured.answer.startswith("This could not be looked up now")
    assert not any("plan" in item.found_by for item in structured.cited)
    assert {item.id for item in structured.cited} >= {"vulnerability:c7:0", instruction(7, "key_expand", 0)}
    assert while_resting.degraded == structured.degraded
    assert not served.ask(QUESTIONS[0]).degraded
