"""The normal form of texts, and the way back to the original."""

from hypothesis import given, settings
from hypothesis import strategies as st

from workers.query.normal import normal, parts, squashed


def test_case_accents_and_spaces_are_folded() -> None:
    assert normal("  ¿Qué  ENERGÍA\tgasta  Ñandú? ").text == "¿que energia gasta nandu?"


def test_compatible_forms_are_the_same() -> None:
    assert normal("５ µJ ≥ ﬁve ºC ℃").text == "5 uj ≥ five °c °c"  # noqa: RUF001 - on purpose


def test_an_exponent_keeps_its_caret() -> None:
    assert normal("10⁻⁴").text == "10^-4"
    assert normal("x²").text == "x2"


def test_a_place_leads_back_to_the_original() -> None:
    text = normal("¿Dónde  está «ﬁn_día»?")
    start = text.text.index("fin_dia")

    assert text.raw(start, start + len("fin_dia")) == "ﬁn_día"


def test_a_combining_accent_belongs_to_its_letter() -> None:
    text = normal("cafe\u0301 solo")

    assert text.raw(0, 4) == "cafe\u0301"


def test_the_key_leaves_out_the_marks_of_a_question() -> None:
    assert normal("¿Qué filtra?").key == normal("que filtra").key == "que filtra"


def test_names_are_squashed_and_parted() -> None:
    assert squashed("aes-128_sub bytes") == "aes128subbytes"
    assert parts("AES128_subBytes v2") == ("aes", "128", "sub", "bytes", "v", "2")


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(max_size=80))
def test_every_character_has_a_place_and_places_never_go_back(text: str) -> None:
    folded = normal(text)

    assert len(folded.offsets) == len(folded.text) + 1
    assert list(folded.offsets) == sorted(folded.offsets)
    assert folded.offsets[-1] == len(text)
    assert "  " not in folded.text
