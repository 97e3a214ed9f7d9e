"""How somebody relates to what is told."""

import math

import pytest

from jobs.rem import Intent
from workers.remforge.words.acts import directedness, ego, experience, intensity, mode, tally
from workers.remforge.words.found import Found
from workers.remforge.words.reading import read
from workers.remforge.words.times import timed


def directed(text: str) -> float | None:
    reading = read(text)
    return directedness(reading, tally(reading, timed(reading))).value


def involved(text: str) -> float | None:
    reading = read(text)
    return ego(reading, tally(reading, timed(reading))).value


def intense(text: str) -> Found[float]:
    reading = read(text)
    told = timed(reading)
    return intensity(reading, tally(reading, told), told)


def lived(text: str) -> float:
    reading = read(text)
    return experience(reading, timed(reading)[0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I saw the river.", Intent.PERCEPTION),
        ("I remember the river.", Intent.MEMORY),
        ("I dreamed of the river.", Intent.IMAGINATION),
        ("I wonder about the river.", Intent.REFLECTION),
        ("I told them of the river.", Intent.LANGUAGE),
        ("I crossed the river and built a bridge.", Intent.ACTION),
        ("Vi el río.", Intent.PERCEPTION),
        ("Recuerdo el río.", Intent.MEMORY),
        ("Soñé con el río.", Intent.IMAGINATION),
        ("Reflexiono sobre el río.", Intent.REFLECTION),
        ("Les conté del río.", Intent.LANGUAGE),
        ("Construí un puente en el río.", Intent.ACTION),
        ("The river of the valley", None),
    ],
)
def test_the_verb_tells_the_mode(text: str, expected: Intent | None) -> None:
    reading = read(text)

    assert mode(reading, timed(reading)).value == expected


def test_a_verb_with_an_object_is_directed_and_one_without_is_not() -> None:
    assert directed("I saw the river.") == 1
    assert directed("We saw them and we ran.") == 0.5
    assert directed("We ran.") == 0
    assert directed("Lo vi.") == 1
    assert directed("The river of the valley") is None


def test_a_text_of_oneself_involves_its_writer() -> None:
    # One of eight words: 1 / (0.12 * 8) is more than 1.
    assert involved("Yesterday I went down to the cold sea.") == 1
    # One of ten.
    assert involved("The cold sea of the north was very far from me.") == pytest.approx(1 / (0.12 * 11))
    assert involved("The sea was cold.") == 0
    # `fui`, `mi`: the person of a Spanish verb counts without a pronoun.
    assert involved("Fui a la playa con mi perro y dos amigos de la escuela del pueblo de al lado.") == pytest.approx(
        2 / (0.12 * 18)
    )


def test_intensity_counts_emphasis_for_each_clause() -> None:
    assert intense("The house is on the hill.").value == 0
    # screamed: 0.25 for the verb, 0.5 for being strong; very: 0.5; !: 0.5.
    assert intense("He screamed very loud!").value == pytest.approx(1 - math.exp(-1.75))
    # A second clause without any halves the rate.
    assert intense("He screamed very loud! The house was on the hill.").value == pytest.approx(1 - math.exp(-0.875))
    assert intense("this is LOUD music").value == pytest.approx(1 - math.exp(-0.5))


def test_what_is_lived_through_scores_above_what_always_holds() -> None:
    assert lived("Yesterday I felt the cold wind on my skin and I was sad.") > 0.6
    assert lived("A triangle has three sides.") == 0
    # One word of an outer sense (0.3 / 2) in a clause that always holds: half of that.
    assert lived("Iron is cold.") == pytest.approx(0.075)
