"""Where sentences and clauses end, and that their places are exact."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.remforge.words.clauses import clauses
from workers.remforge.words.entries import Language
from workers.remforge.words.sentences import sentence_ends
from workers.remforge.words.tokens import tokens

ZERO_WIDTH = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
TRICKY = st.text(alphabet="aB3é.!?…;:,— \n\r\t-\"'()#*•«»¿😀\u200d\u200b\u202e\x00\ud800 yand", max_size=300)


def sentences(text: str) -> list[str]:
    starts = [0, *sentence_ends(text)]
    return [text[start:end].strip() for start, end in pairwise(starts)]


def parts(text: str, language: Language | None = "en") -> list[str]:
    return [text[part.start : part.end] for part in clauses(text, tokens(text), language)]


@pytest.mark.parametrize(
    "whole",
    [
        "It costs 0.5 uJ per call, i.e. more than before.",
        "See Fig. 3 and Eq. (2) of Dr. Kocher at 9 a.m. on Monday.",
        "J. Daemen and V. Rijmen wrote it.",
        "El Sr. Pérez vive en EE. UU. con la Dra. Ruiz.",
        "Se ve en la pág. 3, p. ej. con el núm. 4.",
        "Wait... for it.",
        "Wait… for it.",
        "The call to aes.encrypt() in v1.2.3 returns early.",
        "See https://a.example/b.html?c=1.2 for more.",
        '"Stop!" he said.',
        "1. Connect the probe",
        "A line that its writer did not end but the width of\nhis page did.",
    ],
)
def test_these_are_one_sentence(whole: str) -> None:
    assert sentences(whole) == [whole]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It leaks. It stops.", ["It leaks.", "It stops."]),
        ("i went home. i slept", ["i went home.", "i slept"]),
        ("He said no. Then he left.", ["He said no.", "Then he left."]),
        ("Ayer vi el mar. No me gustó.", ["Ayer vi el mar.", "No me gustó."]),
        ("¿Sí? ¡Claro! «Mucho.» Fin.", ["¿Sí?", "¡Claro!", "«Mucho.»", "Fin."]),
        ("Masks, delays, etc. The rest is noise.", ["Masks, delays, etc.", "The rest is noise."]),
        ("It used 0.5 uJ. 800 traces were enough.", ["It used 0.5 uJ.", "800 traces were enough."]),
        ("Red kite\nBlue sea", ["Red kite", "Blue sea"]),
        ("No stop\n\nnext paragraph", ["No stop", "next paragraph"]),
        ("Before:\r\n- one\r\n- two", ["Before:", "- one", "- two"]),
        ("これは文です。次の文です。", ["これは文です。", "次の文です。"]),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (
            "en",
            "We ran to the sea, and the dog followed us because it was afraid.",
            ["We ran to the sea,", "and the dog followed us", "because it was afraid."],
        ),
        ("en", "Bread, milk and apples.", ["Bread, milk and apples."]),
        ("en", "I lost my balance and I fell down.", ["I lost my balance", "and I fell down."]),
        ("en", "Press the reset button; then wait.", ["Press the reset button;", "then wait."]),
        ("en", "At 12:30 it rained: hard.", ["At 12:30 it rained:", "hard."]),
        (
            "es",
            "Corrí hasta el mar, y la lluvia caía porque era otoño.",
            ["Corrí hasta el mar,", "y la lluvia caía", "porque era otoño."],
        ),
        ("es", "—Pasa —dijo él—. Y entró.", ["—Pasa", "—dijo él—.", "Y entró."]),
        (
            None,
            "Il mange parce que cela est bon, et elle boit du vin.",
            ["Il mange parce que cela est bon, et elle boit du vin."],
        ),
        ("en", "I won! 😀😀", ["I won! 😀😀"]),
        ("en", "It ended.\n* * *\nIt began.", ["It ended.", "* * *", "It began."]),
    ],
)
def test_clauses_are_parted_by_marks_and_by_words_that_join(
    language: Language | None, text: str, expected: list[str]
) -> None:
    assert parts(text, language) == expected


@given(st.one_of(st.text(max_size=300), TRICKY), st.sampled_from(("en", "es", None)))
def test_every_character_that_is_not_blank_is_in_one_clause(text: str, language: Language | None) -> None:
    words = tokens(text)

    found = clauses(text, words, language)

    at = word = 0
    outside = []
    for part in found:
        assert at <= part.start < part.end <= len(text)
        assert word <= part.first <= part.last
        outside.append(text[at : part.start])
        at, word = part.end, part.last
    outside.append(text[at:])
    left = {character for gap in outside for character in gap}
    assert all(one.isspace() or unicodedata.category(one) in {"Cc", "Zl", "Zp"} or blank(one) for one in left)
    assert word == len(words.forms) or not found


def blank(character: str) -> bool:
    """Tell whether a character is one of those without width that the manual names."""
    return character in ZERO_WIDTH or 0x2061 <= ord(character) <= 0x2064 or 0x206A <= ord(character) <= 0x206F


@given(st.one_of(st.text(max_size=300), TRICKY), st.sampled_from(("en", "es")))
def test_each_word_lies_in_the_clause_that_counts_it(text: str, language: Language) -> None:
    words = tokens(text)

    for part in clauses(text, words, language):
        for word in range(part.first, part.last):
            assert part.start <= words.starts[word] < part.end


@pytest.mark.parametrize(
    "text",
    [
        "." * 300_000 + "x",
        ". " * 150_000 + "x",
        '."' * 150_000,
        "A. " * 100_000,
        " " * 300_000,
        "\n" * 300_000,
        "a—" * 150_000,
    ],
)
def test_a_hostile_text_is_taken_apart_to_its_end(text: str) -> None:
    found = clauses(text, tokens(text), "en")

    assert (found[-1].end if found else 0) == len(text.rstrip())
