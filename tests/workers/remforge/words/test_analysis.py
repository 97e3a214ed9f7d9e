"""A text's part of a record as a whole: every leaf has a value or a reason, whatever the text."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.rem import (
    Derivation,
    Header,
    Level,
    Modality,
    Qualia,
    Quality,
    Rem,
    Scales,
    Source,
    rem_id,
)
from stores.vectors import FloatArray
from workers.remforge.words.analysis import MOST_CLAUSES, Words, analyse

DIARY = (
    "Yesterday I walked to the beach with my brother. The water was cold, and the wind smelled of salt; I was so happy! "
    'He said: "Remember this." I remember it, and I think I always will.'
)
DIARIO = (
    "Ayer fui a la playa con mi hermano. El agua estaba fría y el viento olía a sal. ¡Estaba muy contento! "
    "Me dijo: «Recuérdalo». Lo recuerdo, y creo que siempre lo recordaré."
)
TEXTS = (
    DIARY,
    DIARIO,
    f"{DIARY} {DIARIO}",
    "",
    " \n\t ",
    "hello",
    "hola",
    "😀😀 🏴\U000e0067\U000e0062",
    "42",
    "x" * 1_000_000,
    "a\x00b \ufeff\u200b the sea was\x07 cold",
    "\ud800 half a pair \udc00",
    "\u202eabc שלום עולם مرحبا",
    "Le chat est dans la maison et il dort.",
)


def letters(texts: Sequence[str]) -> FloatArray:
    """Return how often each of 26 letters occurs, scaled to unit length: [n, 27]."""
    counts = np.array([[1.0, *(text.count(chr(97 + letter)) for letter in range(26))] for text in texts], np.float32)
    return np.asarray(counts / np.linalg.norm(counts, axis=1, keepdims=True), np.float32)


def forged(text: str, *, encoder: bool = True) -> Words:
    return analyse(text, encode=letters if encoder else None, encoder_name="letters" if encoder else None)


def record(words: Words) -> Rem:
    """Build a record of a text file; it raises where a leaf is not explained."""
    raw = (words.stream.text or "").encode()
    digest = hashlib.sha256(raw).hexdigest()
    absent = Derivation(reason="the file is a text")
    others = ("qualia.image", "qualia.audio", "qualia.video", "embedding", "labels")
    return Rem(
        header=Header(
            rem_id=rem_id(digest),
            forge_version="1",
            level=Level.LITE,
            models=words.models,
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
            modality=Modality.TEXT,
            source=Source(name="a.txt", sha256=digest, media_type="text/plain", bytes=len(raw)),
            language=words.language,
            quality=Quality(completeness=1, warnings=words.warnings),
        ),
        stream=words.stream,
        noetic=words.noetic,
        sensorial=words.sensorial,
        qualia=Qualia(image=None, audio=None, video=None, text=words.text),
        anchors=words.anchors,
        scales=Scales(coarse=words.coarse, medium=words.medium, fine={"clauses": len(words.stream.clauses)}),
        embedding=None,
        fields={**words.fields, **dict.fromkeys(others, absent)},
    )


@pytest.mark.parametrize("encoder", [True, False])
@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_every_leaf_has_a_value_or_a_reason(text: str, encoder: bool) -> None:
    made = record(forged(text, encoder=encoder))

    assert Rem.model_validate_json(made.model_dump_json()) == made


@given(st.text(max_size=200))
def test_any_text_makes_a_record(text: str) -> None:
    made = record(forged(text, encoder=False))

    assert Rem.model_validate_json(made.model_dump_json()) == made


@pytest.mark.parametrize("text", [DIARY, DIARIO], ids=["en", "es"])
def test_a_diary_has_all_that_its_language_allows(text: str) -> None:
    words = forged(text)

    null = {name for name, how in words.fields.items() if how.reason}
    assert null == (set() if words.language == "en" else {"sensorial.arousal", "sensorial.dominance"})
    assert words.noetic.temporal_phase == "past"
    assert words.sensorial.spatial_horizon == "open"
    assert words.sensorial.valence is not None
    assert words.sensorial.valence > 0
    assert words.stream.temporal_markers[0].text in {"Yesterday", "Ayer"}
    assert words.coarse.startswith(("English text", "Spanish text"))


def test_the_same_text_gives_the_same_answer() -> None:
    assert forged(DIARY) == forged(DIARY)
    assert forged(DIARIO) == forged(DIARIO)


@pytest.mark.parametrize("text", ["", " \n\t ", "😀", "42"])
def test_without_words_nothing_is_claimed(text: str) -> None:
    words = forged(text)

    assert set(words.noetic.model_dump().values()) == {None}
    assert set(words.sensorial.model_dump().values()) == {None}
    assert words.text.words == 0
    assert words.text.characters == len(text)
    assert words.warnings == ("there are no words",)


def test_a_language_that_no_lexicon_reads_is_counted_and_not_interpreted() -> None:
    words = forged("Le chat est dans la maison et il dort.")

    assert words.language is None
    assert words.text.words == 9
    assert words.text.entropy_bits is not None
    assert set(words.noetic.model_dump().values()) == {None}
    assert any("neither English nor Spanish" in warning for warning in words.warnings)


def test_a_text_in_two_languages_says_so() -> None:
    assert any("the text was read as" in warning for warning in forged(f"{DIARY} {DIARIO}").warnings)


def test_halves_of_characters_become_a_sign_for_them_in_their_place() -> None:
    words = forged("a\ud800b the sea")

    assert words.stream.text == "a\ufffdb the sea"
    assert any("lone surrogates" in warning for warning in words.warnings)


def test_control_characters_stay_in_the_stream_and_out_of_the_lines() -> None:
    text = "The\x00 sea\x07 was \u202ecold\nand grey."

    words = forged(text)

    assert words.stream.text == text
    assert words.medium == ("The sea was cold and grey.",)
    assert "\n" not in words.coarse


def test_the_clauses_of_a_long_text_are_listed_up_to_a_place_that_is_named() -> None:
    words = forged("I saw it. " * (MOST_CLAUSES + 5))

    assert len(words.stream.clauses) == MOST_CLAUSES
    assert any(f"up to character {10 * MOST_CLAUSES}" in warning for warning in words.warnings)
    assert words.text.words == 3 * (MOST_CLAUSES + 5)


def test_an_encoder_comes_with_its_name() -> None:
    with pytest.raises(ValueError, match="its name"):
        analyse("the sea", encode=letters, encoder_name=None)
    with pytest.raises(ValueError, match="its name"):
        analyse("the sea", encode=None, encoder_name="letters")


def test_what_the_encoder_raises_is_not_hidden() -> None:
    def away(texts: Sequence[str]) -> FloatArray:
        raise ConnectionError(len(texts))

    with pytest.raises(ConnectionError):
        analyse("The sea was cold.", encode=away, encoder_name="away")
