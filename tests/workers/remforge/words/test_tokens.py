"""Words and where they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.remforge.words.tokens import NUMBER, folded, tokens


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("I don't know", ["i", "don't", "know"]),
        ("I don\u2019t", ["i", "don't"]),
        ("Él OYÓ", ["él", "oyó"]),
        ("e\u0301l", ["él"]),
        ("co\u00adop", ["coop"]),
        ("3.5 V at 12:30", ["#", "#", "v", "at", "#", "#"]),
        ("aes128_sbox _very_ good", ["aes128_sbox", "very", "good"]),
        ("see https://a.example/b?c=d, or me@a.example now", ["see", "or", "now"]),
        ("'quoted' rock-'n'-roll", ["quoted", "rock", "n", "roll"]),
        ("½ ② ٣", [NUMBER, NUMBER, NUMBER]),
        ("\x00a\x00b", ["a", "b"]),
        ("😀", []),
    ],
)
def test_words_are_found_in_their_plain_form(text: str, forms: list[str]) -> None:
    assert tokens(text).forms == forms


@given(st.text(max_size=200))
def test_words_are_in_order_and_apart_and_begin_with_what_they_say(text: str) -> None:
    found = tokens(text)

    at = 0
    for start, end, form in zip(found.starts, found.ends, found.forms, strict=True):
        assert at <= start < end <= len(text)
        assert text[start].isalpha() == (form != NUMBER)
        at = end


def test_hurried_people_leave_accents_away_but_not_the_n_with_a_tilde() -> None:
    assert folded("canción") == "cancion"
    assert folded("pingüino") == "pinguino"
    assert folded("mañana") == "mañana"
