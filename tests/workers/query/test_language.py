"""Which language a question is in."""

import pytest

from workers.query.language import Language, language_of

ENGLISH = [
    "hottest instruction",
    "glitch detector",
    "Why does `encriptar_la` leak?",
    "energy by function",
    "top 5 instructions in mix_columns",
    "critical leaks build 7",
    "did masking help?",
    "7b7b7b7b7b7b:08000123",
    "",
    "mean latency of las_copy()",
]
SPANISH = [
    "instrucción más caliente",
    "instruccion mas caliente",
    "¿leaks?",
    "energia media de encrypt",
    "compara build 6 y build 7",
    "fugas criticas de build 7",
    "por que filtra `the_function`",
    "temperatura maxima",
    "qué funciones gastan más",
]


@pytest.mark.parametrize(
    ("text", "language"), [*((text, "en") for text in ENGLISH), *((text, "es") for text in SPANISH)]
)
def test_the_language_of_a_short_question_is_seen(text: str, language: Language) -> None:
    assert language_of(text) == language
