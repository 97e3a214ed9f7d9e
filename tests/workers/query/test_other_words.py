"""The same question in other words: other verbs, another order, two clauses for one, what only leads up to it."""

import pytest

from jobs.questions import QueryRequest
from tests.workers.query.test_development import NAMES, NOW
from workers.query.lexicon import meant
from workers.query.plan import Open, Reading
from workers.query.planner import plan


def read(question: str) -> Reading:
    return plan(QueryRequest(question=question), NAMES, today=NOW)


def same(words: str, plainly: str) -> bool:
    one, other = read(words), read(plainly)
    return not isinstance(other.steps[0], Open) and set(one.steps) == set(other.steps)


@pytest.mark.parametrize(
    ("words", "plainly"),
    [
        ("Where does build 7 leak key byte 3? Give me the instructions", "Which instructions of build 7 leak key byte 3?"),
        ("¿Dónde se filtra el byte 3 de la llave en build 7? Dame las instrucciones", "¿Qué instrucciones de build 7 filtran el byte 3 de la clave?"),
        ("latency of 150 us or more in build 7, which instructions?", "Which instructions of build 7 have a latency of 150 us or more?"),
        ("Rank the instructions of build 7 by latency and give me the first 5", "The 5 instructions of build 7 with the highest latency"),
        ("De las instrucciones que filtran en build 7, ¿cuáles superan 2 µJ de energía?", "¿Qué instrucciones que filtran en build 7 superan 2 µJ de energía?"),
    ],
)  # fmt: skip
def test_a_clause_that_only_says_what_is_listed_completes_the_one_before(words: str, plainly: str) -> None:
    assert same(words, plainly)


@pytest.mark.parametrize(
    ("words", "plainly"),
    [
        ("Across every build we have, which 5 instructions use the most energy?", "Which 5 instructions use the most energy?"),
        ("For the leaks of sub_bytes in build 7, what countermeasures exist?", "Which countermeasures exist for the leaks of sub_bytes in build 7?"),
    ],
)  # fmt: skip
def test_what_is_asked_for_stands_behind_the_word_that_asks(words: str, plainly: str) -> None:
    assert same(words, plainly)


@pytest.mark.parametrize(
    ("words", "plainly"),
    [
        ("Which instructions are better off in build 8 than they were in build 7?", "Which instructions got better from build 7 to build 8?"),
        ("¿Qué instrucciones filtran más en build 8 de lo que filtraban en build 7?", "¿Qué instrucciones empeoraron de build 7 a build 8?"),
        ("Which instructions leak in build 8 more than in build 7?", "Which instructions got worse from build 7 to build 8?"),
        ("De build 7 a build 8, ¿en qué instrucciones aumentó la fuga?", "¿Qué instrucciones empeoraron de build 7 a build 8?"),
        ("instrucciones cuya fuga no varió de build 7 a build 8", "¿Qué instrucciones con fugas siguen igual de build 7 a build 8?"),
        ("Which instructions' leaks were not affected between build 7 and build 8?", "Which leaking instructions are unchanged from build 7 to build 8?"),
        ("Compara build 7 contra build 8 y dime en qué instrucciones se agravó la fuga", "¿Qué instrucciones empeoraron de build 7 a build 8?"),
        ("¿Qué instrucciones mejoraron al pasar de aes128 build 7 a la 8?", "¿Qué instrucciones mejoraron de build 7 a build 8?"),
    ],
)  # fmt: skip
def test_builds_are_compared_in_many_words(words: str, plainly: str) -> None:
    assert same(words, plainly)


@pytest.mark.parametrize(
    ("words", "plainly"),
    [
        ("the instructions of build 7 from 43 to 45 °C", "the instructions of build 7 between 43 and 45 °C"),
        ("instrucciones de build 7 de 43 a 45 °C de temperatura", "instrucciones de build 7 entre 43 y 45 °C de temperatura"),
        ("instructions of build 7 with temperatures from 43 °C up to 45 °C", "instructions of build 7 with temperatures between 43 °C and 45 °C"),
    ],
)  # fmt: skip
def test_a_range_has_two_ends(words: str, plainly: str) -> None:
    assert same(words, plainly)


@pytest.mark.parametrize(
    ("words", "plainly"),
    [
        ("¿Qué contramedidas han servido contra las fugas de sub_bytes en build 7?", "¿Qué contramedidas mitigan las fugas de sub_bytes en build 7?"),
        ("contramedidas efectivas frente a las fugas de sub_bytes, build 7", "¿Qué contramedidas mitigan las fugas de sub_bytes en build 7?"),
        ("What was the fix for the leaks of sub_bytes in build 7?", "Which mitigations mitigate the leaks of sub_bytes in build 7?"),
    ],
)  # fmt: skip
def test_a_countermeasure_of_one_build_is_asked_for_and_no_comparison(words: str, plainly: str) -> None:
    assert {step.selection for step in read(words).steps} == {step.selection for step in read(plainly).steps}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("words", "plainly"),
    [
        ("¿En qué versiones del firmware se puede sacar el byte 3 de la llave?", "¿Qué firmwares filtran el byte 3 de la clave?"),
        ("Which instructions of build 7 lose information?", "Which instructions of build 7 leak?"),
        ("Which instructions are responsible for key byte 3 leaking in build 7?", "Which instructions of build 7 leak key byte 3?"),
        ("Could you, by any chance, tell me how many instructions leak in build 7?", "How many instructions leak in build 7?"),
        ("Dígame cuántas debilidades tiene build 7, si es tan amable", "¿Cuántas debilidades tiene build 7?"),
        ("build 7: the two instructions with the best correlation", "the 2 instructions of build 7 with the highest correlation"),
        ("¿Cuáles son las 2 instrucciones con peor latencia de build 7?", "¿Cuáles son las 2 instrucciones más lentas de build 7?"),
        ("instructions of build 7 that leak byte no. 3 of the key", "instructions of build 7 that leak byte 3 of the key"),
    ],
)  # fmt: skip
def test_other_words_for_the_same_are_read_the_same(words: str, plainly: str) -> None:
    assert same(words, plainly)


@pytest.mark.parametrize(
    "question", ["Which instructions leak in falcon build 3?", "¿Qué función de aria build 3 filtra?"]
)
def test_a_build_of_a_family_that_nobody_knows_is_unknown_however_it_is_numbered(question: str) -> None:
    reading = read(question)

    assert reading.unknown
    assert reading.confidence < 0.7


@pytest.mark.parametrize("question", ["¿Quién es responsable de build 7?", "Who is responsible for build 7?"])
def test_who_is_responsible_is_recorded_nowhere(question: str) -> None:
    assert isinstance(read(question).steps[0], Open)


@pytest.mark.parametrize(
    ("phrase", "kind"),
    [
        ("que tan calientes", "prop"),
        ("muestrenos", "ask"),
        ("cuantos microjulios", "much"),
        ("bytes de la llave", "prop"),
    ],
)
def test_forms_that_follow_a_rule_are_in_the_vocabulary(phrase: str, kind: str) -> None:
    assert meant(phrase)[0].kind == kind
