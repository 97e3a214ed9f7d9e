"""English, Spanish, or neither."""

from collections import Counter

import pytest

from tests.workers.remforge.words.by_hand import ENGLISH, SPANISH
from workers.remforge.words.language import Spoken, spoken
from workers.remforge.words.tokens import tokens


def heard(text: str) -> Spoken:
    return spoken(text, Counter(tokens(text).forms))


@pytest.mark.parametrize("text", [one.text for one in ENGLISH])
def test_english_is_english(text: str) -> None:
    assert heard(text).language == "en"


@pytest.mark.parametrize("text", [one.text for one in SPANISH] + ["Hola", "la cancion suena en la cocina"])
def test_spanish_is_spanish_with_and_without_accents(text: str) -> None:
    assert heard(text).language == "es"


@pytest.mark.parametrize(
    "text",
    [
        "Le chat est sur la table et il mange la souris dans la maison.",
        "O gato está em cima da mesa e não quer comer.",
        "Der Hund ist nicht im Haus.",
        "Il gatto è sulla tavola e non mangia.",
        "De kat zit op de tafel en wil niet eten.",
        "日本語のテキスト。",
        "Привет, как дела?",
        "xyzzy plugh",
        "42",
        "😀",
        "",
    ],
)
def test_what_is_neither_is_said_to_be_neither(text: str) -> None:
    assert heard(text).language is None


def test_a_text_in_both_is_read_in_the_one_that_has_more_of_it() -> None:
    mixed = heard(
        "The sea was cold and we swam for hours. It was the best day of all. El mar estaba muy frío y el viento soplaba."
    )

    assert mixed.language == "en"
    assert mixed.other > 0.3
