"""Where sentences end, in English and Spanish technical prose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.query.sentences import sentences


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    "whole",
    [
        "It costs 0.5 uJ per call, i.e. more than before.",
        "The table in aes.c:42 leaks, e.g. LDRB does.",
        "See Fig. 3, Sec. 3.1 and Eq. (2) of Kocher et al. [3] for more.",
        "J. Daemen and V. Rijmen wrote it.",
        "Dr. Smith vs. Prof. Jones.",
        "Se mide en la pág. 3, p. ej. con el Sr. Pérez de EE. UU.",
        "Wait... for it.",
        "The call to aes.encrypt() in v1.2.3 returns early.",
        "1. Connect the probe",
    ],
)
def test_a_full_stop_inside_a_sentence_does_not_end_it(whole: str) -> None:
    assert split(whole) == [whole]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It leaks. It stops.", ["It leaks.", "It stops."]),
        ("It leaks. aes128_sbox is next.", ["It leaks.", "aes128_sbox is next."]),
        ("It leaks! Does it? Yes.", ["It leaks!", "Does it?", "Yes."]),
        ('"It leaks." Then it stops.', ['"It leaks."', "Then it stops."]),
        ("¿Se filtra? ¡Sí! «Mucho.» Fin.", ["¿Se filtra?", "¡Sí!", "«Mucho.»", "Fin."]),
        ("Masks, delays, etc. The rest is noise.", ["Masks, delays, etc.", "The rest is noise."]),
        ("It used 0.5 uJ. 800 traces were enough.", ["It used 0.5 uJ.", "800 traces were enough."]),
        ("We found key K. The rest is noise.", ["We found key K.", "The rest is noise."]),
        ("A wrapped\nline ends. Another\nbegins.", ["A wrapped\nline ends.", "Another\nbegins."]),
        ("Before:\n- one\n- two. And more\n2) three", ["Before:", "- one", "- two.", "And more", "2) three"]),
        ("# Title\nText follows.", ["# Title", "Text follows."]),
        ("3.1 Methods\nWe measure.", ["3.1 Methods", "We measure."]),
        ("No stop\n\nnext paragraph", ["No stop", "next paragraph"]),
        ("Title\n=====\nText.", ["Title", "=====", "Text."]),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text: str, expected: list[str]) -> None:
    assert split(text) == expected


def test_lines_of_code_stand_alone() -> None:
    text = "Run it.\n\nint x = 3;\n  leak(x);\n\nIt ran."
    start = text.index("int")

    found = sentences(text, verbatim=[(start, text.index("\n\nIt"))])

    assert [text[first:last] for first, last in found] == ["Run it.", "int x = 3;", "leak(x);", "It ran."]


@given(st.text(alphabet="aB3.!?… \n-\"'()#*:é_`¿", max_size=300))
def test_every_character_is_in_one_sentence_and_none_in_two(text: str) -> None:
    spans = sentences(text)

    covered = [place for start, end in spans for place in range(start, end)]
    assert covered == sorted(set(covered))
    assert {place for place, character in enumerate(text) if not character.isspace()} <= set(covered)
    assert all(text[start:end].strip() == text[start:end] != "" for start, end in spans)


@pytest.mark.parametrize(
    "text", ["." * 300_000 + "x", ". " * 150_000 + "x", "1." * 150_000, '."' * 150_000, "A. " * 100_000]
)
def test_a_hostile_text_is_split_in_time_that_grows_with_its_length(text: str) -> None:
    assert sentences(text)[-1][1] == len(text.rstrip())
