"""Dialogues: what a message means after the question before it, by the planner and a small corpus."""

from functools import cache

import pytest

from jobs.questions import MAX_QUESTION, QueryRequest
from stores.memory_graph import MemoryGraph
from tests.workers.query.small_corpus import TENANT, instruction, whole
from workers.query.follow_up import standing_alone
from workers.query.names import Names, load_names
from workers.query.plan import Reading
from workers.query.planner import plan

LDRB = instruction(7, "sub_bytes", 0)
LEAKS = "Which instructions leak in build 7?"
FUGAS = "¿Qué instrucciones tienen fugas en build 7?"
WORST = "Which instruction leaks the most in build 7?"
SUB = "Why does sub_bytes leak?"


@cache
def names() -> Names:
    graph = MemoryGraph()
    for part in whole():
        for batch, nodes in part.nodes.items():
            graph.merge(TENANT, nodes, part.relations.get(batch, []), batch=batch)
    return load_names(graph, TENANT, hidden=())


def read(question: str) -> Reading:
    return plan(QueryRequest(question=question), names(), today=1_700_000_000.0)


def understood(before: str, message: str, *, spoken_of: str | None = LDRB) -> str:
    return standing_alone(read(message), read(before), spoken_of=spoken_of)


@pytest.mark.parametrize(
    ("before", "message", "meant"),
    [
        # The name of the same kind is exchanged.
        (LEAKS, "And in build 6?", "Which instructions leak in build 6?"),
        (LEAKS, "and build 6", "Which instructions leak in build 6?"),
        (LEAKS, "What about build 6?", "Which instructions leak in build 6?"),
        (LEAKS, "And what about build 6?", "Which instructions leak in build 6?"),
        (LEAKS, "And what about the whole firmware build 6, please?", "Which instructions leak in build 6?"),
        (FUGAS, "¿Y en build 6?", "¿Qué instrucciones tienen fugas en build 6?"),
        (FUGAS, "¿Y qué hay de build 6?", "¿Qué instrucciones tienen fugas en build 6?"),
        (SUB, "And key_expand?", "Why does key_expand leak?"),
        ("How do build 6 and build 7 differ?", "And in aes-tvla-7?", "How do aes-tvla-7 and build 7 differ?"),
        # The pronoun is exchanged.
        (SUB, "What is its energy?", "What is sub_bytes's energy?"),
        (SUB, "How much energy does it use?", "How much energy does sub_bytes use?"),
        (SUB, "Which instructions use more energy than it?", "Which instructions use more energy than sub_bytes?"),
        (SUB, "What lies around that function?", "What lies around sub_bytes?"),
        (SUB, "Is that critical?", "Is that critical?"),
        (LEAKS, "Which functions are in that build?", "Which functions are in build 7?"),
        (LEAKS, "Did the patch help in that campaign?", "Did the patch help in build 7?"),
        (LEAKS, "What lies around that instruction?", f"What lies around {LDRB}?"),
        (WORST, "Why does it leak?", f"Why does {LDRB} leak?"),
        (FUGAS, "¿Qué hay alrededor de esa instrucción?", f"¿Qué hay alrededor de {LDRB}?"),
        ("¿Por qué filtra sub_bytes?", "¿Cuánta energía gasta esa función?", "¿Cuánta energía gasta sub_bytes?"),
        (SUB, "How many findings does it have?", "How many findings does sub_bytes have?"),
        ("How many findings has sub_bytes of build 7?", "Why does it leak?", "Why does sub_bytes leak?"),
        ("Which findings has build 7 in sub_bytes?", "What is its energy?", "What is sub_bytes's energy?"),
        # Spanish leaves the subject out.
        ("¿Por qué filtra sub_bytes?", "¿Cuántos hallazgos tiene?", "¿Cuántos hallazgos tiene sub_bytes?"),
        ("¿Por qué filtra sub_bytes?", "¿Y cuánta energía consume?", "¿Y cuánta energía consume sub_bytes?"),
        ("¿Cuánta energía gasta sub_bytes?", "¿Por qué filtra?", "¿Por qué filtra sub_bytes?"),
        # Why?
        (SUB, "Why?", "Why does sub_bytes leak?"),
        (WORST, "why", f"Why does {LDRB} leak?"),
        (FUGAS, "¿Por qué?", "¿Por qué build 7 tiene fugas?"),
        # The question before is continued.
        (LEAKS, "And the worst of them?", "Which instructions leak in build 7: the worst of them?"),
        (LEAKS, "only the critical ones", "Which instructions leak in build 7: the critical ones"),
        (
            LEAKS,
            "Which of them are in sub_bytes?",
            "Which instructions leak in build 7: Which of them are in sub_bytes?",
        ),
        (LEAKS, "How severe are those?", "Which instructions leak in build 7: How severe are those?"),
        (
            FUGAS,
            "¿Cuáles de ellas son críticas?",
            "¿Qué instrucciones tienen fugas en build 7: ¿Cuáles de ellas son críticas?",
        ),
        (FUGAS, "¿Y las peores?", "¿Qué instrucciones tienen fugas en build 7: las peores?"),
    ],
)
def test_a_message_that_leans_on_what_was_said_is_completed(before: str, message: str, meant: str) -> None:
    assert understood(before, message) == meant


@pytest.mark.parametrize(
    "message",
    [
        "Which instructions leak in build 6?",
        "Which functions use the most energy?",
        "And which functions does build 6 have?",
        "Which instructions that leak use the most energy?",
        "Which instructions leak, and what is their energy?",
        "How many vulnerabilities are there and how severe are they?",
        "Is it possible to list everything?",
        "Why does key_expand leak?",
        "¿Qué función consume más energía?",
        "¿Cuántas vulnerabilidades hay y qué gravedad tienen ellas?",
        "thanks",
        "ok",
        "Did the patch help?",
    ],
)
def test_a_message_that_stands_alone_is_left_alone(message: str) -> None:
    for before in (LEAKS, FUGAS, WORST, SUB):
        assert understood(before, message) == message


@pytest.mark.parametrize("message", ["Why?", "And in build 6?", "What is its energy?"])
def test_the_first_message_stands_alone(message: str) -> None:
    assert standing_alone(read(message), None, spoken_of=None) == message


def test_of_nothing_that_was_spoken_of_nothing_is_meant() -> None:
    message = "How much energy does it use in the end?"
    assert understood("What is known?", message, spoken_of=None) == message
    assert understood(LEAKS, "What lies around that instruction?", spoken_of="document:notes") == (
        "What lies around that instruction?"
    )


def test_a_conversation_that_goes_on_and_on_stays_within_what_can_be_asked() -> None:
    question = LEAKS

    for _ in range(MAX_QUESTION // 50):
        question = understood(question, "And the worst of them that there are to be found?")
        assert len(question) <= MAX_QUESTION


def test_what_is_completed_can_be_understood() -> None:
    meant = read(understood(LEAKS, "And in build 6?"))

    assert [type(step).__name__ for step in meant.steps] == ["Select"]
    assert [mention.words for mention in meant.mentions] == ["build 6"]
