"""Noun phrases and proper names, by the endings and the neighbours of words; few of them rather than wrong ones.

A phrase of two to four words counts if its head is a technical noun, or if it occurs twice; a proper name if it has two
words or occurs twice.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workers.query.language import ENGLISH, SPANISH
from workers.query.noun_words import CALENDAR, GENERIC, PARTICLES, TECHNICAL_HEADS, VERBS
from workers.query.sentences import Span
from workers.query.text_words import Word, near

LONGEST_PHRASE = 4
LONGEST_WORD = 40
TITLE_SHARE = 0.6
"""Of words that begin with a capital, from which on a sentence is a title, in which capitals tell nothing."""
_JOINTS = frozenset({"de", "del"})
_STOP = ENGLISH | SPANISH | VERBS | PARTICLES
_NO_NOUN = ("ly", "mente", "aron", "ieron", "ando", "iendo", "ndose", "arse", "irse", "erse")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase in its one form, and where it stands."""

    name: str
    type: str
    description: str
    places: tuple[Span, ...]


def phrases(text: str, sentences: Sequence[Sequence[Word]], taken: bytearray) -> Iterator[Phrase]:
    """Yield what counts as a name or a phrase in a text, outside the places that are taken; names take theirs."""
    for name in _proper(text, sentences, taken):
        for start, end in name.places:
            taken[start:end] = b"\1" * (end - start)
        yield name
    yield from _common(text, sentences, taken)


def _proper(text: str, sentences: Sequence[Sequence[Word]], taken: bytearray) -> list[Phrase]:
    places: defaultdict[str, list[Span]] = defaultdict(list)
    spelled: dict[str, str] = {}
    for sentence in sentences:
        for run in _names(text, sentence, taken):
            key, written = " ".join(word.plain for word in run), " ".join(word.raw for word in run)
            spelled[key] = min(written, spelled.get(key, written))
            places[key].append((run[0].start, run[-1].end))
    return [
        Phrase(spelled[key], "name", "Name found in documents.", tuple(found))
        for key, found in places.items()
        if (len(found) > 1 or " " in key) and key.count(" ") < LONGEST_PHRASE
    ]


def _common(text: str, sentences: Sequence[Sequence[Word]], taken: bytearray) -> Iterator[Phrase]:
    places: defaultdict[str, list[Span]] = defaultdict(list)
    said: dict[str, str] = {}
    technical: set[str] = set()
    for sentence in sentences:
        for run in _runs(text, sentence, taken):
            key, form = " ".join(word.stem for word in run), _singular(run)
            said[key] = min(form, said.get(key, form), key=lambda name: (len(name), name))
            places[key].append((run[0].start, run[-1].end))
            if _technical(run):
                technical.add(key)
    for key, found in places.items():
        if len(found) > 1 or key in technical:
            yield Phrase(said[key], "concept", "Term found in documents.", tuple(found))


def _names(text: str, sentence: Sequence[Word], taken: bytearray) -> Iterator[Sequence[Word]]:
    """Yield runs of capitalised words within a sentence; what begins it may have its capital from that."""
    long = [word for word in sentence if len(word.plain) > 3 and word.plain.isalpha()]
    if sum(word.raw[0].isupper() for word in long) > TITLE_SHARE * len(long):
        return
    run: list[Word] = []
    for place, word in enumerate(sentence):
        fits = place > 0 and _is_name(word) and taken.find(1, word.start, word.end) < 0
        if run and not (fits and near(text, run[-1], word)):
            yield run
            run = []
        if fits:
            run.append(word)
    if run:
        yield run


def _is_name(word: Word) -> bool:
    return (
        2 < len(word.raw) <= LONGEST_WORD
        and word.raw[0].isupper()
        and word.plain.isalpha()
        and word.plain not in _STOP
        and word.plain not in CALENDAR
        and word.plain not in GENERIC
    )


def _runs(text: str, sentence: Sequence[Word], taken: bytearray) -> Iterator[Sequence[Word]]:
    """Yield runs of words that can be one noun phrase."""
    run: list[Word] = []
    for word in (*sentence, None):
        if word is not None and (not run or near(text, run[-1], word)):
            inside = word.plain in _JOINTS and bool(run)
            if taken.find(1, word.start, word.end) < 0 and (inside or _is_content(word)):
                run.append(word)
                continue
        if phrase := _stripped(run):
            yield phrase
        fresh = word is not None and taken.find(1, word.start, word.end) < 0 and _is_content(word)
        run = [word] if word is not None and fresh else []


def _is_content(word: Word) -> bool:
    if not (2 < len(word.plain) <= LONGEST_WORD and word.plain.isalpha()) or word.plain in _STOP:
        return False
    return word.plain in TECHNICAL_HEADS or not word.plain.endswith(_NO_NOUN)


def _stripped(run: Sequence[Word]) -> Sequence[Word]:
    """Return the run without words at its ends that say nothing; empty if no phrase is left."""
    first, last = 0, len(run)
    while first < last and _empty(run[first]):
        first += 1
    # A participle at the end is a verb, after its noun.
    while last > first and (_empty(run[last - 1]) or run[last - 1].plain.endswith(("ed", "ing"))):
        last -= 1
    phrase = run[first:last]
    size = sum(word.plain not in _JOINTS for word in phrase)
    return phrase if 1 < size <= LONGEST_PHRASE else ()


def _empty(word: Word) -> bool:
    return word.plain in GENERIC or word.plain in _JOINTS


def _technical(run: Sequence[Word]) -> bool:
    """Tell whether what the phrase is about, first in Spanish and last in English, is a technical noun."""
    head = run[0] if _spanish(run) else run[-1]
    return (head.plain in TECHNICAL_HEADS or head.plain.removesuffix("s") in TECHNICAL_HEADS) and not any(
        word.plain in GENERIC for word in run
    )


def _singular(run: Sequence[Word]) -> str:
    """Return a phrase with its head in the singular, as far as endings tell."""
    names = [word.plain for word in run]
    place = 0 if _spanish(run) else -1
    head = names[place]
    if head.endswith("ies"):
        names[place] = f"{head[:-3]}y"
    elif head.endswith(("sses", "xes", "ches", "shes", "ciones", "siones", "ores", "dades")):
        names[place] = head[:-2]
    elif head.endswith("s") and not head.endswith(("ss", "us", "is")):
        names[place] = head[:-1]
    return " ".join(names)


def _spanish(run: Sequence[Word]) -> bool:
    return any(word.plain in _JOINTS for word in run) or (
        run[0].plain.removesuffix("s") in TECHNICAL_HEADS
        and run[-1].plain.endswith(("o", "a", "os", "as", "al", "ales"))
    )
