"""Shares of the senses, and the horizon of space."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.rem import Modalities
from workers.remforge.words.entries import SENSES
from workers.remforge.words.lexicon import lexicon
from workers.remforge.words.reading import read
from workers.remforge.words.senses import horizon, modalities

WORDS = sorted(word for word, entry in lexicon("en").by_lemma.items() if entry.senses)


def shares(text: str) -> Modalities:
    found = modalities(read(text)).value
    assert found is not None
    return found


def test_the_distribution_is_counted_and_smoothed() -> None:
    found = shares("The red and yellow kite was loud.")

    # red, yellow: visual; loud: auditory.
    assert found.visual == pytest.approx(2.1 / 3.9)
    assert found.auditory == pytest.approx(1.1 / 3.9)
    assert found.gustatory == pytest.approx(0.1 / 3.9)


def test_a_word_of_two_senses_is_shared_by_them() -> None:
    found = shares("The lemon was in the smoke of the incense and the taste was on the tongue.")

    assert found.olfactory == pytest.approx(2.1 / 5.9)
    assert found.gustatory == pytest.approx(3.1 / 5.9)


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=40))
def test_shares_sum_to_one(words: list[str]) -> None:
    found = shares(f"the {' and the '.join(words)}")

    assert sum(found.model_dump().values()) == pytest.approx(1, abs=1e-9)
    assert set(found.model_dump()) == set(SENSES)


def test_without_a_word_of_the_senses_there_is_no_distribution() -> None:
    found = modalities(read("They were there before us."))

    assert found.value is None
    assert found.how.reason == "no word of the senses occurs"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("His lips were on her skin.", "intimate"),
        ("The cup is on the desk.", "near"),
        ("She painted the walls of the kitchen.", "room"),
        ("We walked along the beach and the cliffs.", "open"),
        ("The universe is infinite.", "boundless"),
        ("Sus labios rozaron la piel.", "intimate"),
        ("La taza está sobre el escritorio.", "near"),
        ("Pintó las paredes de la cocina.", "room"),
        ("Caminamos por las playas y las montañas.", "open"),
        ("El universo es infinito.", "boundless"),
        ("They were there before us.", None),
    ],
)
def test_the_horizon_is_what_most_words_of_space_name(text: str, expected: str | None) -> None:
    assert horizon(read(text)).value == expected
