"""What is read in sentences against what a person read in them, and that no confidence promises more."""

import pytest

from tests.workers.remforge.words.by_hand import ENGLISH, SPANISH, Judged
from workers.remforge.words import acts, senses, times, valence
from workers.remforge.words.entries import Language
from workers.remforge.words.reading import read

MARGIN = 0.1
"""The sentences are few, and of the author of the rules."""
BY_LANGUAGE: dict[Language, tuple[Judged, ...]] = {"en": ENGLISH, "es": SPANISH}


def judgements(text: str) -> dict[str, str | None]:
    reading = read(text)
    told = times.timed(reading)
    shares = senses.modalities(reading).value
    feeling = valence.valence(reading)[0].value
    counts = {} if shares is None else shares.model_dump()
    sign = None if feeling is None or abs(feeling) < 0.05 else "pos" if feeling > 0 else "neg"
    return {
        "mode": acts.mode(reading, told).value,
        "phase": times.phase(reading, told).value,
        "sense": max(counts, key=lambda name: counts[name], default=None),
        "sign": sign,
        "horizon": senses.horizon(reading).value,
    }


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    ("what", "ceilings"),
    [
        ("mode", acts.CEILING),
        ("phase", times.CEILING),
        ("sense", senses.CEILING),
        ("horizon", senses.HORIZON_CEILING),
        ("sign", {"en": valence.ENGLISH_CEILING, "es": valence.SPANISH_CEILING}),
    ],
)
def test_no_confidence_is_above_how_often_a_person_agrees(
    language: Language, what: str, ceilings: dict[Language, float]
) -> None:
    judged = [one for one in BY_LANGUAGE[language] if getattr(one, what) is not None]

    right = sum(judgements(one.text)[what] == getattr(one, what) for one in judged)

    assert len(judged) >= 6
    assert right / len(judged) >= ceilings[language] + MARGIN
