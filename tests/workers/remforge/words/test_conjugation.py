"""Forms of Spanish verbs."""

import pytest

from workers.remforge.words.conjugation_es import Form
from workers.remforge.words.spanish import conjugated


@pytest.mark.parametrize(
    ("written", "lemma", "tense", "first"),
    [
        ("toqué", "tocar", "past", True),
        ("llegué", "llegar", "past", True),
        ("crucé", "cruzar", "past", True),
        ("cojo", "coger", "present", True),
        ("conozco", "conocer", "present", True),
        ("construyó", "construir", "past", False),
        ("leyeron", "leer", "past", False),
        ("sintió", "sentir", "past", False),
        ("durmiendo", "dormir", "other", False),
        ("juega", "jugar", "present", False),
        ("pidió", "pedir", "past", False),
        ("sueña", "soñar", "present", False),
        ("volaría", "volar", "conditional", False),
        ("sigo", "seguir", "present", True),
        ("oímos", "oír", "present", True),
        ("dijeron", "decir", "past", False),
        ("huelo", "oler", "present", True),
        ("nadábamos", "nadar", "past", True),
        ("construiré", "construir", "future", True),
    ],
)
def test_a_form_is_known_by_its_verb_tense_and_person(written: str, lemma: str, tense: str, first: bool) -> None:
    assert conjugated()[written] == Form(lemma, tense, first)


@pytest.mark.parametrize("written", ["como", "para", "vino", "nada", "tocé", "llegé", "cogo", "sentió", "volan"])
def test_what_is_no_form_or_rarely_one_is_none(written: str) -> None:
    assert written not in conjugated()
