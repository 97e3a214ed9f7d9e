"""Where in time a text dwells."""

from collections.abc import Iterator
from typing import NamedTuple

from jobs.rem import Intent, Phase
from workers.remforge.words.clauses import Part
from workers.remforge.words.entries import Entry
from workers.remforge.words.found import Found, found, trust, unknown
from workers.remforge.words.reading import Marker, Reading
from workers.remforge.words.tense import Times, times_en, times_es

MARKER = 1.5
"""What a marker of time weighs, a verb's tense being 1."""
REMEMBERED = 1.5
"""What a verb of memory adds to the past."""
CEILING = {"en": 0.8, "es": 0.8}


class Timed(NamedTuple):
    """A clause with its times and markers."""

    part: Part
    times: Times
    markers: tuple[Marker, ...]


def timed(reading: Reading) -> list[Timed]:
    """Return the times of each clause; empty where the language is unknown."""
    if reading.lexicon is None:
        return []
    tell = times_en if reading.lexicon.language == "en" else times_es
    forms, entries, rest = reading.words.forms, reading.entries, iter(reading.markers)
    marker = next(rest, None)
    told = []
    for part in reading.parts:
        markers = []
        while marker is not None and marker.first < part.last:
            markers.append(marker)
            marker = next(rest, None)
        told.append(Timed(part, tell(forms, entries, part.first, part.last), tuple(markers)))
    return told


def phase(reading: Reading, told: list[Timed]) -> Found[Phase]:
    """Return the phase with the most evidence.

    Evidence of a clause: each finite verb 1 for its tense (a perfect 0.75 past, 0.25 present), each marker MARKER, a verb
    of memory REMEMBERED for the past. What a generic clause says in the present is atemporal. Ties: past, present,
    future, atemporal.
    """
    if reading.lexicon is None:
        return unknown(reading.unread)
    weights = dict.fromkeys(Phase, 0.0)
    for one in told:
        entries = reading.entries[one.part.first : one.part.last]
        for marker in one.markers:
            weights[Phase(marker.phase)] += MARKER
        always = generic(reading, one)
        remembered = 0 if always else sum(Intent.MEMORY in entry.acts for entry in entries)
        weights[Phase.PAST] += one.times.past + REMEMBERED * remembered
        weights[Phase.FUTURE] += one.times.future
        weights[Phase.ATEMPORAL if always else Phase.PRESENT] += one.times.present
    total = sum(weights.values())
    if total == 0:
        return unknown("no finite verb and no marker of time was recognised")
    best = max(weights, key=lambda name: weights[name])
    ceiling = CEILING[reading.lexicon.language]
    return found(best, "tense-and-markers", trust(ceiling, total, weights[best] / total))


def generic(reading: Reading, one: Timed) -> bool:
    """Tell whether a clause in the present holds always: nothing in it points at somebody, somewhere or some moment."""
    entries = reading.entries[one.part.first : one.part.last]
    if one.times.past or one.times.future or one.times.supposed or one.times.bound or one.markers or not entries:
        return False
    if any(entry.first or entry.second for entry in entries):
        return False
    if any(entry.generic for entry in entries):
        return True
    points = any(entry.deictic or Intent.PERCEPTION in entry.acts for entry in entries)
    return not points and not _certain(reading, entries)


def _certain(reading: Reading, entries: list[Entry]) -> bool:
    """Tell whether an English clause begins with `the`, which speaks of a certain one; Spanish articles do not tell."""
    return reading.spoken.language == "en" and "the" in {entry.lemma for entry in entries[:2]}


def placed(reading: Reading) -> Iterator[tuple[int, int, str]]:
    """Yield where markers of time begin and end, in characters, and their phases."""
    words = reading.words
    for marker in reading.markers:
        yield words.starts[marker.first], words.ends[marker.last - 1], marker.phase
