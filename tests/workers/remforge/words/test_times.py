"""Where in time a text dwells, and the markers that say so."""

import pytest

from jobs.rem import Phase
from workers.remforge.words.reading import read
from workers.remforge.words.times import phase, placed, timed


def dwells(text: str) -> Phase | None:
    reading = read(text)
    return phase(reading, timed(reading)).value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He walked the dog.", Phase.PAST),
        ("I have seen the sea.", Phase.PAST),
        ("They had left before the storm.", Phase.PAST),
        ("She is called by her name.", Phase.PRESENT),
        ("It is raining on the roof.", Phase.PRESENT),
        ("We're going to leave.", Phase.FUTURE),
        ("I'll call you soon.", Phase.FUTURE),
        ("I leave for the coast tomorrow.", Phase.FUTURE),
        ("Iron melts in great heat.", Phase.ATEMPORAL),
        ("People always forget the rules.", Phase.ATEMPORAL),
        ("The red kite by the sea", None),
        ("Paseó al perro.", Phase.PAST),
        ("He visto el mar.", Phase.PAST),
        ("Pintaron la valla de azul.", Phase.PAST),
        ("Está lloviendo sobre el tejado.", Phase.PRESENT),
        ("Vamos a salir de la casa.", Phase.FUTURE),
        ("Te llamaré pronto.", Phase.FUTURE),
        ("El hierro se rompe con el agua.", Phase.ATEMPORAL),
        ("La gente siempre olvida las normas.", Phase.ATEMPORAL),
        ("La cometa roja junto al mar", None),
    ],
)
def test_tense_and_markers_tell_the_phase(text: str, expected: Phase | None) -> None:
    assert dwells(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We met three years ago, and tomorrow we part.", [("three years ago", "past"), ("tomorrow", "future")]),
        ("In 5 days I leave; right now I pack my bag.", [("In 5 days", "future"), ("right now", "present")]),
        ("Hace 20 años vivía aquí.", [("Hace 20 años", "past")]),
        ("Mañana salgo; la mañana es fría.", [("Mañana", "future")]),
        (
            "La semana pasada y el año que viene no son hoy.",
            [("La semana pasada", "past"), ("el año que viene", "future"), ("hoy", "present")],
        ),
    ],
)
def test_markers_of_time_are_found_whole_and_in_place(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(text[start:end], phase_) for start, end, phase_ in placed(read(text))] == expected


def test_more_evidence_is_surer_and_contradiction_less_sure() -> None:
    def confidence(text: str) -> float:
        reading = read(text)
        return phase(reading, timed(reading)).how.confidence or 0.0

    assert confidence("He walked. She ran. They fell.") > confidence("He walked.")
    assert confidence("He walked. She ran. They fell.") > confidence("He walked. She ran. They will fall.")
