"""How somebody relates to what a text tells: its mode, and how directed, involved and intense it is."""

import math
from dataclasses import dataclass

from jobs.rem import Intent
from workers.remforge.words import grammar_en, grammar_es
from workers.remforge.words.found import Found, found, trust, unknown
from workers.remforge.words.reading import Reading
from workers.remforge.words.times import Timed, generic

OUTER = frozenset(["visual", "auditory", "haptic", "olfactory", "gustatory"])
"""Senses of what is outside of oneself."""
CUE = 0.5
SENSED = 1 / 3
"""What a word of an outer sense that is no verb adds to perception."""
REMOTE_PAST, NEAR_PAST = 1.5, 0.5
"""What a marker of the past adds to memory in a clause of the first person."""
CEILING = {"en": 0.65, "es": 0.65}
FULL_EGO = 0.12
"""The share of words of the first person from which on a text is all about its writer."""
EGO_CEILING = {"en": 0.7, "es": 0.6}
DIRECTED_CEILING = 0.5
INTENSITY_CEILING = 0.5
_OBJECTS = {"en": frozenset(grammar_en.OBJECTS.split()), "es": frozenset(grammar_es.OBJECTS.split())}
_CLITICS = frozenset(["me", "te", "lo", "la", "le", "los", "las", "les", "nos", "os"])
_QUOTES = '"“”«»„'


@dataclass(frozen=True, slots=True)
class Tally:
    """What occurs in a text."""

    acts: float
    directed: float
    first: int
    emphasis: float


def mode(reading: Reading, told: list[Timed]) -> Found[Intent]:
    """Return the mode with the highest score; ties go to the first of Intent.

    A verb that does it adds 1 (shared if it does two things), a word that hints at it CUE. A word of an outer sense adds
    SENSED to perception. A marker of the past beside a first person adds REMOTE_PAST or NEAR_PAST to memory; a
    conditional adds 1, a future tense CUE to imagination; quotation marks CUE to language, `?` CUE to reflection.
    """
    if reading.lexicon is None:
        return unknown(reading.unread)
    scores = dict.fromkeys(Intent, 0.0)
    for entry in reading.entries:
        for intent in entry.acts:
            scores[intent] += 1 / len(entry.acts)
        for intent in entry.cues:
            scores[intent] += CUE
        if entry.senses and not entry.verb and not OUTER.isdisjoint(entry.senses):
            scores[Intent.PERCEPTION] += SENSED
    for one in told:
        _add_times(scores, reading, one)
    total = sum(scores.values())
    if total == 0:
        return unknown("no verb or word of perceiving, remembering, imagining, reflecting, speaking or acting occurs")
    best = max(scores, key=lambda name: scores[name])
    ceiling = CEILING[reading.lexicon.language]
    return found(best, "mode-verbs-and-cues", trust(ceiling, total, scores[best] / total))


def _add_times(scores: dict[Intent, float], reading: Reading, one: Timed) -> None:
    text, part = reading.text, one.part
    past = [marker for marker in one.markers if marker.phase == "past"]
    if past and any(entry.first for entry in reading.entries[part.first : part.last]):
        scores[Intent.MEMORY] += sum(REMOTE_PAST if marker.remote else NEAR_PAST for marker in past)
    if reading.spoken.language == "es":
        scores[Intent.IMAGINATION] += one.times.supposed
    scores[Intent.IMAGINATION] += CUE * (one.times.future > 0)
    scores[Intent.LANGUAGE] += CUE * any(text.find(mark, part.start, part.end) >= 0 for mark in _QUOTES)
    scores[Intent.REFLECTION] += CUE * (text.find("?", part.start, part.end) >= 0)


