"""Arousal and dominance, with the encoder of the wheel and with one that can be followed by hand."""

import hashlib
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from stores.vectors import FloatArray
from workers.encoders.encoder_onnx import OnnxMiniLm
from workers.remforge.words import axes
from workers.remforge.words.axes import MOST_SENTENCES, NamedEncoder, placing
from workers.remforge.words.reading import read

EXCITING = (
    "The crowd screamed and fireworks exploded over our heads!",
    "My heart was racing as the bear charged at me.",
    "He slammed the door and yelled in rage.",
)
CALMING = (
    "The lake was still and the evening slowly faded.",
    "I dozed off in the warm armchair.",
    "We sat quietly and drank our tea.",
)
RULING = ("The general ordered his troops to advance.", "She commanded the room with confidence.")
RULED = ("I could not move and nobody heard me.", "He begged for mercy on his knees.")


@pytest.fixture(scope="module")
def minilm(tmp_path_factory: pytest.TempPathFactory) -> NamedEncoder:
    encoder = OnnxMiniLm(tmp_path_factory.mktemp("models"), threads=1)
    return NamedEncoder(encoder.model, encoder.encode)


class Hashing:
    """Vectors of eight numbers that only equal texts share, and what was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, texts: Sequence[str]) -> FloatArray:
        self.asked.extend(texts)
        return np.array([self.vector(text) for text in texts], np.float32)

    @staticmethod
    def vector(text: str) -> NDArray[np.float64]:
        raw = np.frombuffer(hashlib.sha256(text.encode()).digest(), np.uint8)[:8] / 255 - 0.5
        return np.asarray(raw / np.linalg.norm(raw))


def test_exciting_sentences_arouse_more_than_calming_ones(minilm: NamedEncoder) -> None:
    exciting = [placing(read(text), minilm).arousal.value or 0 for text in EXCITING]
    calming = [placing(read(text), minilm).arousal.value or 1 for text in CALMING]

    assert min(exciting) > 0.5 > max(calming)


def test_those_who_rule_are_more_dominant_than_those_who_are_ruled(minilm: NamedEncoder) -> None:
    ruling = [placing(read(text), minilm).dominance.value or 0 for text in RULING]
    ruled = [placing(read(text), minilm).dominance.value or 1 for text in RULED]

    assert min(ruling) > 0.5 > max(ruled)


def test_confidence_is_what_was_measured_and_the_model_is_named(minilm: NamedEncoder) -> None:
    found = placing(read(" ".join(EXCITING * 20)), minilm)

    assert found.arousal.how.confidence == 0.26
    assert found.dominance.how.confidence == 0.43
    assert found.arousal.how.model == found.dominance.how.model == minilm.name


def test_a_value_is_where_the_mean_vector_lies_on_the_axis() -> None:
    text = "The dog ran home. It was a very long way for it."
    sentences = ("The dog ran home.", "It was a very long way for it.")

    found = placing(read(text), NamedEncoder("hashing-by-hand", Hashing()))

    def mean(words: str) -> NDArray[np.float64]:
        return np.asarray(np.mean([Hashing.vector(word.replace("-", " ")) for word in words.split()], axis=0))

    direction = mean(axes.AROUSED) - mean(axes.CALM)
    direction = direction / np.linalg.norm(direction)
    cosines = [float(Hashing.vector(line) @ direction) for line in axes.NEUTRAL.strip().splitlines()]
    vector = 4 * Hashing.vector(sentences[0]) + 8 * Hashing.vector(sentences[1])
    z = (vector @ direction / np.linalg.norm(vector) - np.mean(cosines)) / np.std(cosines)
    assert found.arousal.value == pytest.approx(1 / (1 + np.exp(-z)), abs=1e-5)


def test_the_words_of_the_axes_are_encoded_once_a_name() -> None:
    first, second = Hashing(), Hashing()

    placing(read("The dog ran home."), NamedEncoder("hashing-once", first))
    placing(read("The dog ran home."), NamedEncoder("hashing-once", second))

    assert len(first.asked) > 50
    assert second.asked == ["The dog ran home."]


def test_of_a_long_text_some_sentences_are_encoded_and_that_is_said() -> None:
    hashing = Hashing()
    text = " ".join(f"The {number} dogs ran home." for number in range(500)) + " The end is" + " very" * 200 + " far."

    found = placing(read(text), NamedEncoder("hashing-long", hashing))

    assert len([one for one in hashing.asked if "dogs" in one]) == MOST_SENTENCES
    assert any("24 of 501 sentences" in warning for warning in found.warnings)


@pytest.mark.parametrize("text", ["", "😀", "El perro corrió a casa.", "Le chat est dans la maison et il dort."])
def test_what_the_encoder_cannot_read_has_no_place(text: str) -> None:
    found = placing(read(text), NamedEncoder("hashing-unread", Hashing()))

    assert found.arousal.value is None
    assert found.arousal.how.reason == found.dominance.how.reason


def test_without_an_encoder_there_is_no_place_and_a_reason() -> None:
    found = placing(read("The dog ran home."), None)

    assert found.dominance.value is None
    assert found.dominance.how.reason == "there is no sentence encoder"
