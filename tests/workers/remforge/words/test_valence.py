"""Good and bad."""

import math

import pytest
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from workers.remforge.words.found import Found
from workers.remforge.words.reading import read
from workers.remforge.words.valence import ENGLISH_CEILING, MOST_PIECES, SPANISH_CEILING, vader_model, valence


def felt(text: str) -> Found[float]:
    return valence(read(text))[0]


def compound(total: float) -> float:
    return total / math.sqrt(total * total + 15)


def test_english_is_vaders_mean_weighted_by_words() -> None:
    vader = SentimentIntensityAnalyzer()
    first, second, third = "The party was wonderful!", "Then the awful rain ruined all of it.", "We were in the house."

    found = felt(f"{first} {second} {third}")

    scores = [vader.polarity_scores(text)["compound"] for text in (first, second)]
    assert found.value == pytest.approx((4 * scores[0] + 8 * scores[1]) / 17)
    assert found.how.model == "vaderSentiment"
    assert (found.how.confidence or 1) <= ENGLISH_CEILING


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("La tarde era alegre.", 2),
        ("La tarde no era alegre.", 2 * -0.74),
        ("La tarde era muy alegre.", 2 * 1.3),
        ("La tarde no era muy alegre.", 2 * 1.3 * -0.74),
        ("La tarde era poco alegre.", 2 * 0.7),
        ("Las tardes eran tristes.", -2),
        ("Nunca en toda la vida de los dos fue alegre.", 2),
    ],
)
def test_spanish_weights_are_turned_by_what_stands_before_them(text: str, weight: float) -> None:
    found = felt(text)

    assert found.value == pytest.approx(compound(weight))
    assert (found.how.confidence or 1) <= SPANISH_CEILING < ENGLISH_CEILING


@pytest.mark.parametrize(
    "text", ["We were in the house.", "Estaban en la casa.", "Le chat est dans la maison et il dort.", ""]
)
def test_without_a_word_of_good_or_bad_there_is_no_valence(text: str) -> None:
    found = felt(text)

    assert found.value is None
    assert found.how.reason


def test_of_a_long_text_a_part_is_scored_and_that_is_said() -> None:
    short = "It was a good day. " * 10
    long = "It was a good day. " * (MOST_PIECES + 10)

    found, warnings = valence(read(long))

    assert found.value == pytest.approx(felt(short).value)
    assert warnings == (f"valence comes from {5 * MOST_PIECES} of {5 * MOST_PIECES + 50} words",)


def test_a_sentence_without_end_is_scored_in_pieces() -> None:
    found, warnings = valence(read("a good day and " * 1000))

    assert 0 < (found.value or 0) <= 1
    assert warnings == ()


def test_vader_is_named_with_the_digest_of_its_lexicon() -> None:
    model = vader_model()

    assert model.name == "vaderSentiment"
    assert model.licence == "MIT"
    assert len(model.sha256) == 64