def tally(reading: Reading, told: list[Timed]) -> Tally:
    """Count what directedness, involvement and intensity are made of."""
    language = reading.spoken.language
    acts = directed = emphasis = 0.0
    first = 0
    objects = _OBJECTS[language or "en"]
    forms, entries = reading.words.forms, reading.entries
    for place, entry in enumerate(entries):
        first += entry.first
        if entry.degree:
            emphasis += 0.5 * entry.degree
        if not entry.acts or not entry.verb:
            continue
        acts += 1
        emphasis += 0.5 * entry.strong
        behind = place + 1 < len(forms) and (forms[place + 1] in objects or forms[place + 1] == "#")
        clitic = language == "es" and place > 0 and forms[place - 1] in _CLITICS
        directed += behind or clitic
    for one in told:
        part = one.part
        emphasis += 0.5 * min(3, reading.text.count("!", part.start, part.end))
        emphasis += 0.5 * _shouted(reading, part.first, part.last)
    return Tally(acts, directed, first, emphasis)


def _shouted(reading: Reading, first: int, last: int) -> int:
    """Return 1 if a clause has a word in capitals of four letters or more among others, or letters drawn out (`sooo`)."""
    words, text = reading.words, reading.text
    loud = calm = 0
    for place in range(first, last):
        form = words.forms[place]
        if len(form) >= 4:
            start = words.starts[place]
            if text[start].isupper() and text[start : words.ends[place]].isupper():
                loud += 1
            else:
                calm += 1
    return int(loud > 0 and calm > 0)


def directedness(reading: Reading, counted: Tally) -> Found[float]:
    """Return the share of verbs of the modes right behind which an object stands (or before which a Spanish pronoun does)."""
    if reading.lexicon is None:
        return unknown(reading.unread)
    if counted.acts == 0:
        return unknown("no verb of the lexicon occurs that could be about something")
    return found(counted.directed / counted.acts, "verbs-with-objects", trust(DIRECTED_CEILING, counted.acts))


def ego(reading: Reading, counted: Tally) -> Found[float]:
    """Return min(1, f / (FULL_EGO n)): f words (Spanish: and forms of verbs) of the first person among n."""
    if reading.lexicon is None:
        return unknown(reading.unread)
    value = min(1.0, counted.first / (FULL_EGO * reading.total))
    ceiling = EGO_CEILING[reading.lexicon.language]
    return found(value, "first-person-rate", trust(ceiling, reading.total / 5))


def intensity(reading: Reading, counted: Tally, told: list[Timed]) -> Found[float]:
    """Return 1 - exp(-max(0, e + 0.25 a) / c): emphasis e, verbs of the modes a, clauses c.

    Emphasis: 0.5 for each strong verb, intensifier, `!` (at most 3 a clause) and clause with shouting; -0.5 for each
    word that weakens.
    """
    if reading.lexicon is None:
        return unknown(reading.unread)
    rate = max(0.0, counted.emphasis + 0.25 * counted.acts) / len(told)
    return found(1 - math.exp(-rate), "emphasis-per-clause", trust(INTENSITY_CEILING, reading.total / 5))


def experience(reading: Reading, one: Timed) -> float:
    """Return how much a clause tells of something lived through, 0 to 1.

    0.3 of the first person + 0.3 of the outer senses and the own body + 0.2 of affect + 0.1 of a marker of time or a word
    of space + 0.1 of a past or bound present; n signs of a kind count 1 - 2^-n of it. Half of that for what holds always.
    """
    first = body = affect = place = 0
    for entry in reading.entries[one.part.first : one.part.last]:
        first += entry.first
        place += bool(entry.horizons)
        if entry.senses:
            body += not OUTER.isdisjoint(entry.senses) or "proprioceptive" in entry.senses
            affect += "affective" in entry.senses
    lived = bool(one.times.past or one.times.bound)
    signs = ((0.3, first), (0.3, body), (0.2, affect), (0.1, place + len(one.markers)), (0.1, int(lived)))
    score = sum(weight * (1 - 0.5**count) for weight, count in signs)
    return round(score * (0.5 if generic(reading, one) else 1), 3)
