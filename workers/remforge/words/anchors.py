"""Words that a text hangs on."""

import math

from jobs.rem import Anchor
from workers.remforge.words.entries import Entry
from workers.remforge.words.found import Found, found, trust, unknown
from workers.remforge.words.lexicon import lexicon
from workers.remforge.words.reading import Reading
from workers.remforge.words.tokens import NUMBER

MOST = 12
SHORTEST, LONGEST = 3, 40
"""Letters of a word that can be an anchor."""
CEILING = 0.5
TYPES = 5000
"""Forms that are weighed: the commonest, ties in the order of the text."""


def anchors(reading: Reading) -> Found[tuple[Anchor, ...]]:
    """Return at most MOST words, most salient first, each where it stands first; one for each lemma.

    A lemma that occurs c times weighs (1 + ln c) * r * k * p: r = min(1, letters / 8), as long words are rare (Zipf's law
    of abbreviation); k = 1.5 for a word of the senses, of space or of good and bad, or a capital inside a sentence,
    else 1; p = 1.2 - 0.2 * (how far into the text it stands first). Salience is the weight as a share of the largest.
    Too common words are no anchors.
    """
    first: dict[str, int] = {}
    for place, form in enumerate(reading.words.forms):
        first.setdefault(form, place)
    weighed: dict[str, tuple[float, int, int]] = {}
    for form, count in reading.counts.most_common(TYPES):
        entry = reading.entries[first[form]] if reading.entries else None
        if not SHORTEST <= len(form) <= LONGEST or form == NUMBER or _common(form, entry):
            continue
        lemma = form if entry is None else entry.lemma
        before = weighed.get(lemma)
        place = first[form] if before is None else min(before[1], first[form])
        bonus = 1.5 if _telling(reading, place, entry) else 1.0
        total = count + (before[2] if before else 0)
        weighed[lemma] = (bonus if before is None else max(before[0], bonus), place, total)
    ranked = sorted((-_weight(reading, *what), what[1]) for what in weighed.values())[:MOST]
    if not ranked:
        return unknown("no word stands out")
    largest = -ranked[0][0]
    found_ = tuple(_anchor(reading, place, -weight / largest) for weight, place in ranked)
    return found(found_, "frequency-rarity-position", trust(CEILING, reading.total / 5))


def _common(form: str, entry: Entry | None) -> bool:
    if entry is not None:
        return entry.stop or entry.first or entry.second or entry.deictic or entry.negates
    return any((known := lexicon(language).by_lemma.get(form)) and known.stop for language in ("en", "es"))


def _telling(reading: Reading, place: int, entry: Entry | None) -> bool:
    if entry is not None and (entry.senses or entry.horizons or entry.weight):
        return True
    start = reading.words.starts[place]
    inside = start >= 2 and reading.text[start - 1] == " " and reading.text[start - 2].isalnum()
    return inside and reading.text[start].isupper()


def _weight(reading: Reading, bonus: float, place: int, count: int) -> float:
    words = reading.words
    rarity = min(1.0, (words.ends[place] - words.starts[place]) / 8)
    position = 1.2 - 0.2 * place / max(1, len(words.starts))
    return (1 + math.log(count)) * rarity * bonus * position


def _anchor(reading: Reading, place: int, salience: float) -> Anchor:
    start, end = reading.words.starts[place], reading.words.ends[place]
    return Anchor(token=reading.text[start:end], start=start, end=end, salience=round(salience, 3))
